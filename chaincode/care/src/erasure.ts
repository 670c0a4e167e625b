import { type care } from '@medigraph/schema';
import { demand } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';
import { entryVisibleToCaller } from './entry-reader.js';
import { removeKeysOfEntry } from './granted-keys.js';
import { deleteParts } from './large-entries.js';

/** What a holder may erase: what the patient has not authorised, or what was taken back. */
const erasableByHolder: ReadonlySet<care.Entry['status']> = new Set(['preliminary', 'entered-in-error']);

/**
 * Deletes what there is of an entry, its last wrapped keys with it, and keeps that it was. A holder who must keep a record
 * by law keeps it in its own systems: here it is the patient's.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND`, `CALLER_FORBIDDEN`, `ENTRY_STATE_INVALID`.
 */
export async function eraseEntry(ctx: CareContext, patient: string, id: string): Promise<care.Erasure> {
  const entry = await entryVisibleToCaller(ctx, patient, id);
  const isPatient = (await ctx.patientOfCaller())?.address === patient;
  if (isPatient) await ctx.callingPatient();
  else {
    await ctx.institutionOfCaller(entry.institution);
    demand(
      erasableByHolder.has(entry.status),
      'ENTRY_STATE_INVALID',
      `entry ${id} is ${entry.status}: only the patient may erase it`,
    );
  }
  const { institution, sha256, attachment, parts } = entry;
  const erasure: care.Erasure = {
    entry: id,
    patient,
    institution,
    sha256,
    ...(attachment && { attachment }),
    erasedBy: isPatient ? patient : institution,
    erasedAt: ctx.now,
  };
  await Promise.all([
    ctx.entries.delete(patient, id),
    ctx.ownKeys.delete(patient, id),
    parts === undefined ? ctx.bodies.delete(patient, id) : deleteParts(ctx, patient, id, parts),
    removeKeysOfEntry(ctx, patient, id),
    ctx.erasures.put(erasure, patient, id),
  ]);
  return erasure;
}
