import { expect, test } from '@jest/globals';
import { compose } from '@medigraph/schema/composition';
import { buildSchema, GraphQLEnumType, type GraphQLObjectType, isObjectType } from 'graphql';
import { readFileSync } from 'node:fs';
import { executableGraph, graphModel, readMetadata, type GraphManifest } from './index.js';
import { goMetadata, javaMetadata, nodeMetadata } from './testing/fixtures/metadata.js';

const manifestOf = (names: string[], graph: GraphManifest['graph'] = {}): GraphManifest => ({
  id: 'pharma-trace',
  version: '1.0.0',
  channel: 'care',
  contracts: { names },
  graph,
});

const made = (metadata: unknown, names: string[], graph?: GraphManifest['graph']) =>
  executableGraph(graphModel(manifestOf(names, graph), readMetadata(JSON.stringify(metadata))));

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

const wholeGraph: GraphManifest['graph'] = {
  names: { 'Traces:Anything': 'whatever' },
  entities: { Batch: { key: 'id', find: 'Traces:ReadBatch' } },
  extensions: [
    { type: 'Patient', field: 'batches', find: 'Traces:BatchesOf', with: { patient: 'id' } },
    { type: 'Party', field: 'owned', find: 'Traces:BatchesOf', with: { patient: 'name' } },
  ],
  events: { Recalled: { type: 'Batch', filter: ['status'] } },
};

test('a contract of Node becomes queries, mutations, events, entities and extensions', () => {
  const { schema, sdl } = made(nodeMetadata, ['Traces'], wholeGraph);
  expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual([
    'pharmaTrace_version',
    'pharmaTrace_readBatch',
    'pharmaTrace_batchesOf',
    'pharmaTrace_batchesById',
    'pharmaTrace_firstOf',
    'pharmaTrace_whatever',
    '_entities',
    '_service',
  ]);
  const register = schema.getMutationType()?.getFields()['pharmaTrace_register'];
  expect(register?.args.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'batch: PharmaTrace_BatchInput!',
    'copies: Float!',
    'idempotencyKey: ID',
  ]);
  expect(String(register?.type)).toBe('PharmaTrace_RegisterPayload!');
  const subscription = schema.getSubscriptionType()?.getFields()['pharmaTrace_recalled'];
  expect(subscription?.args.map(({ name }) => name)).toEqual(['status', 'after']);
  const batch = schema.getType('PharmaTrace_Batch') as GraphQLObjectType;
  expect(batch.description).toBe('A batch of a product.');
  expect(Object.values(batch.getFields()).map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'id: ID!',
    'holder: PharmaTrace_Holder',
    'status: PharmaTrace_BatchStatus',
    'expires: Date',
    'constructor: String',
    'notes: JSON',
  ]);
  expect(schema.getType('PharmaTrace_BatchStatus')).toBeInstanceOf(GraphQLEnumType);
  expect(Object.keys((schema.getType('PharmaTrace_Holder') as GraphQLObjectType).getFields()).sort()).toEqual(
    ['batches', 'name', 'since'],
  );
  expect(sdl).toContain('type PharmaTrace_Batch @key(fields: "id")');
  expect(sdl).not.toContain('GetMetadata');
});

test('a contract of Go becomes the same, with its numbers and what it requires', () => {
  const { schema } = made(goMetadata, ['Warehouse'], {
    arguments: { 'Warehouse:ReadPallet': { param0: 'id' }, 'Warehouse:Store': { param0: 'pallet' } },
    entities: { Pallet: { key: 'id', find: 'Warehouse:ReadPallet' } },
    events: { PalletStored: { type: 'Pallet', filter: ['parent_id'] } },
  });
  const pallet = schema.getType('PharmaTrace_Pallet') as GraphQLObjectType;
  expect(Object.values(pallet.getFields()).map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'big: Float!',
    'count: Int!',
    'fragile: Boolean!',
    'id: ID!',
    'labels: JSON',
    'notes: [String!]',
    'packedAt: DateTime!',
    'parent_id: String',
    'size: PharmaTrace_Dimensions!',
    'weight: SafeInt!',
  ]);
  const {
    pharmaTrace_count: count,
    pharmaTrace_readPallet: read,
    pharmaTrace_echo_Back: echo,
  } = schema.getQueryType()?.getFields() ?? {};
  expect(count?.args.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'param0: Boolean!',
    'param1: DateTime!',
    'param2: [SafeInt!]!',
    'param3: PharmaTrace_DimensionsInput!',
  ]);
  expect(read?.args.map(({ name }) => name)).toEqual(['id']);
  expect(String(echo?.type)).toBe('String');
  const store = schema.getMutationType()?.getFields()['pharmaTrace_store'];
  expect(store?.args.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
    'pallet: PharmaTrace_PalletInput!',
    'idempotencyKey: ID',
  ]);
});

