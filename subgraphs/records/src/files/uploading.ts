/** From a file that is to be sent to the entry that it becomes. */
import { canonicalBytes, validateResource } from '@medigraph/platform/fhir';
import { BadUserInput, checked } from '@medigraph/platform/graph';
import { type Recipient } from '@medigraph/platform/envelope';
import { type Committed, type TransactionReference } from '@medigraph/platform/ledger';
import { PlatformError } from '@medigraph/platform/errors';
import { care, type EntryCategory } from '@medigraph/schema';
import { type RecordsContext } from '../context.js';
import { grantedKeysOf, granteeRecipients, writeForGrantees } from '../grantees.js';
import { commitOwn } from '../own-entries.js';
import { recordKeepers } from '../policy.js';
import { entryId } from '../sealing.js';
import { StorageNotAuthorized } from '../errors.js';
import { checkedDescription, documentReference, type FileDescription } from './file-description.js';
import { type EntryUpload, type FileService, uploadId } from './file-service.js';

/** What the graph is told of a file that is to be sent. */
export interface UploadRequest extends FileDescription {
  readonly patient?: string;
  /** Absent: `document`. */
  readonly category?: EntryCategory;
  readonly date: string;
  readonly idempotencyKey?: string;
}

interface Parties {
  readonly patient: string;
  /** Absent for a patient's own. */
  readonly institution?: string;
}

/**
 * Begins an upload: seals what the file is, with a key for patient and holder, and keeps the entry ready until the file is
 * there.
 * @throws `BAD_USER_INPUT`, `FILE_TOO_LARGE`, `FILE_QUOTA_EXCEEDED`, `STORAGE_NOT_AUTHORIZED`
 */
export async function beginUpload(
  context: RecordsContext,
  files: FileService,
  request: UploadRequest,
): Promise<EntryUpload> {
  const { size, date } = request;
  const category = request.category ?? 'document';
  if (!Number.isSafeInteger(size) || size < 1)
    throw new BadUserInput('size must be a whole number of bytes.');
  files.requireSize(size);
  const file = checkedDescription(request);
  const { patient, institution } = await partiesOf(context, request.patient);
  const resource = documentReference(file, date);
  validateResource(resource);
  const id = entryId(context, 0, request.idempotencyKey);
  const sealed = await context.services.envelopes.seal(
    id,
    canonicalBytes(resource),
    await recipients(context, { patient, institution }),
  );
  const { body, keys, sha256, size: bodySize } = sealed;
  return files.uploads.begin({
    id: uploadId(patient, id),
    patient,
    owner: institution ?? patient,
    size,
    details: {
      ...(institution !== undefined && { institution }),
      entry: { id, resourceType: resource.resourceType, category, date, size: bodySize, sha256, body, keys },
    },
  });
}

/**
 * Puts the entry of an upload on the ledger, now that its file is there. Called again, it goes on where it stopped.
 * @throws `UPLOAD_NOT_FOUND`, `UPLOAD_INCOMPLETE`, or what the ledger refuses.
 */
export async function completeUpload(
  context: RecordsContext,
  files: FileService,
  id: string,
): Promise<TransactionReference> {
  const upload = await files.uploadOf(context, id);
  const attachment = await files.complete(upload);
  const { patient, details } = upload;
  const { institution } = details;
  const entry = { ...details.entry, attachment };
  const idempotencyKey = `upload ${id}`;
  const { transaction } =
    institution === undefined
      ? await addOwnFile(context, files, upload, entry, idempotencyKey)
      : await context.commit(
          {
            contract: 'Records',
            transaction: 'ProposeEntries',
            argument: { patient, institution, entries: [entry] },
          },
          { idempotencyKey },
        );
  await files.finish(upload);
  return transaction;
}

async function addOwnFile(
  context: RecordsContext,
  files: FileService,
  upload: EntryUpload,
  entry: care.ProposedEntry,
  idempotencyKey: string,
): Promise<Committed<care.Entry[]>> {
  const { patient } = upload;
  const contentKey = await files.contentKeyOf(context, upload);
  return writeForGrantees(context, patient, async ({ granted, consents }) => {
    const recipients = await granteeRecipients(context, consents, entry);
    const wrapped = await Promise.all(
      recipients.map(
        async (one) => [one.id, await context.services.envelopes.wrap(contentKey, one)] as const,
      ),
    );
    const keys = grantedKeysOf(consents, entry, Object.fromEntries(wrapped));
    return commitOwn(context, patient, [entry], keys, granted, idempotencyKey);
  });
}

async function partiesOf(context: RecordsContext, named: string | undefined): Promise<Parties> {
  if (context.caller.role === 'patient') {
    const patient = context.requirePatient();
    if (named !== undefined && named !== patient) throw new BadUserInput('patient must be yourself.');
    return { patient };
  }
  const institution = await context.requireInstitution(...recordKeepers);
  const patient = checked(care.proposeEntries.shape.patient, named);
  // The ledger asks again when the entry is written; a gigabyte should not be sent to be refused then.
  const relationship = await context.relationshipWith(patient);
  if (relationship?.storage !== true) throw new StorageNotAuthorized(patient);
  return { patient, institution };
}

async function recipients(context: RecordsContext, { patient, institution }: Parties): Promise<Recipient[]> {
  const own = { id: patient, key: await context.encryptionKeyOf({ patient }) };
  if (institution === undefined) return [own];
  return [own, { id: institution, key: await context.encryptionKeyOf({ institution }) }];
}

/** Was it refused because there is no such upload? */
export function isNoUpload(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'UPLOAD_NOT_FOUND';
}
