/** A patient asks an institution for their history, is shown what there is, and takes what they like. */
import { randomBytes } from 'node:crypto';
import { checked, entriesOfPatient, entryGraphId, writtenOne } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorize } from '../authorizing.js';
import { RecordsContext } from '../context.js';
import { EntryNotFound, ImportNotFound, ImportStateInvalid } from '../errors.js';
import { recordKeepers } from '../policy.js';
import { importOf } from './history-resolvers.js';
import {
  DeclineImportInput,
  ImportPayload,
  OfferImportInput,
  PickEntriesInput,
  RequestImportInput,
} from './history-types.js';
import { type ImportDocument } from './import-book.js';

@Resolver()
export class ImportMutations {
  @Mutation(() => ImportPayload, {
    description: 'As the patient: ask an institution that you let store records for your history.',
  })
  async requestImport(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => RequestImportInput, { description: 'Of whom, and what.' })
    { institution, category, dataPeriod, reason, idempotencyKey }: RequestImportInput,
  ): Promise<ImportPayload> {
    const patient = context.requirePatient();
    const id = newImportId(context, idempotencyKey);
    const { transaction } = await context.commit(
      {
        contract: 'Imports',
        transaction: 'RequestImport',
        argument: checked(care.requestImport, { id, institution, category, dataPeriod, reason }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, entryGraphId(patient, id), transaction);
  }

  @Mutation(() => ImportPayload, {
    description:
      'As the institution asked: show the patient entries that you imported or proposed, of the kind and time asked for; again for more of them, until the patient picks.',
  })
  async offerImport(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => OfferImportInput, { description: 'Which.' })
    { import: id, entries, idempotencyKey }: OfferImportInput,
  ): Promise<ImportPayload> {
    context.requireRole(...recordKeepers);
    const found = await partyTo(context, id);
    const { transaction } = await context.commit(
      {
        contract: 'Imports',
        transaction: 'AuthorizeImport',
        argument: checked(care.authorizeImport, {
          patient: found.patient,
          import: found.id,
          entries: entriesOfPatient(found.patient, entries),
        }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, id, transaction);
  }

  @Mutation(() => ImportPayload, {
    description:
      'As the patient: authorise what you take of what was offered, and close the import. If that is cut off, call it again. The rest stays unauthorised.',
  })
  async pickEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => PickEntriesInput, { description: 'Which.' })
    { import: id, entries, idempotencyKey }: PickEntriesInput,
  ): Promise<ImportPayload> {
    const patient = context.requirePatient();
    const found = await partyTo(context, id);
    // Asked before anything is authorised, so that a pick that is refused leaves every entry as it was.
    if (found.status !== 'offered') throw new ImportStateInvalid(id, found.status);
    const argument = checked(care.pickEntries, {
      import: found.id,
      entries: [...new Set(entriesOfPatient(patient, entries))],
    });
    await authorizeOffered(context, found, argument.entries, idempotencyKey);
    const { transaction } = await context.commit(
      { contract: 'Imports', transaction: 'PickEntries', argument },
      { idempotencyKey },
    );
    return payloadOf(context, id, transaction);
  }

  @Mutation(() => ImportPayload, {
    description:
      'As either party, before anything was picked: end the import. Entries that were offered stay unauthorised.',
  })
  async declineImport(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => DeclineImportInput, { description: 'Which, and why.' })
    { import: id, reason, idempotencyKey }: DeclineImportInput,
  ): Promise<ImportPayload> {
    context.requireRole('patient', ...recordKeepers);
    const found = await partyTo(context, id);
    const { transaction } = await context.commit(
      {
        contract: 'Imports',
        transaction: 'DeclineImport',
        argument: checked(care.declineImport, { patient: found.patient, import: found.id, reason }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, id, transaction);
  }
}

/** Authorises entries, as many in a transaction as it carries. */
async function authorizeOffered(
  context: RecordsContext,
  { patient, offered }: ImportDocument,
  entries: readonly string[],
  idempotencyKey: string | undefined,
): Promise<void> {
  const shown = new Set(offered);
  const documents = await Promise.all(
    entries.map(async (entry) => {
      const id = entryGraphId(patient, entry);
      const found = shown.has(entry) ? await context.loaders.entries.load(id) : undefined;
      if (found === undefined) throw new EntryNotFound(id);
      return found;
    }),
  );
  for (let start = 0; start < documents.length; start += care.maxBatch) {
    const key = idempotencyKey === undefined ? undefined : `${idempotencyKey}/${start}`;
    await authorize(context, patient, documents.slice(start, start + care.maxBatch), key);
  }
}

/** Unguessable, and the same when the same caller repeats the call. */
function newImportId({ caller, services }: RecordsContext, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return services.custody
    .keyedHash('import-request', JSON.stringify([caller.subject, idempotencyKey]))
    .slice(0, 32);
}

async function partyTo({ loaders }: RecordsContext, id: string): Promise<ImportDocument> {
  const found = await loaders.imports.load(id);
  if (found === undefined) throw new ImportNotFound(id);
  return found;
}

async function payloadOf(
  context: RecordsContext,
  id: string,
  transaction: TransactionReference,
): Promise<ImportPayload> {
  const document = await writtenOne(context.book.imports, id, transaction);
  return Object.assign(new ImportPayload(), { transaction, import: importOf(document) });
}
