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
