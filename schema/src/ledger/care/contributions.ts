/** Contributions: what devices and programs that a patient let write bring about that patient, batch by batch. */
import { z } from 'zod';
import { contributorKinds, entryCategories } from '../../vocabulary.js';
import { chainAddress, identifier, instant, instantPeriod, sha256 } from '../primitives.js';
import { consent } from './access.js';
import { maxBatch } from './batch.js';
import { sourceSystem } from './provenance.js';
import { grantedKey, grantsMark, proposedEntry } from './records.js';

/** Most keys that come with a batch: it is taken whole, so all of them come with it. */
export const maxContributedKeys = 40 * maxBatch;

/** A program and the institution that runs it and whose organisation certifies it. */
const program = z.strictObject({
  institution: identifier,
  /** Its OAuth client. */
  application: identifier,
});

/** A device or program that a patient lets write about them. */
export const contributor = program.extend({
  patient: chainAddress,
  kind: z.enum(contributorKinds),
  /** Categories that it may write; absent means all, for a device `observation` alone. */
  category: z.array(z.enum(entryCategories)).min(1).optional(),
  /** FHIR types that it may write; absent means any. Which type an entry is the ledger cannot see, so the platform holds this. */
  resourceType: z
    .array(z.string().regex(/^[A-Z][A-Za-z]{1,63}$/, 'must be a FHIR resource type'))
    .min(1)
    .max(50)
    .optional(),
  /** When it may write. */
  period: instantPeriod,
  active: z.boolean(),
  /** Who decided, if it was not the patient: a delegate's address. */
  grantor: chainAddress.optional(),
  changedAt: instant,
});
export type Contributor = z.infer<typeof contributor>;

/** By the patient; takes the place of what they let the same program before, and with `active: false` ends it. */
export const authorizeContributor = contributor
  .omit({ patient: true, grantor: true, changedAt: true })
  .extend({ onBehalfOf: chainAddress.optional() });

/**
 * By a contributor: entries of class `personal` that are final at once, all or none. A batch is taken once; `digest` says
 * what was in it without telling it.
 */
export const contributeEntries = program.extend({
  patient: chainAddress,
  batch: identifier,
  digest: sha256,
  source: sourceSystem.optional(),
  entries: z.array(proposedEntry).min(1).max(maxBatch),
  keys: z.array(grantedKey).max(maxContributedKeys).optional(),
  granted: grantsMark,
});
/** A batch that was taken. */
export const contribution = program.extend({
  patient: chainAddress,
  batch: identifier,
  digest: sha256,
  entries: z.array(identifier).min(1).max(maxBatch),
  contributedAt: instant,
});
export type Contribution = z.infer<typeof contribution>;

/** For the contributor itself: what it may write, and for whom besides the patient it has to wrap keys. */
export const readContributor = program.extend({ patient: chainAddress });
export const contributorState = z.strictObject({
  contributor,
  granted: grantsMark,
  grants: z.array(consent.pick({ id: true, grantee: true, provision: true })),
});
export type ContributorState = z.infer<typeof contributorState>;

/** For the contributor itself. */
export const readContribution = readContributor.extend({ batch: identifier });
/** For the patient and who acts for them: a page of those that they ever let write. */
export const contributorsOf = z.strictObject({
  patient: chainAddress,
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
