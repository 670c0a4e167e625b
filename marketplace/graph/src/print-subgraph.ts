import { Kind, print } from 'graphql';
import {
  type Extension,
  type GraphModel,
  type Operation,
  type Parameter,
  type Reference,
} from './graph-model.js';
import { type ObjectShape, type Shape } from './shapes.js';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes"])';

/** As the core has it; it is shareable. */
const transactionType = `"""A committed ledger transaction, by where it stands."""
type Transaction @shareable {
  """Fabric transaction id."""
  id: ID!
  """Channel it was committed on."""
  channel: String!
  """Number of its block."""
  block: Int!
}`;

/** Scalars beside those of GraphQL itself. */
const customScalars = ['Date', 'DateTime', 'JSON', 'SafeInt'] as const;

const doc = (text: string | undefined): string =>
  text === undefined ? '' : `${print({ kind: Kind.STRING, value: text, block: true })}\n`;

/** What an evaluation is for, and what it answers. */
const answered = ({ description, answer }: Operation): string =>
  doc([description, answer].filter((text) => text !== undefined).join('\n\n') || undefined);

const mark = (deprecated: string | undefined): string =>
  deprecated === undefined ? '' : ` @deprecated(reason: ${print({ kind: Kind.STRING, value: deprecated })})`;

/** A query that says which version of the DApp answers: every subgraph has one field at least. */
export const versionField = (model: GraphModel): string => `${model.namespace.field}version`;

/** SDL (Federation 2) of a DApp's part of the graph; the same text for the same model. */
export function printSubgraph(model: GraphModel): string {
  return new Printer(model).print();
}

class Printer {
  readonly #model: GraphModel;
  /** Objects that go in, by name: those that parameters have, and what these have. */
  readonly #inputs: ReadonlySet<string>;
  readonly #enums: ReadonlyMap<string, readonly string[]>;

  constructor(model: GraphModel) {
    this.#model = model;
    this.#inputs = inputsOf(model);
    this.#enums = model.shapes.enums;
  }

