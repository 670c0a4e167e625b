/** Reading what is sealed: an opening, which is logged, and the bodies that it lets be read. */
import { care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, type StatePage } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { speaksFor } from './acting.js';
import { type CareContext } from './care-context.js';
import { entryNotFound, EntryReader } from './entry-reader.js';
import { bodyOf } from './large-entries.js';

type Asked<Schema extends z.ZodType> = z.output<Schema>;

/**
 * Hands out the wrapped keys of entries that the caller may read, and logs it. All or none.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND`; `ARGUMENT_INVALID` for a person who reads for an institution's purpose.
 */
export async function openEntries(
  ctx: CareContext,
  { patient, entries: ids, institution, purpose }: Asked<typeof care.openEntries>,
): Promise<care.OpenedEntry[]> {
  demandDistinct(ids, (index) => `entries.${index}`);
  const reader = await EntryReader.of(ctx, patient, institution);
  demand(
    institution !== undefined || reader.id === undefined || purpose === 'PATRQT',
    'ARGUMENT_INVALID',
    'purpose: must be PATRQT when a person reads',
  );
  const found = await Promise.all(ids.map((id) => reader.open(id, purpose)));
  const opened = found.map((one, index) => {
    if (!one) throw entryNotFound(ids[index] ?? '');
    return one;
  });
  const opening: care.Opening = {
    transaction: ctx.transactionId,
    patient,
    actor: reader.id ?? patient,
    ...(reader.by && { by: reader.by }),
    mspId: ctx.caller.mspId,
    signer: ctx.caller.address,
    purpose,
    entries: opened.map(({ entry, consent }) => ({ entry: entry.id, ...(consent && { consent }) })),
    openedAt: ctx.now,
  };
  await Promise.all([
    ctx.openings.put(opening, patient, opening.transaction),
    ctx.openingTimes.put(opening.transaction, patient, `${opening.openedAt}.${opening.transaction}`),
  ]);
  ctx.emit('EntryOpened', [opening]);
  return opened;
}

/**
 * The sealed bodies of entries that the same caller opened just before. A consent revoked, refused or run out, and an entry
 * retracted since then, closes it again.
 * @throws {@link ContractError} `OPENING_NOT_FOUND`, `OPENING_EXPIRED`, `ENTRY_NOT_FOUND`.
 */
export async function readBodies(
  ctx: CareContext,
  { patient, entries: ids, part, opening: transaction }: Asked<typeof care.readBodies>,
): Promise<care.SealedBodyOf[]> {
  demandDistinct(ids, (index) => `entries.${index}`);
  demand(part === undefined || ids.length === 1, 'ARGUMENT_INVALID', 'part: is of one entry alone');
  const opening = await openingOfCaller(ctx, patient, transaction);
  const consents = new Map(opening.entries.map(({ entry, consent }) => [entry, consent]));
  const missing = ids.find((id) => !consents.has(id));
  if (missing !== undefined)
    throw new ContractError('OPENING_NOT_FOUND', `opening ${transaction} did not open entry ${missing}`);
  const isInstitution = (await ctx.institutions.get(opening.actor)) !== undefined;
  const reader = await EntryReader.of(ctx, patient, isInstitution ? opening.actor : undefined);
  const bodies = await Promise.all(
    ids.map(async (id) => {
      const [allowed, entry] = await Promise.all([
        reader.mayStillRead(id, consents.get(id), opening.purpose),
        ctx.entries.get(patient, id),
      ]);
      return allowed && entry ? bodyOf(ctx, entry, part) : undefined;
    }),
  );
  return bodies.map((body, index) => {
    const entry = ids[index] ?? '';
    if (body === undefined) throw entryNotFound(entry);
    return { entry, body };
  });
}

/** A page of who opened what, oldest first; empty for whoever does not speak for the patient. */
export async function auditPage(
  ctx: CareContext,
  { patient, pageSize, bookmark }: Asked<typeof care.auditOf>,
): Promise<StatePage<care.Opening>> {
  if (!(await speaksFor(ctx, patient))) return { items: [] };
  const page = await ctx.openingTimes.page([patient], pageSize, bookmark);
  const items = await Promise.all(page.items.map((transaction) => ctx.openings.get(patient, transaction)));
  return { ...page, items: items.filter((one) => one !== undefined) };
}

async function openingOfCaller(
  ctx: CareContext,
  patient: string,
  transaction: string,
): Promise<care.Opening> {
  const opening = await ctx.openings.get(patient, transaction);
  if (opening?.signer !== ctx.caller.address || opening.mspId !== ctx.caller.mspId)
    throw new ContractError('OPENING_NOT_FOUND', `there is no opening ${transaction} of yours`);
  const age = Date.parse(ctx.now) - Date.parse(opening.openedAt);
  demand(
    age >= 0 && age <= care.openingLifetimeSeconds * 1000,
    'OPENING_EXPIRED',
    `opening ${transaction} can be read for ${care.openingLifetimeSeconds} seconds: open again`,
  );
  return opening;
}
