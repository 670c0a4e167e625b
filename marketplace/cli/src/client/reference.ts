/** A reference of a DApp for whoever uses it, as Markdown. */
import { type DAppManifest } from '@medigraph/schema/dapps';
import { type GraphQLArgument, type GraphQLInputObjectType, type GraphQLObjectType } from 'graphql';
import {
  type DAppOperation,
  type DAppSchema,
  fieldsOf,
  type OperationKind,
  type ShapeField,
} from './dapp-schema.js';

const titles: Readonly<Record<OperationKind, string>> = {
  query: 'Queries',
  mutation: 'Mutations',
  subscription: 'Subscriptions',
};

/** What a DApp is, what it asks for, and everything that can be asked of it. */
export function referenceOf(
  manifest: DAppManifest,
  { operations, objects, inputs, enums }: DAppSchema,
): string {
  const { name, id, version, summary, description, scopes } = manifest;
  const asked = [
    ...scopes.required.map((scope) => ({ ...scope, needed: 'required' })),
    ...scopes.optional.map((scope) => ({ ...scope, needed: 'optional' })),
  ];
  return [
    `# ${name}`,
    `${id} ${version}. ${summary}`,
    ...(description === undefined ? [] : [description]),
    ...(asked.length === 0
      ? []
      : [
          '## What it asks for',
          table(
            ['scope', '', 'why'],
            asked.map((scope) => [`\`${scope.id}\``, scope.needed, scope.reason]),
          ),
        ]),
    ...(Object.keys(titles) as OperationKind[]).flatMap((kind) => {
      const some = operations.filter((each) => each.kind === kind);
      return some.length === 0 ? [] : [`## ${titles[kind]}`, ...some.flatMap(operation)];
    }),
    ...[...objects, ...inputs].flatMap(shape),
    ...enums.flatMap((type) => [
      `### ${type.name}`,
      type.description ?? '',
      type
        .getValues()
        .map((each) => `- \`${each.name}\`${each.description ? `: ${each.description}` : ''}`)
        .join('\n'),
    ]),
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}

/** A description, and whether something should not be used any more. */
const described = ({
  description,
  deprecationReason,
}: Pick<ShapeField, 'description' | 'deprecationReason'>) =>
  [description, deprecationReason && `Deprecated: ${deprecationReason}`].filter(Boolean).join('\n\n');

function operation({ field, definition }: DAppOperation): string[] {
  const { args, type } = definition;
  return [
    `### ${field}`,
    described(definition),
    args.length === 0 ? '' : argumentsTable(args),
    `Answers \`${String(type)}\`.`,
  ];
}

const argumentsTable = (args: readonly GraphQLArgument[]): string =>
  table(
    ['argument', 'type', ''],
    args.map((each) => [`\`${each.name}\``, `\`${String(each.type)}\``, each.description ?? '']),
  );

function shape(type: GraphQLObjectType | GraphQLInputObjectType): string[] {
  const fields = fieldsOf(type);
  return [
    `### ${type.name}`,
    type.description ?? '',
    table(
      ['field', 'type', ''],
      fields.map((field) => [`\`${field.name}\``, `\`${String(field.type)}\``, described(field)]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\n+/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
