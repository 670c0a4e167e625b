import { checked } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { type RecordsContext } from '../context.js';
import { recordKeepers } from '../policy.js';
import { proposeSealed } from '../proposing.js';
import { patientReferences } from '../subjects.js';
import { type PatientNames } from './candidates.js';
import { type ImportTarget } from './importing.js';

const whose = care.proposeEntries.pick({ patient: true, source: true });

/**
 * What the caller's institution keeps about a patient: proposed, sealed for both.
 * @param source - the system that it is taken from.
 */
export async function institutionTarget(
  context: RecordsContext,
  patient: string,
  source: string | undefined,
): Promise<ImportTarget> {
  const institution = await context.requireInstitution(...recordKeepers);
  checked(whose, { patient, source });
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
      const proposed = { patient, institution, method: 'imported' as const, source, entries: [...entries] };
      return (await proposeSealed(context, proposed)).transaction;
    },
  };
}

/** How an institution's import means its patient. */
export function namesIn(context: RecordsContext, patient: string, knownAs: readonly string[]): PatientNames {
  return {
    declared: knownAs.length > 0,
    referencesIn: (resources) =>
      patientReferences(context, { patient, knownAs, byIdentifier: true }, resources),
  };
}
