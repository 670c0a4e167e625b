/** The registry suite: who publishes DApps, what was published and found of it, who agreed to it, and who uses it. */
import { z } from 'zod';
import { dappManifest } from '../dapps/manifest.js';
import { dappId, dappVersion } from '../dapps/names.js';
import { chainAddress, identifier, instant, mspId, sha256, signingKey } from './primitives.js';

/** Publisher's keys: what signs packages. A revoked one signs nothing that is published later. */
export const publisherKey = z.strictObject({
  /** RFC 7638 thumbprint of the public key. */
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a JWK thumbprint'),
  /** P-256, for `ES256`. */
  key: signingKey,
  status: z.enum(['active', 'revoked']),
  since: instant,
});

/** Who publishes DApps: in the place of an institution of the ledger, to which consents are given and which answers for it. */
export const publisher = z.strictObject({
  id: identifier,
  name: z.string().trim().min(1).max(100),
  institution: identifier,
  mspId: z.string(),
  homepage: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  contact: z.email().max(200).optional(),
  keys: z.array(publisherKey).max(10),
});
export type Publisher = z.infer<typeof publisher>;

/** What becomes of a version: `submitted` → `checked` → `approved` → `active`; `refused`, `superseded`, `revoked` end it. */
export const versionStatuses = [
  'submitted',
  'checked',
  'approved',
  'active',
  'superseded',
  'refused',
  'revoked',
] as const;

export const checkSeverities = ['error', 'warning', 'note'] as const;

/** One thing that an automatic check found, with where and what to do. */
export const finding = z.strictObject({
  check: z.string().regex(/^[a-z][a-z-]{0,39}$/),
  severity: z.enum(checkSeverities),
  code: z.string().regex(/^[A-Z][A-Z_]{0,59}$/),
  message: z.string().min(1).max(1_000),
  /** Such as `contracts/index.js:12:3`. */
  location: z.string().max(300).optional(),
});
export type Finding = z.infer<typeof finding>;

/** What an organisation's automatic checks came to. An error refuses the version. */
export const checkReport = z.strictObject({
  mspId: z.string(),
  outcome: z.enum(['passed', 'failed']),
  findings: z.array(finding).max(200),
  at: instant,
});

/** An organisation's word on a version. */
export const vote = z.strictObject({
  mspId: z.string(),
  decision: z.enum(['approve', 'refuse']),
  reason: z.string().max(1_000).optional(),
  at: instant,
});

/** One published version of a DApp. */
export const dappRelease = z.strictObject({
  dapp: dappId,
  version: dappVersion,
  publisher: identifier,
  status: z.enum(versionStatuses),
  manifest: dappManifest,
  /** The archive, which is kept beside the ledger. */
  package: z.strictObject({ sha256, size: z.int().positive() }),
  /** JWS compact, detached payload: see {@link publishedClaims}. */
  signature: z.string().max(1_000),
  reports: z.array(checkReport),
  votes: z.array(vote),
  publishedAt: instant,
  /** Why it was refused or revoked. */
  reason: z.string().max(1_000).optional(),
});
export type DAppRelease = z.infer<typeof dappRelease>;

/** A DApp over all its versions. */
export const dapp = z.strictObject({
  id: dappId,
  publisher: identifier,
  status: z.enum(['submitted', 'active', 'deprecated', 'revoked']),
  /** The version that runs. */
  active: dappVersion.optional(),
  /** Highest version ever published: a later one must be higher. */
  latest: dappVersion,
  /** Notice of the publisher that it will end. */
  deprecation: z.strictObject({ reason: z.string().max(1_000), endsAt: instant, since: instant }).optional(),
  /** The version, approved before, that the publisher wants to run again. */
  rollback: dappVersion.optional(),
  /** Organisations that want it stopped. */
  revocations: z
    .array(z.strictObject({ mspId: z.string(), reason: z.string().max(1_000), at: instant }))
    .optional(),
  /** Why the consortium stopped it. */
  revocation: z.strictObject({ reason: z.string().max(1_000), at: instant }).optional(),
});
export type DApp = z.infer<typeof dapp>;

/** What the publisher's signature is over: the payload of the JWS, as canonical JSON. */
export const publishedClaims = z.strictObject({ dapp: dappId, version: dappVersion, package: sha256 });
export type PublishedClaims = z.infer<typeof publishedClaims>;

/** A DApp in the hands of a person or an institution, with what it was granted. */
export const installation = z.strictObject({
  dapp: dappId,
  /** Chain address of a person, or id of an institution. */
  holder: identifier,
  holderKind: z.enum(['patient', 'institution']),
  /** Version at the time of the last change. */
  version: dappVersion,
  /** Scopes granted, each with the consent on the ledger that opens it (none for an institution). */
  grants: z.array(z.strictObject({ scope: identifier, consent: identifier.optional() })).max(40),
  status: z.enum(['active', 'ended']),
  since: instant,
  endedAt: instant.optional(),
});
export type Installation = z.infer<typeof installation>;

