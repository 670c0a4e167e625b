/** The manifest of a DApp: `medigraph.json` at the root of its package. */
import { z } from 'zod';
import { entryCategories, purposesOfUse } from '../vocabulary.js';
import { identifier, money } from '../ledger/primitives.js';
import { contractName, dappId, dappVersion, metadataName } from './names.js';

/** What the marketplace files DApps under. */
export const dappCategories = [
  'appointments',
  'care',
  'claims',
  'devices',
  'medication',
  'research',
  'supply-chain',
  'wellbeing',
  'other',
] as const;
export type DAppCategory = (typeof dappCategories)[number];

/** Characters that nobody sees, and those that turn round what stands after them: a text would read otherwise than it is written. */
const unseen = '\\u200B\\u202A-\\u202E\\u2060-\\u2069\\uFEFF';
const plainly = 'must have no characters that cannot be seen, or that change the direction of others';
/** Text of one line, as people are shown it. */
const line = z
  .string()
  .regex(new RegExp(`^[^\\p{Cc}${unseen}]*$`, 'u'), plainly)
  .trim();
/** Text of several lines. */
const lines = z
  .string()
  .regex(new RegExp(`^(?:[^\\p{Cc}${unseen}]|[\\t\\r\\n])*$`, 'u'), plainly)
  .trim();

