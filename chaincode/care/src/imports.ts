import { care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { covers } from './consent-rules.js';
import { entryNotFound } from './entry-reader.js';

/** The contract of imports: how the history that an institution has of a patient comes to the patient at their request. */
export class Imports extends CareContract {
  constructor() {
    super('Imports');
  }

  /** By the patient, of an institution that they let store records. */
  @Transaction()
  @Returns('string')
  async RequestImport(ctx: CareContext, argument: string): Promise<string> {
    const asked = ctx.argument(care.requestImport, argument);
    const { address: patient } = await ctx.callingPatient();
    const { id: institution } = await ctx.existingInstitution(asked.institution);
    const storage = await ctx.storageAuthorizations.get(patient, institution);
    demand(
      storage?.active === true,
      'STORAGE_NOT_AUTHORIZED',
      `patient ${patient} does not let institution ${institution} store entries`,
    );
    demand(!(await ctx.imports.get(patient, asked.id)), 'IMPORT_EXISTS', `import ${asked.id} exists`);
    return this.#put(ctx, 'ImportRequested', {
      ...asked,
      patient,
      status: 'requested',
      offered: [],
      picked: [],
      requestedAt: ctx.now,
      changedAt: ctx.now,
    });
  }

  /** By the institution asked: shows the patient entries that it proposed, of the kind and time asked for. */
  @Transaction()
  @Returns('string')
  async AuthorizeImport(ctx: CareContext, argument: string): Promise<string> {
    const { patient, import: id, entries } = ctx.argument(care.authorizeImport, argument);
    const found = await importOf(ctx, patient, id);
    await demandAsked(ctx, found);
    demandState(found, 'requested', 'offered');
    demandDistinct(entries, (index) => `entries.${index}`);
    demandNotOffered(found, entries);
    demand(
      found.offered.length + entries.length <= care.maxOffered,
      'ARGUMENT_INVALID',
      `entries: import ${id} offers at most ${care.maxOffered}`,
    );
    const proposed = await Promise.all(entries.map((entry) => ctx.entries.get(patient, entry)));
    proposed.forEach((entry, index) => {
      if (entry?.institution !== found.institution) throw entryNotFound(entries[index] ?? '');
      demandNotImported(entry, index);
      demand(
        covers({ purpose: ['PATRQT'], category: found.category, dataPeriod: found.dataPeriod }, entry),
        'ARGUMENT_INVALID',
        `entries.${index}: ${entry.id} is not of what the patient asked for`,
      );
    });
    return this.#put(ctx, 'ImportOffered', {
      ...found,
      status: 'offered',
      offered: [...found.offered, ...entries],
      changedAt: ctx.now,
    });
  }

  /** By the patient, once they have authorised what they take. */
  @Transaction()
  @Returns('string')
  async PickEntries(ctx: CareContext, argument: string): Promise<string> {
    const { import: id, entries } = ctx.argument(care.pickEntries, argument);
    const { address: patient } = await ctx.callingPatient();
    const found = await importOf(ctx, patient, id);
    demandState(found, 'offered');
    demandDistinct(entries, (index) => `entries.${index}`);
    const offered = new Set(found.offered);
    const picked = await Promise.all(entries.map((entry) => ctx.entries.get(patient, entry)));
    picked.forEach((entry, index) => {
      if (!entry || !offered.has(entry.id)) throw entryNotFound(entries[index] ?? '');
      demand(
        entry.status === 'final' || entry.status === 'amended',
        'ENTRY_STATE_INVALID',
        `entry ${entry.id} is ${entry.status}, not authorised`,
      );
    });
    return this.#put(ctx, 'ImportPicked', {
      ...found,
      status: 'picked',
      picked: entries,
      changedAt: ctx.now,
    });
  }

  /** By either side, before anything was picked. Entries that were offered stay as they are, unauthorised. */
  @Transaction()
  @Returns('string')
  async DeclineImport(ctx: CareContext, argument: string): Promise<string> {
    const { patient, import: id, reason } = ctx.argument(care.declineImport, argument);
    const found = await importOf(ctx, patient, id);
    await demandParty(ctx, found);
    demandState(found, 'requested', 'offered');
    return this.#put(ctx, 'ImportDeclined', {
      ...found,
      status: 'declined',
      ...(reason === undefined ? {} : { reason }),
      changedAt: ctx.now,
    });
  }

  /** For the patient and the institution asked. */
  @Transaction(false)
  @Returns('string')
  async ReadImport(ctx: CareContext, argument: string): Promise<string> {
    const { patient, import: id } = ctx.argument(care.readImport, argument);
    const found = await importOf(ctx, patient, id);
    await demandParty(ctx, found);
    return ctx.answer(found);
  }

  async #put(
    ctx: CareContext,
    event: 'ImportRequested' | 'ImportOffered' | 'ImportPicked' | 'ImportDeclined',
    changed: care.HistoryImport,
  ): Promise<string> {
    await ctx.imports.put(changed, changed.patient, changed.id);
    ctx.emit(event, [changed]);
    return ctx.answer(changed);
  }
}

/** The same words whether there is none or it is not the caller's. */
function importNotFound(id: string): ContractError {
  return new ContractError('IMPORT_NOT_FOUND', `there is no import ${id} that you may see`);
}

async function importOf(ctx: CareContext, patient: string, id: string): Promise<care.HistoryImport> {
  const found = await ctx.imports.get(patient, id);
  if (!found) throw importNotFound(id);
  return found;
}

async function demandAsked(ctx: CareContext, { id, institution }: care.HistoryImport): Promise<void> {
  const isPerson = (await ctx.patientOfCaller()) !== undefined;
  if (isPerson || !(await ctx.institutionsOfCaller([institution])).has(institution)) throw importNotFound(id);
}

async function demandParty(ctx: CareContext, found: care.HistoryImport): Promise<void> {
  const self = await ctx.patientOfCaller();
  if (self?.address === found.patient && self.status === 'active') return;
  await demandAsked(ctx, found);
}

function demandState({ id, status }: care.HistoryImport, ...allowed: care.HistoryImport['status'][]): void {
  demand(
    allowed.includes(status),
    'IMPORT_STATE_INVALID',
    `import ${id} is ${status}, not ${allowed.join(' or ')}`,
  );
}

/** What was shown once need not be shown again: whoever repeats an offer is told which of it stands. */
function demandNotOffered({ id, offered }: care.HistoryImport, entries: readonly string[]): void {
  entries.forEach((entry, index) => {
    demand(
      !offered.includes(entry),
      'ENTRY_IMPORTED',
      `entries.${index}: ${entry} is offered by import ${id} already`,
    );
  });
}

function demandNotImported({ id, status }: care.Entry, index: number): void {
  demand(
    status !== 'final' && status !== 'amended',
    'ENTRY_IMPORTED',
    `entries.${index}: the patient has authorised ${id} already`,
  );
  demand(status === 'preliminary', 'ENTRY_STATE_INVALID', `entries.${index}: ${id} is ${status}`);
}