/** What someone who installed it says of a DApp. */
export const rating = z.strictObject({
  dapp: dappId,
  author: identifier,
  stars: z.int().min(1).max(5),
  review: z.string().trim().max(2_000).optional(),
  version: dappVersion,
  at: instant,
});
export type Rating = z.infer<typeof rating>;

/**
 * Who reviews DApps, and how many of them make a version approved, or a DApp revoked. Until organisations agree on one, it is
 * the majority of those that have registered anybody in the care suite.
 */
export const approvalPolicy = z.strictObject({
  organizations: z.array(mspId).min(1).max(200),
  approvals: z.int().min(1).max(200),
  /** Whether a new major version may break operations that clients really send. No version may, unless it says so. */
  majorsMayBreak: z.boolean().optional(),
});
export type ApprovalPolicy = z.infer<typeof approvalPolicy>;
/** The policy as it stands, and what organisations want in its place. */
export const approvalPolicyState = z.strictObject({
  policy: approvalPolicy,
  proposals: z.array(z.strictObject({ mspId, policy: approvalPolicy, at: instant })),
});
export type ApprovalPolicyState = z.infer<typeof approvalPolicyState>;

const reason = z.string().trim().min(1).max(1_000);
const release = z.strictObject({ dapp: dappId, version: dappVersion });

/** By an organisation, for an institution of its own. */
export const registerPublisher = publisher
  .pick({ id: true, name: true, institution: true, homepage: true, contact: true })
  .extend({ key: signingKey });
export const addPublisherKey = z.strictObject({ publisher: identifier, key: signingKey });
export const revokePublisherKey = z.strictObject({ publisher: identifier, kid: publisherKey.shape.kid });
/** By the publisher's organisation; the signature says that the publisher wants it. */
export const publishDApp = z.strictObject({
  manifest: dappManifest,
  package: dappRelease.shape.package,
  signature: dappRelease.shape.signature,
});
/** By an organisation: what its checks found. */
export const reportChecks = release.extend({ findings: z.array(finding).max(200) });
/** By an organisation of the channel, once. */
export const approveDApp = release;
export const refuseDApp = release.extend({ reason });
/** By an organisation, once the channel's lifecycle has committed it. Also the way back to an earlier version. */
export const activateDApp = release;
/** By the publisher: an earlier version, approved before, shall run again. */
export const rollBackDApp = release;
export const deprecateDApp = z.strictObject({ dapp: dappId, reason, endsAt: instant });
/**
 * By organisations of the consortium: it stops for everybody once as many say so as approve. A regulator's word alone is
 * enough: an organisation that names its institution of that kind.
 */
export const revokeDApp = z.strictObject({ dapp: dappId, reason, regulator: identifier.optional() });
/** By an organisation that reviews. It holds once as many have proposed the same as the policy until then asks for. */
export const proposePolicy = approvalPolicy;
export const readPolicy = z.strictObject({});
/** By a patient, or by an organisation for an institution of its own. Again, to change what is granted. */
export const installDApp = z.strictObject({
  dapp: dappId,
  institution: identifier.optional(),
  grants: installation.shape.grants,
});
export const uninstallDApp = z.strictObject({ dapp: dappId, institution: identifier.optional() });
export const rateDApp = z.strictObject({
  dapp: dappId,
  institution: identifier.optional(),
  stars: rating.shape.stars,
  review: rating.shape.review,
});
export const readDApp = z.strictObject({ dapp: dappId });
export const readRelease = release;
export const readPublisher = z.strictObject({ publisher: identifier });
/** An installation as it counts now: none that ended does, nor one of a DApp that was revoked. */
export const installed = z.strictObject({ installed: z.boolean(), installation: installation.optional() });
export type Installed = z.infer<typeof installed>;
/** By the holder; or by the DApp's own contracts, in whoever's transaction. Anyone else is told that it is not. */
export const readInstallation = z.strictObject({ dapp: dappId, holder: z.union([chainAddress, identifier]) });

/** Event name to the shape of one item. */
export const registryEvents = {
  PublisherRegistered: publisher,
  PublisherChanged: publisher,
  DAppReviewPolicyProposed: approvalPolicyState,
  DAppReviewPolicyChanged: approvalPolicyState,
  DAppPublished: dappRelease,
  DAppChecked: dappRelease,
  DAppApproved: dappRelease,
  DAppRefused: dappRelease,
  DAppActivated: dappRelease,
  DAppRollbackRequested: dappRelease,
  DAppDeprecated: dapp,
  DAppRevocationProposed: dapp,
  DAppRevoked: dapp,
  DAppInstalled: installation,
  DAppUninstalled: installation,
  DAppRated: rating,
} as const;
export type RegistryEvents = {
  [Name in keyof typeof registryEvents]: z.infer<(typeof registryEvents)[Name]>;
};
