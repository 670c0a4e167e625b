import { care } from '@medigraph/schema';
import { demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { actingFor, speaksFor } from './acting.js';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { entryNotFound, EntryReader, entryVisibleToCaller } from './entry-reader.js';
import { eraseEntry } from './erasure.js';
import { demandGrants, grantKeysOfEntries, removeKeysOfEntry } from './granted-keys.js';
import { appendBody, beginEntry, completeEntry, discardEntry, storedDigest } from './large-entries.js';
import { keysInPlace, rewrapKeys } from './rewrapping.js';
import { demandStorage, holders, ownOrigin, proposedOrigin, storeEntries } from './sealed-entries.js';

/** The data storage contract: what is recorded about a patient, by whom, and in what state. */
export class Records extends CareContract {
  constructor() {
    super('Records');
  }

  /** By the patient. */
  @Transaction()
  @Returns('string')
  async AuthorizeStorage(ctx: CareContext, argument: string): Promise<string> {
    const { institutions, active, onBehalfOf } = ctx.argument(care.authorizeStorage, argument);
    demandDistinct(institutions, (index) => `institutions.${index}`);
    const { address } = await actingFor(ctx, onBehalfOf, 'authorize');
    const found = await Promise.all(institutions.map((id) => ctx.existingInstitution(id)));
    // Whoever may store is let see who covers the patient, so it is for those that do store. Taking back is never refused.
    found.forEach(({ id, kind }, index) => {
      demand(
        !active || holders.has(kind),
        'ARGUMENT_INVALID',
        `institutions.${index}: ${id} is no holder of records`,
      );
    });
    const changed = institutions.map((institution) => ({
      patient: address,
      institution,
      active,
      changedAt: ctx.now,
    }));
    await Promise.all(changed.map((one) => ctx.storageAuthorizations.put(one, address, one.institution)));
    ctx.emit('StorageAuthorized', changed);
    return ctx.answer(changed);
  }

  /** By the institution that holds the entries, once the patient lets it store. */
  @Transaction()
  @Returns('string')
  async ProposeEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries, ...origin } = ctx.argument(care.proposeEntries, argument);
    await demandStorage(ctx, origin.patient, origin.institution);
    const proposed = await storeEntries(ctx, entries, await proposedOrigin(ctx, origin));
    ctx.emit('EntryProposed', proposed);
    return ctx.answer(proposed);
  }

  /** By the patient: preliminary entries become final, with keys for grantees whose consent covers them. */
  @Transaction()
  @Returns('string')
  async AuthorizeEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries: ids, keys = [], granted, onBehalfOf } = ctx.argument(care.authorizeEntries, argument);
    demandDistinct(ids, (index) => `entries.${index}`);
    const { address } = await actingFor(ctx, onBehalfOf, 'authorize');
    await demandGrants(ctx, address, granted);
    const found = await Promise.all(ids.map((id) => ctx.entries.get(address, id)));
    const authorized = found.map((entry, index) => {
      if (!entry) throw entryNotFound(ids[index] ?? '');
      demand(
        entry.status === 'preliminary',
        'ENTRY_STATE_INVALID',
        `entry ${entry.id} is ${entry.status}, not preliminary`,
      );
      return { ...entry, status: 'final' as const };
    });
    await grantKeysOfEntries(ctx, address, keys, authorized);
    await Promise.all(authorized.map((entry) => ctx.entries.put(entry, address, entry.id)));
    ctx.emit('EntryAuthorized', authorized);
    return ctx.answer(authorized);
  }

  /** By the patient about themself: authorised at once, with keys for grantees as above. */
  @Transaction()
  @Returns('string')
  async AddPersonalEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries, keys = [], granted } = ctx.argument(care.addPersonalEntries, argument);
    const { address } = await ctx.callingPatient();
    await demandGrants(ctx, address, granted);
    const added = await storeEntries(ctx, entries, ownOrigin(address));
    await grantKeysOfEntries(ctx, address, keys, added);
    ctx.emit('EntryAuthorized', added);
    return ctx.answer(added);
  }

  /** By its holder. Grantees lose the entry and their keys; patient and holder keep theirs, so that the error can be traced. */
  @Transaction()
  @Returns('string')
  async RetractEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry: id } = ctx.argument(care.retractEntry, argument);
    const entry = await entryVisibleToCaller(ctx, patient, id);
    if (entry.class === 'personal')
      demand(
        (await ctx.patientOfCaller())?.address === patient,
        'CALLER_FORBIDDEN',
        `entry ${id} is the patient's own`,
      );
    else await ctx.institutionOfCaller(entry.institution);
    demand(entry.status !== 'entered-in-error', 'ENTRY_STATE_INVALID', `entry ${id} is retracted`);
    const retracted: care.Entry = { ...entry, status: 'entered-in-error' };
    await Promise.all([ctx.entries.put(retracted, patient, id), removeKeysOfEntry(ctx, patient, id)]);
    ctx.emit('EntryRetracted', [retracted]);
    return ctx.answer(retracted);
  }

  /** By the patient, or by the holder of what is not authorised: the keys and bodies of an entry are destroyed. */
  @Transaction()
  @Returns('string')
  async EraseEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry } = ctx.argument(care.eraseEntry, argument);
    const erased = await eraseEntry(ctx, patient, entry);
    ctx.emit('EntryErased', [erased]);
    return ctx.answer(erased);
  }

  /** By whose keys they are, after their encryption key has changed: who may read what is as it was. */
  @Transaction()
  @Returns('string')
  async RewrapKeys(ctx: CareContext, argument: string): Promise<string> {
    const rewrapped = await rewrapKeys(ctx, ctx.argument(care.rewrapKeys, argument));
    ctx.emit('KeysRewrapped', [rewrapped]);
    return ctx.answer(rewrapped);
  }

  /** By the institution that will hold it, or the patient: an entry that comes in parts. No event: it is not there yet. */
  @Transaction()
  @Returns('string')
  async BeginEntry(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await beginEntry(ctx, ctx.argument(care.beginEntry, argument)));
  }

  /** By whoever began it: a part of its body. */
  @Transaction()
  @Returns('string')
  async AppendBody(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await appendBody(ctx, ctx.argument(care.appendBody, argument)));
  }

  /** By whoever began it: it is there, as if it had been stored at once. */
  @Transaction()
  @Returns('string')
  async CompleteEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry: id, keys = [], granted } = ctx.argument(care.completeEntry, argument);
    const entry = await completeEntry(ctx, patient, id);
    const isOwn = entry.class === 'personal';
    demand(isOwn || keys.length === 0, 'ARGUMENT_INVALID', 'keys: only of a patient’s own entry');
    if (isOwn) await demandGrants(ctx, patient, granted);
    await grantKeysOfEntries(ctx, patient, keys, [entry]);
    ctx.emit(isOwn ? 'EntryAuthorized' : 'EntryProposed', [entry]);
    return ctx.answer(entry);
  }

  /** By whoever began it: nothing of it stays. */
  @Transaction()
  @Returns('string')
  async DiscardEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry } = ctx.argument(care.discardEntry, argument);
    return ctx.answer(await discardEntry(ctx, patient, entry));
  }

  /** For the patient and who acts for them: what keys that are wrapped now are wrapped after. */
  @Transaction(false)
  @Returns('string')
  async GrantsOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient } = ctx.argument(care.grantsOf, argument);
    demand(await speaksFor(ctx, patient), 'CALLER_FORBIDDEN', 'only the patient may ask for this');
    return ctx.answer({ granted: await ctx.lastGrant(patient) });
  }

  /** For whose keys they are. Nothing is opened with them: bodies are another question. */
  @Transaction(false)
  @Returns('string')
  async KeysOf(ctx: CareContext, argument: string): Promise<string> {
    return ctx.answer(await keysInPlace(ctx, ctx.argument(care.keysOf, argument)));
  }

  /** For whoever may know of the entry: is this the digest of what is stored? The stored body is hashed anew. */
  @Transaction(false)
  @Returns('string')
  async VerifyEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry: id, sha256 } = ctx.argument(care.verifyEntry, argument);
    const entry = await entryVisibleToCaller(ctx, patient, id);
    const stored = await storedDigest(ctx, entry);
    return ctx.answer({ verified: stored === sha256, sha256: stored, status: entry.status });
  }

  /** A page of the index. For anyone but the patient it may be shorter than asked, even empty, before the last one. */
  @Transaction(false)
  @Returns('string')
  async EntriesOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient, institution, pageSize, bookmark } = ctx.argument(care.entriesOf, argument);
    const reader = await EntryReader.of(ctx, patient, institution);
    const page = await ctx.entries.page([patient], pageSize, bookmark);
    const seen = await Promise.all(page.items.map((entry) => reader.sees(entry)));
    return ctx.answer({ ...page, items: page.items.filter((_entry, index) => seen[index]) });
  }

  /** Every state of one entry, oldest first. */
  @Transaction(false)
  @Returns('string')
  async HistoryOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry: id, institution } = ctx.argument(care.historyOf, argument);
    const reader = await EntryReader.of(ctx, patient, institution);
    if (!(await reader.find(id))) throw entryNotFound(id);
    const versions = await ctx.entries.history(patient, id);
    return ctx.answer(versions.map(({ transaction, at, value }) => ({ transaction, at, entry: value })));
  }
}
