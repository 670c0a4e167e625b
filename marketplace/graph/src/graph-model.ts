/** What a DApp has in the graph: decided once, from the metadata of its contracts and the manifest, and then printed and executed. */
import { type DAppManifest, graphNamespace } from '@medigraph/schema/dapps';
import { DAppContractsMismatch, DAppGraphInvalid, DAppNameCollision } from './errors.js';
import { type ChaincodeMetadata, type ContractTransaction } from './metadata.js';
import { deprecation, described, ShapeReader } from './shape-reader.js';
import { type ScalarName, type Shape, type Shapes, withNull } from './shapes.js';

/** What is needed of a manifest. */
export type GraphManifest = Pick<DAppManifest, 'id' | 'version' | 'channel' | 'graph' | 'webhooks'> & {
  readonly contracts: Pick<DAppManifest['contracts'], 'names'>;
};

/** Something that is asked for by name. */
export interface Parameter {
  readonly name: string;
  readonly description?: string;
  readonly shape: Shape;
}

/** A transaction, with what goes in and comes out. */
export interface Operation {
  readonly contract: string;
  readonly transaction: string;
  readonly kind: 'submit' | 'evaluate';
  readonly description?: string;
  /** Why it should not be called any more. */
  readonly deprecated?: string;
  readonly parameters: readonly Parameter[];
  /** Absent where the contract says nothing of it. */
  readonly returns?: Shape;
  /** What is answered, where the contract says more of it than its type. */
  readonly answer?: string;
}

/** A field of a root type. */
export interface RootField {
  readonly field: string;
  readonly operation: Operation;
  /** Of a mutation: the type of its payload. */
  readonly payload: string;
}

/** A type that others may refer to. */
export interface Entity {
  readonly type: string;
  readonly key: string;
  readonly find: Operation;
  /** The parameter of `find` that takes the key; with `many`, a list of keys, answered in their order. */
  readonly by: string;
  readonly many: boolean;
}

/** A field that leads from what a type has the key of to the entity. */
export interface Reference {
  /** Type of the DApp, without namespace. */
  readonly type: string;
  readonly field: string;
  /** Field of the type that has the key. */
  readonly source: string;
  /** Whether it has a list of keys. */
  readonly list: boolean;
  /** What is referred to: an entity of the core, by its `id`, or one of the DApp. */
  readonly to: { readonly core: string } | { readonly own: Entity };
}

/** A field that an evaluation answers, on a type of the core or of the DApp. */
export interface Extension {
  /** Type in the graph, with namespace where it is the DApp's. */
  readonly type: string;
  readonly ofCore: boolean;
  readonly field: string;
  readonly find: Operation;
  /** Parameter to field of the parent. */
  readonly from: ReadonlyMap<string, string>;
  /** The one of these parameters that takes a list of what each parent has one of; answers come in its order. */
  readonly many?: string;
  /** The parameters that are asked for as arguments. */
  readonly asked: readonly Parameter[];
}

/** An event that can be subscribed to. */
export interface EventField {
  readonly field: string;
  readonly payload: string;
  /** Name of the contracts' event. */
  readonly event: string;
  readonly description?: string;
  /** Of one item. */
  readonly item: Shape;
  readonly filters: readonly Parameter[];
}

/** A DApp in the graph. */
export interface GraphModel {
  readonly dapp: string;
  readonly version: string;
  readonly channel: string;
  readonly namespace: { readonly field: string; readonly type: string };
  readonly shapes: Shapes;
  readonly queries: readonly RootField[];
  readonly mutations: readonly RootField[];
  readonly entities: readonly Entity[];
  readonly extensions: readonly Extension[];
  readonly references: readonly Reference[];
  readonly events: readonly EventField[];
  /** Where the back end hears of which events; of others than these, nothing is said anywhere. */
  readonly webhooks: readonly { readonly event: EventField; readonly url: string }[];
}

/** Types of the core that DApps may add fields to, by the key that the core has for them. */
export const coreEntities: ReadonlySet<string> = new Set(['Patient', 'Institution', 'Practitioner']);

/** What the graph itself asks for beside the parameters of a contract. */
const reserved = { mutation: 'idempotencyKey', subscription: 'after' } as const;

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const small = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);
const keyOf = ({ contract, name }: Pick<ContractTransaction, 'contract' | 'name'>): string =>
  `${contract}:${name}`;