test('a contract of Java becomes the same, though its schemas have ids with packages', () => {
  const contract = 'org.example.depot-1';
  const { schema } = made(javaMetadata, [contract], {
    arguments: { [`${contract}:read`]: { arg1: 'id' } },
    entities: { Pallet: { key: 'id', find: `${contract}:read` } },
  });
  const queries = schema.getQueryType()?.getFields() ?? {};
  expect(Object.keys(queries)).toEqual([
    'pharmaTrace_version',
    'pharmaTrace_read',
    'pharmaTrace_exists_now',
    'pharmaTrace_text',
    'pharmaTrace_list',
    '_entities',
    '_service',
  ]);
  expect(queries['pharmaTrace_text']?.args.map(({ type }) => String(type))).toEqual([
    'String!',
    'SafeInt!',
    'Float!',
    '[String!]!',
  ]);
  expect(String(queries['pharmaTrace_list']?.type)).toBe('[PharmaTrace_Pallet!]');
  expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual([
    'pharmaTrace_store',
    'pharmaTrace_remove',
  ]);
});

test.each<[string, NonNullable<GraphManifest['graph']>['arguments'], string]>([
  ['of a transaction that is not there', { 'Warehouse:Gone': { param0: 'id' } }, 'DAPP_GRAPH_INVALID'],
  ['that is not there', { 'Warehouse:Remove': { param1: 'id' } }, 'DAPP_GRAPH_INVALID'],
  [
    'to the name of another',
    { 'Warehouse:ListPallets': { param0: 'from', param1: 'from' } },
    'DAPP_NAME_COLLISION',
  ],
  ['to a name of the graph', { 'Warehouse:Remove': { param0: 'idempotencyKey' } }, 'DAPP_NAME_COLLISION'],
])('a parameter %s is not renamed', (_what, renamed, code) => {
  expect(codeOf(() => made(goMetadata, ['Warehouse'], { arguments: renamed }))).toBe(code);
});

test('it composes with the core, beside another DApp', () => {
  const core = ['patients', 'records', 'consent', 'claims'].map((name): [string, string] => [
    name,
    readFileSync(new URL(`../../../schema/subgraphs/${name}.graphql`, import.meta.url), 'utf8'),
  ]);
  const { sdl } = made(nodeMetadata, ['Traces'], wholeGraph);
  const other = executableGraph(
    graphModel({ ...manifestOf(['Warehouse']), id: 'assets' }, readMetadata(JSON.stringify(goMetadata))),
  );
  const supergraph = buildSchema(compose(new Map([...core, ['dapp-a', sdl], ['dapp-b', other.sdl]])), {
    assumeValid: true,
  });
  const patient = supergraph.getType('Patient');
  expect(isObjectType(patient) && Object.keys(patient.getFields())).toContain('pharmaTrace_batches');
  expect(supergraph.getMutationType()?.getFields()).toHaveProperty('assets_store');
});

/** Metadata of one evaluation with this answer. */
const answering = (returns: unknown, schemas: unknown = {}): unknown => ({
  contracts: { A: { transactions: [{ name: 'Get', tag: ['EVALUATE'], parameters: [], returns }] } },
  components: { schemas },
});
const nested = (depth: number): unknown =>
  depth === 0 ? { type: 'string' } : { type: 'array', items: nested(depth - 1) };

const hostile: Readonly<Record<string, () => unknown>> = {
  'a reference to nothing': () => answering({ $ref: '#/components/schemas/Missing' }),
  'a reference to another document': () => answering({ $ref: 'https://example.org/schema.json#/A' }),
  'a reference to a file': () => answering({ $ref: '../../etc/passwd' }),
  'schemas that are each other': () =>
    answering({ $ref: 'A' }, { A: { $ref: 'B' }, B: { $ref: '#/components/schemas/A' } }),
  'a schema that inherits from itself': () =>
    answering({ $ref: 'A' }, { A: { allOf: [{ $ref: 'B' }] }, B: { allOf: [{ $ref: 'A' }] } }),
  'the id of another schema': () =>
    answering({ $ref: 'A' }, { A: { $id: 'B', type: 'object', properties: { x: { type: 'string' } } } }),
  'a field that is no name': () => answering({ type: 'object', properties: { 'a b': { type: 'string' } } }),
  'a field of introspection': () =>
    answering({ type: 'object', properties: { __typename: { type: 'string' } } }),
  'what is required and not there': () =>
    answering({ type: 'object', properties: { a: { type: 'string' } }, required: ['b'] }),
  'ten thousand types': () =>
    answering(
      { $ref: 'T0' },
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`T${index}`, { type: 'object' }])),
    ),
  'ten thousand fields': () =>
    answering({
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 10_000 }, (_, index) => [`f${index}`, { type: 'string' }]),
      ),
    }),
  'nesting without end': () => answering(nested(20)),
  'a transaction that is no name': () => ({ contracts: { A: { transactions: [{ name: '__proto__' }] } } }),
  'no contracts': () => ({}),
  'inputs that contain themselves': () => ({
    contracts: { A: { transactions: [{ name: 'Put', parameters: [{ name: 'a', schema: { $ref: 'N' } }] }] } },
    components: { schemas: { N: { type: 'object', properties: { n: { $ref: 'N' } }, required: ['n'] } } },
  }),
};