const sentence = lines.min(1).max(500);
const httpsUrl = z.url({ protocol: /^https$/ }).max(500);
const graphName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'must be a GraphQL name without underscores');
/** `Contract:Transaction`, as the contracts' metadata name them. */
const transactionName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}:[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be Contract:Transaction');

/** What a DApp asks of whoever installs it: records to read, for what, and why, in words that a patient understands. */
export const dappScope = z.strictObject({
  id: identifier,
  /** Shown to whoever decides, as it stands. */
  reason: sentence,
  purpose: z.array(z.enum(purposesOfUse)).min(1),
  /** Categories of entries; absent means all. */
  category: z.array(z.enum(entryCategories)).min(1).optional(),
  /** For how long, in days; absent means until it is withdrawn. */
  days: z.int().min(1).max(3650).optional(),
});
export type DAppScope = z.infer<typeof dappScope>;

/** How the graph that is made of the contracts' metadata is shaped; whatever is not said follows from the metadata. */
export const dappGraph = z.strictObject({
  /** Other names for transactions: `Contract:Transaction` to the name of the field, without namespace. */
  names: z.record(transactionName, graphName).optional(),
  /**
   * Other names for parameters, by transaction: name in the metadata to name of the argument. Contracts in Go say `param0`, `param1` and so on.
   * Whatever else names a parameter here names the argument.
   */
  arguments: z.record(transactionName, z.record(metadataName, graphName)).optional(),
  /** Transactions that get no field. */
  hidden: z.array(transactionName).optional(),
  /** Types of the metadata that are entities: their key, and the evaluation that finds one by it, or many by a list of keys. */
  entities: z.record(metadataName, z.strictObject({ key: metadataName, find: transactionName })).optional(),
  /**
   * Hand-written resolvers: fields on entities of the core or on types of the DApp, answered by an evaluation; arguments are taken
   * from the parent. One that takes a list for what the parent has one of is asked once for many parents, and answers each in its place.
   */
  extensions: z
    .array(
      z.strictObject({
        type: z.union([z.enum(['Patient', 'Institution', 'Practitioner']), metadataName]),
        field: graphName,
        find: transactionName,
        /** Parameter of the evaluation to field of the parent; other parameters become arguments of the field. */
        with: z.record(metadataName, metadataName),
      }),
    )
    .max(50)
    .optional(),
  /** Fields of types of the DApp that lead to the entity, of the core or of the DApp, whose key another field has (or several, as a list). */
  references: z
    .array(
      z.strictObject({
        type: metadataName,
        /** May be that of the field with the key, in whose place it then stands. */
        field: metadataName,
        entity: metadataName,
        /** Key of the entity to field of the type. */
        with: z.record(metadataName, metadataName),
      }),
    )
    .max(100)
    .optional(),
  /** Events of the contracts, by name: the type of the metadata that the payload has (or a list of it). */
  events: z
    .record(
      metadataName,
      z.strictObject({
        type: metadataName,
        description: sentence.optional(),
        /** A field of the payload: subscribers may ask for one value of it. */
        filter: z.array(metadataName).max(5).optional(),
      }),
    )
    .optional(),
});
export type DAppGraph = z.infer<typeof dappGraph>;

/** A DApp as its publisher describes it. Everything here is public. */
export const dappManifest = z.strictObject({
  $schema: z.string().max(500).optional(),
  id: dappId,
  name: line.min(1).max(80),
  summary: line.min(1).max(200),
  description: lines.max(10_000).optional(),
  publisher: identifier,
  version: dappVersion,
  /** SPDX licence expression. */
  license: line.min(1).max(100),
  categories: z.array(z.enum(dappCategories)).min(1).max(3),
  keywords: z.array(line.min(1).max(40)).max(20).optional(),
  /** Versions of Medigraph that it works with: a range as npm writes them. */
  medigraph: z.string().min(1).max(100),
  contracts: z.strictObject({
    /** Path in the package of the bundle that exports `contracts`. */
    entry: z
      .string()
      .regex(/^(?!\/)(?!.*\.\.)[A-Za-z0-9._/-]{1,200}\.(c|m)?js$/, 'must be a relative path of a .js file'),
    /** Names of the contracts that the bundle has: all of them, and no others. */
    names: z
      .array(contractName)
      .min(1)
      .max(20)
      .refine((names) => new Set(names).size === names.length, { message: 'must not name a contract twice' }),
  }),
  channel: z
    .string()
    .regex(/^[a-z][a-z0-9.-]*$/)
    .max(249)
    .default('care'),
  /** Signature policy as Fabric writes it; that of the channel's own suites, if absent. */
  endorsementPolicy: z.string().min(1).max(2_000).optional(),
  scopes: z
    .strictObject({
      required: z.array(dappScope).max(20).default([]),
      optional: z.array(dappScope).max(20).default([]),
    })
    .refine(
      ({ required, optional }) => {
        const ids = [...required, ...optional].map(({ id }) => id);
        return new Set(ids).size === ids.length;
      },
      { message: 'must not have two scopes of one id' },
    )
    .prefault({}),
  graph: dappGraph.optional(),
  /** Where the DApp's back end hears of its contracts' events. */
  webhooks: z
    .array(z.strictObject({ event: metadataName, url: httpsUrl }))
    .max(20)
    .optional(),
  /** Where people open it. */
  ui: z.strictObject({ entry: httpsUrl }).optional(),
  /** Addresses that the OAuth client of its back end may send people back to. */
  redirectUris: z.array(httpsUrl).max(10).optional(),
  price: z
    .discriminatedUnion('model', [
      z.strictObject({ model: z.literal('free') }),
      z.strictObject({ model: z.enum(['once', 'monthly', 'yearly']), amount: money }),
    ])
    .prefault({ model: 'free' }),
  support: z.strictObject({ email: z.email().max(200).optional(), url: httpsUrl.optional() }),
  homepage: httpsUrl.optional(),
});
export type DAppManifest = z.infer<typeof dappManifest>;

/** Name of the manifest in a package. */
export const manifestFile = 'medigraph.json';

/** Path in a package of its tests: one CommonJS file, for Node's own runner. */
export const testsFile = 'tests/index.cjs';

/** Published JSON Schema (2020-12) of the manifest, for editors and for checks outside of Medigraph. */
export const manifestJsonSchema = (): object => ({
  title: 'Medigraph DApp manifest',
  ...z.toJSONSchema(dappManifest, { io: 'input' }),
});
