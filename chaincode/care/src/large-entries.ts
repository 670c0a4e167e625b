/** Entries whose sealed bodies are too large for one transaction: begun, brought part by part, completed. */
import { createHash } from 'node:crypto';
import { type care } from '@medigraph/schema';
import { ContractError, demand, sha256Of } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { type CareContext } from './care-context.js';
import { type Acquisition } from './provenance.js';
import {
  demandKeysOfParties,
  demandNewEntries,
  demandStorage,
  type EntryOrigin,
  ownOrigin,
  proposedOrigin,
} from './sealed-entries.js';

type Asked<Schema extends z.ZodType> = z.output<Schema>;

/** Parts in the order of their keys. */
const partKey = (part: number): string => String(part).padStart(3, '0');

/**
 * The draft of an entry: nobody sees it but its writer.
 * @throws {@link ContractError} as for an entry that is stored at once.
 */
export async function beginEntry(
  ctx: CareContext,
  { patient, institution, entry: proposed, parts, ...acquired }: Asked<typeof care.beginEntry>,
): Promise<care.DraftEntry> {
  const origin = await originOf(ctx, patient, institution, acquired);
  demandKeysOfParties(proposed.keys, 'entry', new Set([patient, origin.institution]));
  await demandNewEntries(ctx, patient, [proposed.id]);
  const begun = await ctx.drafts.get(patient, proposed.id);
  demand(begun === undefined, 'ENTRY_EXISTS', `entry ${proposed.id} is begun`);
  const { keys, ...index } = proposed;
  const { id } = index;
  const entry: care.Entry = { ...origin, ...index, parts, recordedAt: ctx.now };
  const draft: care.DraftEntry = { entry, keys, parts, mspId: ctx.caller.mspId, begunAt: ctx.now };
  await ctx.drafts.put(draft, patient, id);
  return draft;
}

export async function appendBody(
  ctx: CareContext,
  { patient, entry: id, part, body }: Asked<typeof care.appendBody>,
): Promise<care.DraftEntry> {
  const draft = await draftOfCaller(ctx, patient, id);
  demand(part < draft.parts, 'ARGUMENT_INVALID', `part: entry ${id} has ${draft.parts} parts`);
  await ctx.bodyParts.put(body, patient, id, partKey(part));
  return draft;
}

/**
 * The entry of a draft whose parts are all there, and make what its digest says.
 * @throws {@link ContractError} `DRAFT_NOT_FOUND`, `DRAFT_INCOMPLETE`.
 */
export async function completeEntry(ctx: CareContext, patient: string, id: string): Promise<care.Entry> {
  const { entry, keys, parts } = await draftOfCaller(ctx, patient, id);
  await demandNewEntries(ctx, patient, [id]);
  const hash = createHash('sha256');
  for (let part = 0; part < parts; part += 1) {
    const body = await ctx.bodyParts.get(patient, id, partKey(part));
    if (body === undefined)
      throw new ContractError('DRAFT_INCOMPLETE', `part ${part} of entry ${id} is missing`);
    hash.update(body);
  }
  demand(
    hash.digest('hex') === entry.sha256,
    'DRAFT_INCOMPLETE',
    `the parts of entry ${id} have another digest`,
  );
  const completed: care.Entry = { ...entry, recordedAt: ctx.now };
  await Promise.all([
    ctx.entries.put(completed, patient, id),
    ctx.ownKeys.put(keys, patient, id),
    ctx.drafts.delete(patient, id),
  ]);
  return completed;
}

export async function discardEntry(ctx: CareContext, patient: string, id: string): Promise<care.DraftEntry> {
  const draft = await draftOfCaller(ctx, patient, id);
  await Promise.all([ctx.drafts.delete(patient, id), deleteParts(ctx, patient, id, draft.parts)]);
  return draft;
}

/** Deletes as many parts of a body as there are at most. */
export async function deleteParts(
  ctx: CareContext,
  patient: string,
  id: string,
  parts: number,
): Promise<void> {
  await Promise.all(
    Array.from({ length: parts }, (_, part) => ctx.bodyParts.delete(patient, id, partKey(part))),
  );
}

/** The sealed body, or the part of it that is wanted. */
export function bodyOf(
  ctx: CareContext,
  { patient, id, parts }: care.Entry,
  part?: number,
): Promise<string | undefined> {
  return parts === undefined
    ? ctx.bodies.get(patient, id)
    : ctx.bodyParts.get(patient, id, partKey(part ?? 0));
}

/** SHA-256 of the sealed body as it is stored. */
export async function storedDigest(ctx: CareContext, entry: care.Entry): Promise<string> {
  if (entry.parts === undefined) return sha256Of((await bodyOf(ctx, entry)) ?? '');
  const hash = createHash('sha256');
  for (let part = 0; part < entry.parts; part += 1) hash.update((await bodyOf(ctx, entry, part)) ?? '');
  return hash.digest('hex');
}

async function originOf(
  ctx: CareContext,
  patient: string,
  institution: string | undefined,
  acquired: Acquisition,
): Promise<EntryOrigin> {
  if (institution !== undefined) {
    await demandStorage(ctx, patient, institution);
    return proposedOrigin(ctx, { patient, institution, ...acquired });
  }
  demand(
    Object.keys(acquired).length === 0,
    'ARGUMENT_INVALID',
    'method, source: are an institution’s to say',
  );
  const { address } = await ctx.callingPatient();
  demand(address === patient, 'CALLER_FORBIDDEN', 'a patient writes about nobody but themself');
  return ownOrigin(address);
}

async function draftOfCaller(ctx: CareContext, patient: string, id: string): Promise<care.DraftEntry> {
  const draft = await ctx.drafts.get(patient, id);
  const notFound = () => new ContractError('DRAFT_NOT_FOUND', `there is no entry ${id} that you began`);
  if (!draft || draft.mspId !== ctx.caller.mspId) throw notFound();
  if (draft.entry.class === 'personal') {
    if ((await ctx.callingPatient()).address !== patient) throw notFound();
  } else {
    await ctx.institutionOfCaller(draft.entry.institution);
  }
  return draft;
}