  print(): string {
    const { shapes, mutations, events } = this.#model;
    const parts = [
      link,
      this.#queries(),
      mutations.length > 0 ? this.#mutations() : '',
      events.length > 0 ? this.#subscriptions() : '',
      ...[...shapes.objects].map(([name, object]) => this.#objectType(name, object)),
      ...[...this.#inputs].map((name) => this.#inputType(name)),
      ...[...this.#enums].map(([name, values]) => `enum ${this.#own(name)} {\n${values.join('\n')}\n}`),
      ...this.#stubs(),
      mutations.length + events.length > 0 ? transactionType : '',
      ...customScalars.map((name) => `scalar ${name}`),
    ];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  }

  #queries(): string {
    const fields = this.#model.queries.map(
      ({ field, operation }) =>
        `${answered(operation)}${field}${this.#arguments(operation.parameters)}: ${this.#answer(operation.returns)} @authenticated${mark(operation.deprecated)}`,
    );
    const version = `${doc(`Version of ${this.#model.dapp} that answers.`)}${versionField(this.#model)}: String @authenticated`;
    return `type Query {\n${[version, ...fields].join('\n')}\n}`;
  }

  #mutations(): string {
    const key = `${doc('Two calls by the same caller with the same key make one transaction.')}idempotencyKey: ID`;
    const fields = this.#model.mutations.map(
      ({ field, payload, operation: { description, deprecated, parameters } }) =>
        `${doc(description)}${field}${this.#arguments(parameters, key)}: ${this.#own(payload)}! @authenticated @requiresScopes(scopes: [["medigraph"]])${mark(deprecated)}`,
    );
    const payloads = this.#model.mutations.map(({ payload, field, operation: { returns, answer } }) =>
      [
        `${doc(`What ${field} did.`)}type ${this.#own(payload)} {`,
        ...(returns
          ? [`${doc(answer ?? 'What the contract answered.')}result: ${this.#answer(returns)}`]
          : []),
        `${doc('The transaction that did it.')}transaction: Transaction!`,
        '}',
      ].join('\n'),
    );
    return [`type Mutation {\n${fields.join('\n')}\n}`, ...payloads].join('\n\n');
  }

  #subscriptions(): string {
    const after = `${doc('Cursor to resume after; absent: from now on.')}after: String`;
    const fields = this.#model.events.map(
      ({ field, payload, description, filters }) =>
        `${doc(description)}${field}${this.#arguments(filters, after)}: ${this.#own(payload)}! @authenticated`,
    );
    const payloads = this.#model.events.map(({ payload, event, item }) =>
      [
        `${doc(`${event} has happened.`)}type ${this.#own(payload)} {`,
        `${doc('Pass it as `after` to resume behind this event.')}cursor: String!`,
        `${doc('Name of the ledger event.')}event: String!`,
        `${doc('The transaction that emitted it.')}transaction: Transaction!`,
        `${doc('When the transaction was signed.')}timestamp: DateTime!`,
        `${doc('What the contract says of it.')}item: ${this.#type(item)}`,
        '}',
      ].join('\n'),
    );
    return [`type Subscription {\n${fields.join('\n')}\n}`, ...payloads].join('\n\n');
  }

  #objectType(name: string, { description, fields }: ObjectShape): string {
    const entity = this.#model.entities.find(({ type }) => type === name);
    const references = this.#model.references.filter(({ type }) => type === name);
    const replaced = new Set(references.map(({ field }) => field));
    const own = [...fields]
      .filter(([field]) => !replaced.has(field))
      .map(
        ([field, { shape, description: said, deprecated }]) =>
          `${doc(said)}${field}: ${this.#type(shape)}${mark(deprecated)}`,
      );
    const led = references.map(
      (reference) =>
        `${doc(fields.get(reference.source)?.description)}${reference.field}: ${this.#referred(reference)}`,
    );
    const key = entity ? ` @key(fields: "${entity.key}")` : '';
    const added = this.#extensionsOf(this.#own(name));
    return `${doc(description)}type ${this.#own(name)}${key} {\n${[...own, ...led, ...added].join('\n')}\n}`;
  }

  /** May be absent, as whoever asks may not see it, or it is no more. */
  #referred({ to, list }: Reference): string {
    const type = 'core' in to ? to.core : this.#own(to.own.type);
    return list ? `[${type}]` : type;
  }

  #inputType(name: string): string {
    const object = this.#model.shapes.objects.get(name);
    const fields = [...(object?.fields ?? [])].map(
      // What must be given cannot be marked as deprecated.
      ([field, { shape, description, deprecated }]) =>
        `${doc(description)}${field}: ${this.#type(shape, 'Input')}${mark(shape.nullable ? deprecated : undefined)}`,
    );
    return `${doc(object?.description)}input ${this.#own(name)}Input {\n${fields.join('\n')}\n}`;
  }

  /** Types of the core, as far as fields are added to them or lead to them. */
  #stubs(): string[] {
    const { extensions, references } = this.#model;
    const extended = new Set(extensions.filter(({ ofCore }) => ofCore).map(({ type }) => type));
    const referred = references.flatMap(({ to }) => ('core' in to ? [to.core] : []));
    return [...new Set([...extended, ...referred])].map((type) => {
      const key = extended.has(type) ? '@key(fields: "id")' : '@key(fields: "id", resolvable: false)';
      return `type ${type} ${key} {\n${['id: ID!', ...this.#extensionsOf(type)].join('\n')}\n}`;
    });
  }

  #extensionsOf(type: string): string[] {
    const wanted = this.#model.extensions.filter((extension) => extension.type === type);
    return wanted.map((extension: Extension) => {
      const { field, find, asked, many } = extension;
      const returned = this.#answer(
        many !== undefined && find.returns?.kind === 'list' ? find.returns.of : find.returns,
      );
      return `${answered(find)}${field}${this.#arguments(asked)}: ${returned} @authenticated${mark(find.deprecated)}`;
    });
  }

  #arguments(parameters: readonly Parameter[], last?: string): string {
    const all = parameters.map(
      ({ name, description, shape }) => `${doc(description)}${name}: ${this.#type(shape, 'Input')}`,
    );
    if (last !== undefined) all.push(last);
    return all.length === 0 ? '' : `(\n${all.join('\n')}\n)`;
  }

  /** What a contract answers may always be absent: there is nothing, or the caller may not see it. */
  #answer(shape: Shape | undefined): string {
    return shape ? this.#type({ ...shape, nullable: true }) : 'JSON';
  }

  #type(shape: Shape, suffix = ''): string {
    const end = shape.nullable ? '' : '!';
    switch (shape.kind) {
      case 'scalar':
        return `${shape.scalar}${end}`;
      case 'enum':
        return `${this.#own(shape.name)}${end}`;
      case 'list':
        return `[${this.#type(shape.of, suffix)}]${end}`;
      case 'object':
        return `${this.#own(shape.name)}${suffix}${end}`;
    }
  }

  #own(name: string): string {
    return `${this.#model.namespace.type}${name}`;
  }
}

function inputsOf({ queries, mutations, extensions, shapes }: GraphModel): ReadonlySet<string> {
  const inputs = new Set<string>();
  const open = [...queries, ...mutations]
    .flatMap(({ operation }) => operation.parameters)
    .concat(extensions.flatMap(({ asked }) => asked))
    .map(({ shape }) => shape);
  for (let shape = open.pop(); shape; shape = open.pop()) {
    if (shape.kind === 'list') open.push(shape.of);
    if (shape.kind !== 'object' || inputs.has(shape.name)) continue;
    inputs.add(shape.name);
    for (const field of shapes.objects.get(shape.name)?.fields.values() ?? []) open.push(field.shape);
  }
  return inputs;
}