test.each(Object.entries(hostile))('%s is refused', (_what, metadata) => {
  expect(codeOf(() => made(metadata(), ['A']))).toBe('DAPP_METADATA_INVALID');
});

test('names of prototypes are refused, and no JSON is', () => {
  expect(codeOf(() => readMetadata('{"contracts":{"__proto__":{}}}'))).toBe('DAPP_METADATA_INVALID');
  expect(codeOf(() => readMetadata('{'))).toBe('DAPP_METADATA_INVALID');
  expect(codeOf(() => readMetadata(`${'['.repeat(5_000)}${']'.repeat(5_000)}`))).toBe(
    'DAPP_METADATA_INVALID',
  );
  expect(codeOf(() => readMetadata(`${'['.repeat(900_000)}${']'.repeat(900_000)}`))).toBe(
    'DAPP_METADATA_INVALID',
  );
});

test('a manifest that names other contracts than run is refused', () => {
  expect(codeOf(() => made(nodeMetadata, ['Traces', 'More']))).toBe('DAPP_CONTRACTS_MISMATCH');
  expect(codeOf(() => made(nodeMetadata, ['Other']))).toBe('DAPP_CONTRACTS_MISMATCH');
});

const collisions: Readonly<Record<string, GraphManifest['graph']>> = {
  'two fields': { names: { 'Traces:ReadBatch': 'batchesOf' } },
  'a reference and a field': {
    references: [{ type: 'Batch', field: 'status', entity: 'Patient', with: { id: 'id' } }],
  },
  'a reference and an extension': {
    extensions: [{ type: 'Party', field: 'owner', find: 'Traces:BatchesOf', with: { patient: 'name' } }],
    references: [{ type: 'Party', field: 'owner', entity: 'Patient', with: { id: 'name' } }],
  },
  'an extension and a field': {
    extensions: [{ type: 'Batch', field: 'status', find: 'Traces:BatchesOf', with: { patient: 'id' } }],
  },
};

test.each(Object.entries(collisions))('%s of one name are refused', (_what, graph) => {
  expect(codeOf(() => made(nodeMetadata, ['Traces'], graph))).toBe('DAPP_NAME_COLLISION');
});

const misfits: Readonly<Record<string, GraphManifest['graph']>> = {
  'an entity that is no type': { entities: { Nothing: { key: 'id', find: 'Traces:ReadBatch' } } },
  'a key that is no field': { entities: { Batch: { key: 'other', find: 'Traces:ReadBatch' } } },
  'an entity found by what writes': { entities: { Batch: { key: 'id', find: 'Traces:Register' } } },
  'an entity found as a list': { entities: { Batch: { key: 'id', find: 'Traces:BatchesOf' } } },
  'a field of a patient that is not theirs to give': {
    extensions: [{ type: 'Patient', field: 'batches', find: 'Traces:BatchesOf', with: { patient: 'name' } }],
  },
  'a resolver for many that answers one': {
    extensions: [{ type: 'Batch', field: 'first', find: 'Traces:FirstOf', with: { ids: 'id' } }],
  },
  'an entity that many are found of, answered as one': {
    entities: { Batch: { key: 'id', find: 'Traces:FirstOf' } },
  },
  'a reference to what is no entity': {
    references: [{ type: 'Batch', field: 'party', entity: 'Party', with: { name: 'id' } }],
  },
  'a reference by another key': {
    references: [{ type: 'Batch', field: 'owner', entity: 'Patient', with: { name: 'id' } }],
  },
  'a reference by what is no key': {
    references: [{ type: 'Batch', field: 'owner', entity: 'Patient', with: { id: 'notes' } }],
  },
  'a reference in the place of the key': {
    entities: { Batch: { key: 'id', find: 'Traces:ReadBatch' } },
    references: [{ type: 'Batch', field: 'id', entity: 'Patient', with: { id: 'id' } }],
  },
  'an event of no type': { events: { Recalled: { type: 'Nothing' } } },
  'a filter that is no field': { events: { Recalled: { type: 'Batch', filter: ['other'] } } },
  'another name for nothing': { names: { 'Traces:Missing': 'x' } },
  'something hidden that is not there': { hidden: ['Traces:Missing'] },
};

