import {
  BadUserInput,
  checked,
  entriesOfPatient,
  entryGraphId,
  SecondFactor,
  written,
  writtenOne,
} from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { care, primitives } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { authorize } from './authorizing.js';
import { RecordsContext } from './context.js';
import { EntryNotFound } from './errors.js';
import { addOwnEntries } from './own-entries.js';
import { proposeSealed } from './proposing.js';
import { entryOf, institutionNode, patientNode } from './nodes.js';
import { recordKeepers } from './policy.js';
import { type EntryDocument } from './read-model.js';
import { checkedContents, identified, sealedEntries } from './sealing.js';
import {
  AddPersonalEntriesInput,
  AuthorizeEntriesInput,
  AuthorizeStorageInput,
  AuthorizeStoragePayload,
  EntriesPayload,
  EntryPayload,
  EraseEntryInput,
  Erasure,
  ErasurePayload,
  ProposeEntriesInput,
  RetractEntryInput,
  StorageAuthorization,
} from './types.js';

@Resolver()
export class RecordMutations {
  @Mutation(() => AuthorizeStoragePayload, {
    description: 'As the patient: let institutions store records about you, or no longer.',
  })
  async authorizeStorage(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => AuthorizeStorageInput, { description: 'Which institutions.' })
    { institutions, active, onBehalfOf, idempotencyKey }: AuthorizeStorageInput,
  ): Promise<AuthorizeStoragePayload> {
    const self = context.requirePatient();
    const patient = onBehalfOf ?? self;
    const { transaction } = await context.commit(
      {
        contract: 'Records',
        transaction: 'AuthorizeStorage',
        argument: checked(care.authorizeStorage, { institutions, active, onBehalfOf }),
      },
      { idempotencyKey },
    );
    return Object.assign(new AuthorizeStoragePayload(), {
      transaction,
      storageAuthorizations: institutions.map((institution) =>
        Object.assign(new StorageAuthorization(), {
          patient: patientNode(patient),
          institution: institutionNode(institution),
          active,
        }),
      ),
    });
  }

  @Mutation(() => EntriesPayload, {
    description:
      'As an institution that the patient lets store records: propose entries, sealed for the patient and for you. They are PRELIMINARY until the patient authorises them.',
  })
  async proposeEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => ProposeEntriesInput, { description: 'Whose, and which.' })
    { patient, resources, knownAs, source, idempotencyKey }: ProposeEntriesInput,
  ): Promise<EntriesPayload> {
    const institution = await context.requireInstitution(...recordKeepers);
    checked(care.proposeEntries.pick({ patient: true, source: true }), { patient, source });
    const contents = await checkedContents(
      context,
      resources,
      { patient, knownAs, byIdentifier: true },
      context.limits.resourceBytes,
    );
    const recipients = await Promise.all([
      context.encryptionKeyOf({ patient }).then((key) => ({ id: patient, key })),
      context.encryptionKeyOf({ institution }).then((key) => ({ id: institution, key })),
    ]);
    const entries = await sealedEntries(context, identified(context, contents, idempotencyKey), recipients);
    const proposed = { patient, institution, source, entries };
    return entriesPayload(context, await proposeSealed(context, proposed, idempotencyKey));
  }

  @Mutation(() => EntriesPayload, {
    description:
      'As the patient: add records of your own, sealed for you and for whoever you have granted access. They are FINAL at once.',
  })
  async addPersonalEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => AddPersonalEntriesInput, { description: 'Which.' })
    { resources, idempotencyKey }: AddPersonalEntriesInput,
  ): Promise<EntriesPayload> {
    const patient = context.requirePatient();
    return entriesPayload(context, await addOwnEntries(context, patient, resources, idempotencyKey));
  }

  @Mutation(() => EntriesPayload, {
    description:
      'As the patient: authorise proposed entries. Whoever holds a consent that covers them gets their keys with it; if that is cut off, call it again.',
  })
  async authorizeEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => AuthorizeEntriesInput, { description: 'Which.' })
    { entries: ids, onBehalfOf, idempotencyKey }: AuthorizeEntriesInput,
  ): Promise<EntriesPayload> {
    const self = context.requirePatient();
    const patient = checked(primitives.chainAddress, onBehalfOf ?? self);
    checked(care.authorizeEntries.shape.entries, entriesOfPatient(patient, ids));
    if (new Set(ids).size < ids.length) throw new BadUserInput('entries must be distinct.');
    const documents = await Promise.all(
      ids.map(async (id) => {
        const found = await context.loaders.entries.load(id);
        if (found === undefined) throw new EntryNotFound(id);
        return found;
      }),
    );
    const transaction = await authorize(context, patient, documents, idempotencyKey);
    const authorized = await written(context.index.entries, ids, transaction);
    return Object.assign(new EntriesPayload(), { transaction, entries: authorized.map(entryOf) });
  }

  @Mutation(() => EntryPayload, {
    description:
      'As its holder: take back an entry that should not have been made. Grantees lose it at once.',
  })
  async retractEntry(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => RetractEntryInput, { description: 'Which, and why.' })
    { entry, reason, idempotencyKey }: RetractEntryInput,
  ): Promise<EntryPayload> {
    context.requireRole('patient', ...recordKeepers);
    const found = await context.loaders.entries.load(entry);
    if (found === undefined) throw new EntryNotFound(entry);
    const { transaction } = await context.commit(
      {
        contract: 'Records',
        transaction: 'RetractEntry',
        argument: checked(care.retractEntry, { patient: found.patient, entry: found.id, reason }),
      },
      { idempotencyKey },
    );
    const document = await writtenOne(context.index.entries, entry, transaction);
    return Object.assign(new EntryPayload(), { transaction, entry: entryOf(document) });
  }

  @SecondFactor()
  @Mutation(() => ErasurePayload, {
    description:
      'As the patient: erase an entry; as its holder: one that is not authorised or was taken back. Its keys, its body and its file are destroyed, and it is as if it were not there; that it was erased stays on the ledger.',
  })
  async eraseEntry(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => EraseEntryInput, { description: 'Which, and why.' })
    { entry, reason, idempotencyKey }: EraseEntryInput,
  ): Promise<ErasurePayload> {
    context.requireRole('patient', ...recordKeepers);
    const found = await context.loaders.entries.load(entry);
    if (found === undefined) throw new EntryNotFound(entry);
    const { transaction, result } = await context.commit<care.Erasure>(
      {
        contract: 'Records',
        transaction: 'EraseEntry',
        argument: checked(care.eraseEntry, { patient: found.patient, entry: found.id, reason }),
      },
      { idempotencyKey },
    );
    await context.files.bucket.remove(entry);
    const { erasedBy, erasedAt } = result;
    return Object.assign(new ErasurePayload(), {
      transaction,
      erasure: Object.assign(new Erasure(), { id: entry, erasedBy, erasedAt }),
    });
  }
}

async function entriesPayload(
  context: RecordsContext,
  { result, transaction }: Committed<readonly care.Entry[]>,
): Promise<EntriesPayload> {
  const documents: EntryDocument[] = await written(
    context.index.entries,
    result.map(({ patient, id }) => entryGraphId(patient, id)),
    transaction,
  );
  return Object.assign(new EntriesPayload(), { transaction, entries: documents.map(entryOf) });
}
