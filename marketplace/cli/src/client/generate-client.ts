/** A typed client of a DApp, as one TypeScript file that needs nothing but itself. */
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  isInputObjectType,
  isNonNullType,
} from 'graphql';
import { type DAppOperation, type DAppSchema, fieldsOf, type ShapeField } from './dapp-schema.js';

const scalars: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  Date: 'string',
  DateTime: 'string',
  Float: 'number',
  ID: 'string',
  Int: 'number',
  JSON: 'unknown',
  SafeInt: 'number',
  String: 'string',
};

/** Levels of objects in objects that a client selects. */
const deepest = 8;

/** @returns source of the client: types, and a class with a method for every operation. */
export function generateClient(schema: DAppSchema): string {
  const { dapp, operations, objects, inputs, enums } = schema;
  const select = selector(objects);
  const name = `${dapp.split('-').map(capital).join('')}Client`;
  return [
    `/** Client of the DApp ${dapp}; made by \`medigraph dapp client\`: make it anew rather than change it. */`,
    transport,
    ...enums.map(enumType),
    ...objects.map((type) => interfaceOf(type)),
    ...inputs.map((type) => interfaceOf(type)),
    `export class ${name} {\n  constructor(private readonly graph: GraphTransport) {}\n\n${operations
      .map((operation) => methodOf(operation, select))
      .join('\n\n')}\n}`,
    '',
  ].join('\n\n');
}

const transport = `/** How a client reaches the graph: \`request\` with fetch, \`subscribe\` with graphql-ws or any other. */
export interface GraphTransport {
  /** Rejects if the answer has errors. */
  request<Data>(query: string, variables: object): Promise<Data>;
  subscribe<Data>(query: string, variables: object): AsyncIterable<Data>;
}`;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

type Described = Pick<ShapeField, 'description' | 'deprecationReason'>;

function comment({ description, deprecationReason }: Described, indent = ''): string {
  const text = [description, deprecationReason && `@deprecated ${deprecationReason}`]
    .filter(Boolean)
    .join(' ');
  return text === '' ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/').replaceAll(/\n+/g, ' ')} */\n`;
}

function enumType(type: GraphQLEnumType): string {
  const values = type.getValues().map(({ name }) => `'${name}'`);
  return `${comment(type)}export type ${type.name} = ${values.join(' | ')};`;
}

function interfaceOf(type: GraphQLObjectType | GraphQLInputObjectType): string {
  const fields = fieldsOf(type).map((field) => {
    const optional = isInputObjectType(type) && !isNonNullType(field.type) ? '?' : '';
    return `${comment(field, '  ')}  readonly ${field.name}${optional}: ${typeOf(field.type)};`;
  });
  return `${comment(type)}export interface ${type.name} {\n${fields.join('\n')}\n}`;
}

/** A type as TypeScript writes it, from how GraphQL does: what may be null is. */
function typeOf(type: { toString(): string }): string {
  const written = String(type);
  return written.endsWith('!') ? bare(written.slice(0, -1)) : `${bare(written)} | null`;
}

function bare(written: string): string {
  if (written.startsWith('[')) return `readonly (${typeOf(written.slice(1, -1))})[]`;
  return scalars[written] ?? written;
}

function methodOf({ kind, field, name, definition }: DAppOperation, select: Select): string {
  const { args, type } = definition;
  const isOptional = args.every((each) => !isNonNullType(each.type));
  const parameters = args
    .map((each) => `readonly ${each.name}${isNonNullType(each.type) ? '' : '?'}: ${typeOf(each.type)}`)
    .join('; ');
  const given = args.length === 0 ? '' : `given: { ${parameters} }${isOptional ? ' = {}' : ''}`;
  const declared = args.map((each) => `$${each.name}: ${String(each.type)}`).join(', ');
  const passed = args.map((each) => `${each.name}: $${each.name}`).join(', ');
  const head = `${kind}${declared === '' ? '' : `(${declared})`}`;
  const call = `${field}${passed === '' ? '' : `(${passed})`}`;
  const query = `${head} { ${call}${select(nameOf(type))} }`;
  const variables = args.length === 0 ? '{}' : 'given';
  const result = typeOf(type);
  const text = JSON.stringify(query);
  const body =
    kind === 'subscription'
      ? `  async *${name}(${given}): AsyncGenerator<${result}, void> {
    for await (const data of this.graph.subscribe<{ ${field}: ${result} }>(
      ${text},
      ${variables},
    ))
      yield data.${field};
  }`
      : `  async ${name}(${given}): Promise<${result}> {
    const data = await this.graph.request<{ ${field}: ${result} }>(
      ${text},
      ${variables},
    );
    return data.${field};
  }`;
  return comment(definition, '  ') + body;
}

/** Everything of what an object answers, by its name; one inside of itself ends where it comes again. */
type Select = (type: string) => string;

function selector(objects: readonly GraphQLObjectType[]): Select {
  const known = new Map(objects.map((type) => [type.name, fieldsOf(type)]));
  const selectionOf = (type: string, above: readonly string[]): string => {
    const fields = known.get(type);
    if (fields === undefined) return '';
    const selected = fields.flatMap((field) => {
      const inner = nameOf(field.type);
      if (known.has(inner) && (above.includes(inner) || above.length >= deepest)) return [];
      return [field.name + selectionOf(inner, [...above, type])];
    });
    return ` { ${selected.join(' ')} }`;
  };
  return (type) => selectionOf(type, []);
}

/** Name of a type without what is around it: of `[Slot!]!` it is `Slot`. */
const nameOf = (type: { toString(): string }): string => String(type).replaceAll(/[[\]!]/g, '');
