import {
  type Claim,
  type Coverage,
  type FhirResource,
  type Location,
  type Organization,
  type Patient,
  type Practitioner,
  type PractitionerRole,
} from 'fhir/r4.js';

/** Everything a population says about one person. References are relative (`Encounter/…`) and resolve within it or the directory. */
export interface PatientRecord {
  readonly patient: Patient;
  /** Clinical resources, in the generator's order: by encounter. */
  readonly resources: readonly FhirResource[];
  /** One a payer that ever covered the person. */
  readonly coverages: readonly Coverage[];
  /** Every line priced; those that nobody but the patient pays have no `insurer`. */
  readonly claims: readonly Claim[];
}

/** Who treats and who pays, shared by all patients of a population. */
export interface Directory {
  readonly organizations: readonly Organization[];
  readonly locations: readonly Location[];
  readonly practitioners: readonly Practitioner[];
  /** Which organisation a practitioner works for. */
  readonly roles: readonly PractitionerRole[];
  readonly payers: readonly Organization[];
}

const payerCode = 'pay';

/** Is this organisation one that pays (rather than treats)? */
export function isPayer(organization: Organization): boolean {
  return (organization.type ?? []).some(({ coding }) => coding?.some(({ code }) => code === payerCode));
}

/** A paying organisation, by the name that claims give it. */
export function payerNamed(name: string): Organization {
  return {
    resourceType: 'Organization',
    id: payerIdOf(name),
    active: true,
    type: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/organization-type',
            code: payerCode,
            display: 'Payer',
          },
        ],
      },
    ],
    name,
  };
}

/** FHIR id of the payer of that name. */
export function payerIdOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `payer-${slug.slice(0, 50)}`;
}
