import { type ConnectionProfile } from './connection-profile.js';
import { OrganizationUnknownError } from './errors.js';

/**
 * MSP id of the organisation that enrols patients.
 * @throws {@link OrganizationUnknownError} if the profile names none.
 */
export function patientsOrganization({ organizations }: ConnectionProfile): string {
  const found = Object.entries(organizations).find(([, { enrols }]) => enrols === 'patients');
  if (!found) throw new OrganizationUnknownError('that enrols patients');
  return found[0];
}