test.each(Object.entries(misfits))('%s is refused', (_what, graph) => {
  expect(codeOf(() => made(nodeMetadata, ['Traces'], graph))).toBe('DAPP_GRAPH_INVALID');
});

test('a resolver that takes a list stands for one, and fields with keys lead to entities', () => {
  const { schema, sdl } = made(nodeMetadata, ['Traces'], {
    entities: { Batch: { key: 'id', find: 'Traces:BatchesById' } },
    extensions: [
      { type: 'Patient', field: 'batch', find: 'Traces:BatchesById', with: { ids: 'id' } },
      { type: 'Holder', field: 'newest', find: 'Traces:BatchesById', with: { ids: 'name' } },
    ],
    references: [
      { type: 'Party', field: 'institution', entity: 'Institution', with: { id: 'name' } },
      { type: 'Party', field: 'name', entity: 'Practitioner', with: { id: 'name' } },
      { type: 'Holder', field: 'first', entity: 'Batch', with: { id: 'name' } },
    ],
  });
  const fieldsOf = (type: string): string[] =>
    Object.values((schema.getType(type) as GraphQLObjectType).getFields()).map(
      ({ name, type: of }) => `${name}: ${String(of)}`,
    );
  expect(fieldsOf('PharmaTrace_Party')).toEqual([
    'batches: [PharmaTrace_Batch!]',
    'institution: Institution',
    'name: Practitioner',
  ]);
  expect(fieldsOf('PharmaTrace_Holder')).toEqual(
    expect.arrayContaining(['newest: PharmaTrace_Batch', 'first: PharmaTrace_Batch']),
  );
  expect(fieldsOf('Patient')).toEqual(['id: ID!', 'pharmaTrace_batch: PharmaTrace_Batch']);
  expect(sdl).toContain('type Patient @key(fields: "id") {');
  expect(sdl).toContain('type Institution @key(fields: "id", resolvable: false) {');
});

test('what is hidden has no field', () => {
  const { sdl } = made(nodeMetadata, ['Traces'], { hidden: ['Traces:Anything', 'Traces:Register'] });
  expect(sdl).not.toMatch(/anything|register|type Mutation/i);
});

test('descriptions cannot leave their place', () => {
  const { schema, sdl } = made(
    answering({
      type: 'object',
      description: '"""\n} type Evil { x: Int }\u202e',
      properties: { a: { type: 'string' } },
    }),
    ['A'],
  );
  expect(schema.getType('Evil')).toBeUndefined();
  expect(sdl).not.toContain('\u202e');
});

test('what a contract says of deprecation and of its answers stands in the graph', () => {
  const metadata = {
    contracts: {
      A: {
        transactions: [
          {
            name: 'Put',
            description: 'Puts it.',
            deprecated: 'Use "patch".\nSince 2.',
            parameters: [{ name: 'thing', schema: { $ref: '#/components/schemas/Thing' } }],
            returns: { $ref: '#/components/schemas/Thing', description: 'As it is kept.' },
          },
          {
            name: 'Get',
            tag: ['EVALUATE'],
            description: 'Reads it.',
            deprecated: true,
            returns: { $ref: '#/components/schemas/Thing', description: 'As it was kept.' },
          },
        ],
      },
    },
    components: {
      schemas: {
        Thing: {
          type: 'object',
          properties: {
            id: { type: 'string', deprecated: 'It has a name.' },
            note: { type: 'string', deprecated: '' },
            name: { type: 'string', deprecated: false },
          },
          required: ['id', 'name'],
        },
      },
    },
  };
  const { schema, sdl } = made(metadata, ['A']);
  const { pharmaTrace_put: put } = schema.getMutationType()?.getFields() ?? {};
  const { pharmaTrace_get: get } = schema.getQueryType()?.getFields() ?? {};
  expect([put?.deprecationReason, get?.deprecationReason]).toEqual([
    'Use "patch".\nSince 2.',
    'No longer supported',
  ]);
  expect(get?.description).toBe('Reads it.\n\nAs it was kept.');
  const payload = schema.getType('PharmaTrace_PutPayload') as GraphQLObjectType;
  expect(payload.getFields()['result']?.description).toBe('As it is kept.');
  const reasons = (type: string) =>
    Object.values((schema.getType(type) as GraphQLObjectType).getFields()).map(
      ({ deprecationReason }) => deprecationReason,
    );
  expect(reasons('PharmaTrace_Thing')).toEqual(['It has a name.', 'No longer supported', undefined]);
  // What must be given cannot be deprecated in GraphQL.
  expect(reasons('PharmaTrace_ThingInput')).toEqual([undefined, 'No longer supported', undefined]);
  const composed = buildSchema(compose(new Map([['dapp-a', sdl]])), { assumeValid: true });
  expect(composed.getMutationType()?.getFields()['pharmaTrace_put']?.deprecationReason).toBe(
    put?.deprecationReason,
  );
});
