import { care } from '@medigraph/schema';
import {
  ContractError,
  demand,
  demandDistinct,
  Returns,
  sha256Of,
  Transaction,
} from '@medigraph/chaincode-lib';
import { actingFor } from './acting.js';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { entryNotFound, EntryReader, entryVisibleToCaller } from './entry-reader.js';
import { demandCovered, putKey, removeKeysOfEntry } from './granted-keys.js';
import { storeEntries } from './sealed-entries.js';

/** Institutions that may hold records. */
const holders: ReadonlySet<string> = new Set(['hospital', 'research']);

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
    const { patient, institution, entries } = ctx.argument(care.proposeEntries, argument);
    const holder = await ctx.institutionOfCaller(institution);
    demand(
      holders.has(holder.kind),
      'CALLER_FORBIDDEN',
      `institution ${institution} is no holder of records`,
    );
    await ctx.activePatient(patient);
    const storage = await ctx.storageAuthorizations.get(patient, institution);
    demand(
      storage?.active === true,
      'STORAGE_NOT_AUTHORIZED',
      `patient ${patient} does not let institution ${institution} store entries`,
    );
    const proposed = await storeEntries(ctx, entries, {
      patient,
      institution,
      class: 'clinical',
      status: 'preliminary',
    });
    ctx.emit('EntryProposed', proposed);
    return ctx.answer(proposed);
  }

  /** By the patient: preliminary entries become final, with keys for grantees whose consent covers them. */
  @Transaction()
  @Returns('string')
  async AuthorizeEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries: ids, keys = [], onBehalfOf } = ctx.argument(care.authorizeEntries, argument);
    demandDistinct(ids, (index) => `entries.${index}`);
    const { address } = await actingFor(ctx, onBehalfOf, 'authorize');
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
    await this.#grant(ctx, address, keys, authorized);
    await Promise.all(authorized.map((entry) => ctx.entries.put(entry, address, entry.id)));
    ctx.emit('EntryAuthorized', authorized);
    return ctx.answer(authorized);
  }

  /** By the patient about themself: authorised at once. */
  @Transaction()
  @Returns('string')
  async AddPersonalEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries } = ctx.argument(care.addPersonalEntries, argument);
    const { address } = await ctx.callingPatient();
    const added = await storeEntries(ctx, entries, {
      patient: address,
      institution: address,
      class: 'personal',
      status: 'final',
    });
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

  /** For whoever may know of the entry: is this the digest of what is stored? The stored body is hashed anew. */
  @Transaction(false)
  @Returns('string')
  async VerifyEntry(ctx: CareContext, argument: string): Promise<string> {
    const { patient, entry: id, sha256 } = ctx.argument(care.verifyEntry, argument);
    const { status } = await entryVisibleToCaller(ctx, patient, id);
    const stored = sha256Of((await ctx.bodies.get(patient, id)) ?? '');
    return ctx.answer({ verified: stored === sha256, sha256: stored, status });
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

  /** Keys that come with an authorisation: for entries authorised here, under active consents that cover them. */
  async #grant(
    ctx: CareContext,
    patient: string,
    keys: readonly care.GrantedKey[],
    authorized: readonly care.Entry[],
  ): Promise<void> {
    demandDistinct(
      keys.map(({ consent, entry }) => `${consent}/${entry}`),
      (index) => `keys.${index}`,
    );
    const ids = [...new Set(keys.map(({ consent }) => consent))];
    const consents = new Map(
      (await Promise.all(ids.map((id) => ctx.consentOfPatient(id, patient)))).map((one) => [one.id, one]),
    );
    const entries = new Map(authorized.map((entry) => [entry.id, entry]));
    keys.forEach(({ consent: consentId, entry: entryId }, index) => {
      const entry = entries.get(entryId);
      if (!entry)
        throw new ContractError('ARGUMENT_INVALID', `keys.${index}.entry: ${entryId} is not authorised here`);
      const consent = consents.get(consentId);
      demand(consent?.status === 'active', 'CONSENT_STATE_INVALID', `consent ${consentId} is not active`);
      demandCovered(consent, entry);
    });
    await Promise.all(
      keys.map(async ({ consent: id, entry, key }) => {
        const consent = consents.get(id);
        if (consent) await putKey(ctx, consent, entry, key);
      }),
    );
  }
}
