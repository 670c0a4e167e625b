/**
 * The metadata that every Fabric contract answers to `org.hyperledger.fabric:GetMetadata`, as Node, Go and Java write them. They are a
 * stranger's, so nothing of them is believed before it is read here.
 */
import { contractName, metadataName } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { DAppMetadataInvalid } from './errors.js';

/** Longest metadata that are read, in characters. */
const longest = 2_000_000;
const deepest = 48;
const mostValues = 100_000;
const most = { contracts: 20, transactions: 300, parameters: 30, schemas: 400 } as const;

/** The contract that answers for the metadata; it is none of the DApp's. */
const systemContract = 'org.hyperledger.fabric';

/** Of what a field or a type of the graph is called by: underscores in front are those of GraphQL. */
const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be a name of letters, digits and underscores');
const tags = z.array(z.string().max(64)).max(20).nullish();
const schema = z.looseObject({});
const info = z.looseObject({ title: z.string().nullish(), description: z.string().nullish() }).nullish();

const transaction = z.looseObject({
  name,
  // Contracts of Node without decorators say `tags`.
  tag: tags,
  tags,
  description: z.string().nullish(),
  deprecated: z.unknown().optional(),
  parameters: z
    .array(z.looseObject({ name: metadataName, description: z.string().nullish(), schema: schema.nullish() }))
    .max(most.parameters)
    .nullish(),
  returns: z.union([schema, z.array(schema).max(1)]).nullish(),
});

const metadata = z.looseObject({
  contracts: z.record(
    contractName,
    z.looseObject({ transactions: z.array(transaction).max(most.transactions).nullish(), info }),
  ),
  components: z.looseObject({ schemas: z.record(name, schema).nullish() }).nullish(),
});

/** A JSON Schema as it stands in the metadata, not looked into yet. */
export type RawSchema = Readonly<Record<string, unknown>>;

/** A parameter of a transaction. */
export interface ContractParameter {
  readonly name: string;
  readonly description?: string;
  readonly schema: RawSchema;
}

/** A transaction of a contract. */
export interface ContractTransaction {
  readonly contract: string;
  readonly name: string;
  readonly kind: 'submit' | 'evaluate';
  readonly description?: string;
  /** As it stands in the metadata: why it should not be called any more, or only that. */
  readonly deprecated?: unknown;
  readonly parameters: readonly ContractParameter[];
  readonly returns?: RawSchema;
}

/** What a chaincode says of its contracts. */
export interface ChaincodeMetadata {
  readonly contracts: readonly string[];
  readonly transactions: readonly ContractTransaction[];
  /** Component schemas by their names. */
  readonly schemas: ReadonlyMap<string, RawSchema>;
}

/**
 * Reads metadata.
 * @param text - JSON, as the chaincode answers it.
 * @throws {@link DAppMetadataInvalid}
 */
export function readMetadata(text: string): ChaincodeMetadata {
  const parsed = metadata.safeParse(parseBounded(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DAppMetadataInvalid(issue?.path.join('.') || 'metadata', issue?.message ?? 'is not valid');
  }
  const schemas = Object.entries(parsed.data.components?.schemas ?? {});
  const own = Object.entries(parsed.data.contracts).filter(([contract]) => contract !== systemContract);
  const transactions = own.flatMap(([contract, { transactions: found }]) =>
    (found ?? []).map((each) => transactionOf(contract, each)),
  );
  atMost('contracts', own.length, most.contracts);
  atMost('transactions', transactions.length, most.transactions);
  atMost('components.schemas', schemas.length, most.schemas);
  return { contracts: own.map(([contract]) => contract).sort(), transactions, schemas: new Map(schemas) };
}

function transactionOf(
  contract: string,
  {
    name: called,
    tag,
    tags: alias,
    description,
    deprecated,
    parameters,
    returns,
  }: z.infer<typeof transaction>,
): ContractTransaction {
  const marks = new Set([...(tag ?? []), ...(alias ?? [])].map((mark) => mark.toLowerCase()));
  const submits = marks.has('submit') || marks.has('submittx');
  return {
    contract,
    name: called,
    kind: marks.has('evaluate') && !submits ? 'evaluate' : 'submit',
    description: description ?? undefined,
    deprecated,
    parameters: (parameters ?? []).map((parameter) => ({
      name: parameter.name,
      description: parameter.description ?? undefined,
      schema: parameter.schema ?? {},
    })),
    returns: returnedBy(returns),
  };
}

/** Node, Go and Java give the schema; the published schema of metadata has it in a parameter, or in a list of one. */
function returnedBy(returns: z.infer<typeof transaction>['returns']): RawSchema | undefined {
  const found = Array.isArray(returns) ? returns[0] : returns;
  if (!found) return undefined;
  const inner = found['schema'];
  const wrapped = inner !== undefined && !('type' in found) && !('$ref' in found);
  return wrapped && typeof inner === 'object' && inner !== null ? (inner as RawSchema) : found;
}

function atMost(where: string, count: number, limit: number): void {
  if (count > limit) throw new DAppMetadataInvalid(where, `has ${count}; ${limit} at most`);
}

/** JSON that is neither longer, deeper nor wider than anybody needs; read without recursion. */
function parseBounded(text: string): unknown {
  if (text.length > longest)
    throw new DAppMetadataInvalid('metadata', `are longer than ${longest} characters`);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new DAppMetadataInvalid('metadata', 'are no JSON', { cause: error });
  }
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > deepest) throw new DAppMetadataInvalid('metadata', `are nested deeper than ${deepest}`);
    if (Object.hasOwn(value, '__proto__')) throw new DAppMetadataInvalid('metadata', 'have a name __proto__');
    const members: unknown[] = Object.values(value);
    seen += members.length;
    if (seen > mostValues) throw new DAppMetadataInvalid('metadata', `have more than ${mostValues} values`);
    for (const member of members) open.push({ value: member, depth: depth + 1 });
  }
  return root;
}
