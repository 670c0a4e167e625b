import { createHash } from 'node:crypto';
import { type InstitutionKind } from '@medigraph/schema';
import { type Organization } from 'fhir/r4.js';
import { type Directory } from '../population/records.js';

/** An institution to be, without its key. */
export interface PlannedInstitution {
  readonly id: string;
  /** Organisation of the network that it belongs to. */
  readonly mspId: string;
  readonly kind: InstitutionKind;
  readonly name: string;
}

/** The institutions that each organisation has from the start, whatever the population. */
const primaryInstitutions: readonly PlannedInstitution[] = [
  { id: 'hospital-a', mspId: 'HospitalAMSP', kind: 'hospital', name: 'Hospital A' },
  { id: 'hospital-b', mspId: 'HospitalBMSP', kind: 'hospital', name: 'Hospital B' },
  { id: 'insurer-a', mspId: 'InsurerAMSP', kind: 'insurer', name: 'Insurer A' },
  { id: 'insurer-b', mspId: 'InsurerBMSP', kind: 'insurer', name: 'Insurer B' },
  { id: 'regulator', mspId: 'RegulatorMSP', kind: 'regulator', name: 'Regulator' },
];

/** The organisation that enrols patients. */
export const patientsMspId = 'PatientsMSP';

/** One of two organisations, the same for the same id in every population and on every machine. */
function oneOf(mspIds: readonly [string, string], id: string): string {
  const [byte = 0] = createHash('sha256').update(id).digest();
  return mspIds[byte % 2 === 0 ? 0 : 1];
}

const longestName = 200;

function planned(
  organization: Organization,
  kind: InstitutionKind,
  mspIds: readonly [string, string],
): PlannedInstitution[] {
  const { id, name } = organization;
  if (id === undefined) return [];
  return [{ id, mspId: oneOf(mspIds, id), kind, name: (name ?? id).slice(0, longestName) }];
}

/** The institutions of a population: its hospitals and practices shared out to the two hospital organisations, its payers to the two insurers. */
export function institutionsOf(directory: Directory): PlannedInstitution[] {
  return [
    ...primaryInstitutions,
    ...directory.organizations.flatMap((one) => planned(one, 'hospital', ['HospitalAMSP', 'HospitalBMSP'])),
    ...directory.payers.flatMap((one) => planned(one, 'insurer', ['InsurerAMSP', 'InsurerBMSP'])),
  ];
}

/** The hospital that holds what a population gives to none: the same for the same patient. */
export function primaryHospitalOf(patientId: string): string {
  return oneOf(['hospital-a', 'hospital-b'], patientId);
}
