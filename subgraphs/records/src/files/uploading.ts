/** From a file that is to be sent to the entry that it becomes. */
import { canonicalBytes } from '@medigraph/platform/fhir';
import { BadUserInput, checked } from '@medigraph/platform/graph';
import { type Recipient } from '@medigraph/platform/envelope';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { PlatformError } from '@medigraph/platform/errors';
import { care, type EntryCategory } from '@medigraph/schema';
import { validateResource } from '@medigraph/platform/fhir';
import { type RecordsContext } from '../context.js';
import { keysFor } from '../authorizing.js';
import { addKeys } from '@medigraph/platform/graph';
import { recordKeepers } from '../policy.js';
import { entryId } from '../sealing.js';
import { StorageNotAuthorized } from './errors.js';
import { checkedDescription, documentReference, type FileDescription } from './file-description.js';
import { type EntryUpload, type FileService, uploadId } from './file-service.js';

/** What the graph is told of a file that is to be sent. */
export interface UploadRequest extends FileDescription {
  readonly patient?: string;
  readonly category: EntryCategory;
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
  const { size, category, date } = request;
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
      entry: { id, category, date, size: bodySize, sha256, body, keys },
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
  const entries = [{ ...details.entry, attachment }];
  const { transaction, result } = await context.commit<care.Entry[]>(
    institution === undefined
      ? { contract: 'Records', transaction: 'AddPersonalEntries', argument: { entries } }
      : { contract: 'Records', transaction: 'ProposeEntries', argument: { patient, institution, entries } },
    { idempotencyKey: `upload ${id}` },
  );
  if (institution === undefined) await addKeys(context, await keysFor(context, patient, result));
  await files.uploads.finish(id);
  return transaction;
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