/**
 * The graph of a DApp.
 * @throws {@link DAppContractsMismatch}, `DAPP_METADATA_INVALID`, {@link DAppGraphInvalid}, {@link DAppNameCollision}
 */
export function graphModel(manifest: GraphManifest, metadata: ChaincodeMetadata): GraphModel {
  return new ModelBuilder(manifest, metadata).build();
}

class ModelBuilder {
  readonly #manifest: GraphManifest;
  readonly #metadata: ChaincodeMetadata;
  readonly #shapes: ShapeReader;
  readonly #operations = new Map<string, Operation>();

  constructor(manifest: GraphManifest, metadata: ChaincodeMetadata) {
    this.#manifest = manifest;
    this.#metadata = metadata;
    this.#shapes = new ShapeReader(metadata.schemas);
  }

  build(): GraphModel {
    const { id, version, channel, contracts } = this.#manifest;
    const found = this.#metadata.contracts;
    if ([...contracts.names].sort().join() !== found.join())
      throw new DAppContractsMismatch(contracts.names, found);
    for (const transaction of this.#metadata.transactions) {
      const key = keyOf(transaction);
      if (this.#operations.has(key))
        throw new DAppNameCollision(key, 'a transaction', 'another one of the same name');
      this.#operations.set(key, this.#operationOf(transaction));
    }
    const roots = this.#rootFields();
    const entities = this.#entities();
    const events = this.#events();
    const model: GraphModel = {
      dapp: id,
      version,
      channel,
      namespace: graphNamespace(id),
      queries: roots.filter(({ operation }) => operation.kind === 'evaluate'),
      mutations: roots.filter(({ operation }) => operation.kind === 'submit'),
      entities,
      extensions: this.#extensions(),
      references: this.#references(entities),
      events,
      webhooks: (this.#manifest.webhooks ?? []).flatMap(({ event: name, url }) =>
        events.filter(({ event }) => event === name).map((event) => ({ event, url })),
      ),
      shapes: this.#shapes,
    };
    requireDistinctNames(model);
    return model;
  }

  #operationOf(transaction: ContractTransaction): Operation {
    const { contract, name, kind, description, deprecated, parameters, returns } = transaction;
    const where = `contracts.${contract}.${name}`;
    const type = capital(name);
    const renamed = new Map(Object.entries(this.#manifest.graph?.arguments?.[keyOf(transaction)] ?? {}));
    for (const parameter of renamed.keys())
      if (!parameters.some((one) => one.name === parameter))
        throw new DAppGraphInvalid(`arguments.${keyOf(transaction)}`, `there is no parameter ${parameter}`);
    const read = parameters.map((parameter) => ({
      name: renamed.get(parameter.name) ?? parameter.name,
      description: described(parameter.description),
      shape: this.#shapes.shapeOf(
        parameter.schema,
        `${type}${capital(parameter.name)}`,
        `${where}.parameters.${parameter.name}`,
      ),
    }));
    const twice = read.find(
      (parameter, index) => read.findIndex((other) => other.name === parameter.name) < index,
    );
    if (twice) throw new DAppNameCollision(`${where}.${twice.name}`, 'a parameter', 'another one');
    return {
      contract,
      transaction: name,
      kind,
      description: described(description),
      deprecated: deprecation(deprecated),
      parameters: read,
      returns: returns && this.#shapes.shapeOf(returns, `${type}Result`, `${where}.returns`),
      answer: typeof returns?.['description'] === 'string' ? described(returns['description']) : undefined,
    };
  }

  #rootFields(): RootField[] {
    const { names = {}, arguments: renamedArguments = {}, hidden = [] } = this.#manifest.graph ?? {};
    for (const key of Object.keys(renamedArguments)) this.#operation(key, `arguments.${key}`);
    for (const key of Object.keys(names)) this.#operation(key, `names.${key}`);
    for (const key of hidden) this.#operation(key, 'hidden');
    const renamed = new Map(Object.entries(names));
    const { field } = graphNamespace(this.#manifest.id);
    return [...this.#operations]
      .filter(([key]) => !hidden.includes(key))
      .map(([key, operation]) => {
        const name = small(renamed.get(key) ?? operation.transaction);
        const taken = operation.parameters.some((parameter) => parameter.name === reserved.mutation);
        if (operation.kind === 'submit' && taken)
          throw new DAppNameCollision(
            `${field}${name}.${reserved.mutation}`,
            'a parameter',
            "the graph's own",
          );
        return { field: `${field}${name}`, operation, payload: `${capital(name)}Payload` };
      });
  }

  #entities(): Entity[] {
    return Object.entries(this.#manifest.graph?.entities ?? {}).map(([type, { key, find }]) => {
      const where = `entities.${type}`;
      const object = this.#objectOf(type, where);
      const field = object.fields.get(key);
      if (field?.shape.kind !== 'scalar' || field.shape.scalar === 'JSON')
        throw new DAppGraphInvalid(`${where}.key`, `${type} has no field ${key} of one value`);
      const operation = this.#evaluation(find, `${where}.find`);
      const [parameter, ...others] = operation.parameters;
      if (!parameter || others.length > 0 || scalarIn(parameter.shape) === undefined)
        throw new DAppGraphInvalid(
          `${where}.find`,
          `${find} must have one parameter: the key, or a list of keys`,
        );
      const many = parameter.shape.kind === 'list';
      const found = many ? each(operation, `${where}.find`) : operation;
      const one = many && found.returns?.kind === 'list' ? found.returns.of : found.returns;
      if (one?.kind !== 'object' || one.name !== type)
        throw new DAppGraphInvalid(
          `${where}.find`,
          `${find} must answer a ${type}, or a list of them for many keys`,
        );
      // What names a thing is never absent, and its value is an id.
      const { shape } = field;
      const scalar = shape.scalar === 'String' ? 'ID' : shape.scalar;
      object.fields.set(key, { ...field, shape: { kind: 'scalar', scalar, nullable: false } });
      return { type, key, find: found, by: parameter.name, many };
    });
  }

