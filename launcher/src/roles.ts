import { operateScope, type Role, wholeScope } from '@medigraph/schema';
import { type TokenIssuer } from '@medigraph/platform/identity';
import { CommandError } from './errors.js';

type TokenCaller = Parameters<TokenIssuer['issue']>[0];

interface Organization {
  readonly mspId: string;
  readonly role: Role;
}

/** The organisations of the default network, by the id of their first institution. */
const organizations: Readonly<Record<string, Organization>> = {
  'hospital-a': { mspId: 'HospitalAMSP', role: 'hospital' },
  'hospital-b': { mspId: 'HospitalBMSP', role: 'hospital' },
  'insurer-a': { mspId: 'InsurerAMSP', role: 'insurer' },
  'insurer-b': { mspId: 'InsurerBMSP', role: 'insurer' },
  regulator: { mspId: 'RegulatorMSP', role: 'regulator' },
};

/** What a caller of a role may do, as the scopes of their token. */
const scopes = ['openid', wholeScope];
const operatorScopes = [...scopes, operateScope];

export const roleNames = [
  'patient',
  'patient:ADDRESS',
  ...Object.keys(organizations),
  'ORGANISATION/INSTITUTION',
  'operator:ORGANISATION',
  'practitioner:ORGANISATION/ID',
];

/**
 * Who `--as ROLE` is: `patient` (the first of `patients`) or `patient:ADDRESS`; an organisation, acting for its first
 * institution, or `ORGANISATION/INSTITUTION` for another of its institutions; `operator:ORGANISATION`; `practitioner:ORGANISATION/ID`, who
 * works at its first institution.
 *
 * @param patientsMspId - organisation that enrols patients.
 * @throws {@link CommandError} `ROLE_UNKNOWN`.
 */
export function callerOf(name: string, patients: readonly string[], patientsMspId: string): TokenCaller {
  if (name === 'patient' || name.startsWith('patient:')) {
    const address = name === 'patient' ? patients[0] : name.slice('patient:'.length);
    if (address === undefined) {
      throw new CommandError('ROLE_UNKNOWN', 'No sample patient is loaded; name one: --as patient:ADDRESS');
    }
    return { subject: address, role: 'patient', mspId: patientsMspId, patient: address, scopes };
  }
  const doctor = /^practitioner:([^/]+)\/([^/]+)$/.exec(name);
  if (doctor) {
    const [, institution = '', practitioner = ''] = doctor;
    const { mspId } = organizationNamed(institution, name);
    return {
      subject: `${institution}/${practitioner}`,
      role: 'practitioner',
      mspId,
      institution,
      practitioner,
      scopes,
    };
  }
  const isOperator = name.startsWith('operator:');
  const [id = '', institution = id] = (isOperator ? name.slice('operator:'.length) : name).split('/');
  const organization = organizationNamed(id, name);
  const role = isOperator ? 'operator' : organization.role;
  return {
    subject: `${institution}/${role}`,
    role,
    mspId: organization.mspId,
    institution,
    scopes: isOperator ? operatorScopes : scopes,
  };
}

function organizationNamed(id: string, name: string): Organization {
  const organization = organizations[id];
  if (!organization)
    throw new CommandError('ROLE_UNKNOWN', `Nobody is called ${name}. One of: ${roleNames.join(', ')}`);
  return organization;
}

/** Whom an account is for, as the identity provider keeps them. */
export interface AccountHolder {
  readonly subject: string;
  readonly role: Role;
  readonly mspId: string;
  readonly institution?: string;
  readonly practitioner?: string;
  readonly patient?: string;
}

/**
 * Whom `account add --as` means: `patient:ADDRESS`, or `[operator:][ORGANISATION/]INSTITUTION/USER`.
 *
 * @throws {@link CommandError} `ROLE_UNKNOWN`.
 */
export function accountHolderOf(name: string, practitioner?: string): AccountHolder {
  if (name.startsWith('patient:')) {
    const patient = name.slice('patient:'.length);
    return { subject: patient, role: 'patient', mspId: 'PatientsMSP', patient };
  }
  const isOperator = name.startsWith('operator:');
  const parts = (isOperator ? name.slice('operator:'.length) : name).split('/');
  const [id = '', institution = '', user = ''] = parts.length === 2 ? [parts[0], ...parts] : parts;
  const organization = organizations[id];
  if (!organization || user === '' || parts.length > 3) {
    throw new CommandError(
      'ROLE_UNKNOWN',
      `${name} is nobody who could have an account: patient:ADDRESS, or INSTITUTION/USER of ${Object.keys(organizations).join(', ')}`,
    );
  }
  const { mspId, role } = organization;
  const own = practitioner === undefined ? role : 'practitioner';
  return {
    subject: `${institution}/${user}`,
    role: isOperator ? 'operator' : own,
    mspId,
    institution,
    ...(practitioner !== undefined && { practitioner }),
  };
}
