import { addKeys, Forbidden } from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { keysFor } from '../authorizing.js';
import { type RecordsContext } from '../context.js';
import { recordKeepers } from '../policy.js';
import { type ImportTarget } from './importing.js';

/** What the caller's institution keeps about a patient: proposed, sealed for both. */
export async function institutionTarget(context: RecordsContext, patient: string): Promise<ImportTarget> {
  const institution = await context.requireInstitution(...recordKeepers);
  const [ofPatient, ofInstitution] = await Promise.all([
    context.encryptionKeyOf({ patient }),
    context.encryptionKeyOf({ institution }),
  ]);
  return {
    patient,
    recipients: [
      { id: patient, key: ofPatient },
      { id: institution, key: ofInstitution },
    ],
    async store(entries) {
      const { transaction } = await context.commit({
        contract: 'Records',
        transaction: 'ProposeEntries',
        argument: { patient, institution, entries },
      });
      return transaction;
    },
  };
}

/** What the calling patient adds about themself: final at once, with keys for whoever may read it. */
export async function patientTarget(context: RecordsContext, patient: string): Promise<ImportTarget> {
  if (context.requirePatient() !== patient) throw new Forbidden('You can add records about yourself only.');
  return {
    patient,
    recipients: [{ id: patient, key: await context.encryptionKeyOf({ patient }) }],
    async store(entries) {
      const { result, transaction } = await context.commit<care.Entry[]>({
        contract: 'Records',
        transaction: 'AddPersonalEntries',
        argument: { entries },
      });
      await addKeys(context, await keysFor(context, patient, result));
      return transaction;
    },
  };
}