  #extensions(): Extension[] {
    const { id, graph } = this.#manifest;
    const namespace = graphNamespace(id);
    return (graph?.extensions ?? []).map(({ type, field, find, with: bindings }, index) => {
      const where = `extensions.${index}`;
      const ofCore = coreEntities.has(type);
      const operation = this.#evaluation(find, `${where}.find`);
      const from = new Map(Object.entries(bindings));
      const own = ofCore ? undefined : this.#objectOf(type, `${where}.type`);
      const many: string[] = [];
      for (const [name, source] of from) {
        const parameter = operation.parameters.find((one) => one.name === name);
        if (!parameter) throw new DAppGraphInvalid(`${where}.with`, `${find} has no parameter ${name}`);
        if (own ? own.fields.get(source)?.shape.kind !== 'scalar' : source !== 'id')
          throw new DAppGraphInvalid(`${where}.with`, `${type} has no field ${source} to take ${name} from`);
        if (parameter.shape.kind === 'list') many.push(name);
      }
      if (many.length > 1)
        throw new DAppGraphInvalid(
          `${where}.with`,
          `${find} takes lists for ${many.join(' and ')}: one can be, at most`,
        );
      if (own?.fields.has(field))
        throw new DAppNameCollision(`${type}.${field}`, 'an extension', 'a field of the type');
      return {
        type: ofCore ? type : `${namespace.type}${type}`,
        ofCore,
        field: ofCore ? `${namespace.field}${field}` : field,
        find: many.length > 0 ? each(operation, `${where}.find`) : operation,
        from,
        many: many[0],
        asked: operation.parameters.filter(({ name }) => !from.has(name)),
      };
    });
  }

  #references(entities: readonly Entity[]): Reference[] {
    return (this.#manifest.graph?.references ?? []).map(({ type, field, entity, with: bindings }, index) => {
      const where = `references.${index}`;
      const { fields } = this.#objectOf(type, `${where}.type`);
      const own = entities.find((one) => one.type === entity);
      if (!own && !coreEntities.has(entity))
        throw new DAppGraphInvalid(`${where}.entity`, `${entity} is no entity`);
      const key = own?.key ?? 'id';
      const [[parameter, source] = [], ...others] = Object.entries(bindings);
      const shape = source === undefined ? undefined : fields.get(source)?.shape;
      if (others.length > 0 || parameter !== key || source === undefined || !shape || !scalarIn(shape))
        throw new DAppGraphInvalid(
          `${where}.with`,
          `must say which field of ${type} has the ${key} of a ${entity}: { "${key}": FIELD }`,
        );
      const named = entities.find((one) => one.type === type);
      if (field !== source && fields.has(field))
        throw new DAppNameCollision(`${type}.${field}`, 'a reference', 'a field of the type');
      if (named?.key === field)
        throw new DAppGraphInvalid(`${where}.field`, `${field} is the key of ${type}, and stays what it is`);
      const list = shape.kind === 'list';
      return { type, field, source, list, to: own ? { own } : { core: entity } };
    });
  }

  #events(): EventField[] {
    const { id, graph } = this.#manifest;
    const { field } = graphNamespace(id);
    return Object.entries(graph?.events ?? {}).map(([event, { type, description, filter = [] }]) => {
      const where = `events.${event}`;
      const object = this.#objectOf(type, `${where}.type`);
      return {
        field: `${field}${small(event)}`,
        payload: `${capital(event)}Event`,
        event,
        description: described(description),
        item: { kind: 'object', name: type, nullable: false },
        filters: filter.map((name) => {
          const shape = object.fields.get(name)?.shape;
          if (!shape || (shape.kind !== 'enum' && shape.kind !== 'scalar'))
            throw new DAppGraphInvalid(`${where}.filter`, `${type} has no field ${name} of one value`);
          if (name === reserved.subscription)
            throw new DAppNameCollision(`${field}${small(event)}.${name}`, 'a filter', "the graph's own");
          return { name, shape: withNull(shape, true), description: `Only where ${name} is this.` };
        }),
      };
    });
  }

  #objectOf(type: string, where: string) {
    // Components that no transaction names have not been read so far.
    if (this.#metadata.schemas.has(type)) this.#shapes.component(type, where);
    const object = this.#shapes.objects.get(type);
    if (!object) throw new DAppGraphInvalid(where, `the metadata have no object ${type}`);
    return object;
  }

  #operation(key: string, where: string): Operation {
    const operation = this.#operations.get(key);
    if (!operation) throw new DAppGraphInvalid(where, `there is no transaction ${key}`);
    return operation;
  }

  #evaluation(key: string, where: string): Operation {
    const operation = this.#operation(key, where);
    if (operation.kind !== 'evaluate')
      throw new DAppGraphInvalid(where, `${key} writes; it must only evaluate`);
    return operation;
  }
}

/** Names of input types, payloads and events are made: they must not meet what the metadata name. */
function requireDistinctNames(model: GraphModel): void {
  const types = new Map<string, string>();
  const take = (names: Map<string, string>, name: string, what: string): void => {
    const other = names.get(name);
    if (other !== undefined) throw new DAppNameCollision(name, what, other);
    names.set(name, what);
  };
  for (const name of model.shapes.objects.keys()) {
    take(types, name, 'a type');
    take(types, `${name}Input`, `the input type of ${name}`);
  }
  for (const name of model.shapes.enums.keys()) take(types, name, 'an enum');
  for (const { payload, field } of model.mutations) take(types, payload, `the payload of ${field}`);
  for (const { payload, event } of model.events) take(types, payload, `the payload of ${event}`);
  const roots = [model.queries, model.mutations, model.events] as const;
  for (const fields of roots) {
    const names = new Map<string, string>();
    for (const { field } of fields) take(names, field, 'a field');
  }
  const added = new Map<string, string>();
  for (const { type, field } of model.extensions) take(added, `${type}.${field}`, 'an extension');
  for (const { type, field } of model.references)
    take(added, `${model.namespace.type}${type}.${field}`, 'a reference');
}

/** The scalar that a shape is, or is a list of; none for JSON, which no key is. */
function scalarIn(shape: Shape): ScalarName | undefined {
  const one = shape.kind === 'list' ? shape.of : shape;
  return one.kind === 'scalar' && one.scalar !== 'JSON' ? one.scalar : undefined;
}

/** An evaluation that is asked for many at once: it answers a list, with nothing in the place of what there is not. */
function each(operation: Operation, where: string): Operation {
  const { returns } = operation;
  if (returns?.kind !== 'list')
    throw new DAppGraphInvalid(
      where,
      `${operation.transaction} takes a list, so it must answer a list, in its order`,
    );
  return { ...operation, returns: { ...returns, of: withNull(returns.of, true) } };
}
