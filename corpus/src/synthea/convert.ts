import { entryDate } from '@medigraph/platform/fhir';
import {
  type Bundle,
  type Claim,
  type FhirResource,
  type Location,
  type Organization,
  type Patient,
  type Practitioner,
  type PractitionerRole,
} from 'fhir/r4.js';
import { CorpusGenerationError } from '../errors.js';
import { payerNamed, type Directory, type PatientRecord } from '../population/records.js';
import { priceLines, type DaysOfService } from './billing.js';
import { coveragesOf, insure, payerOf } from './coverages.js';
import { References } from './references.js';
import { splitClaim } from './split-claim.js';

/** Left out: what an insurer answers and who wrote what are for the ledger to say. */
const excluded: ReadonlySet<string> = new Set(['ExplanationOfBenefit', 'Provenance']);

/** Turns Synthea's bundles into records of a population, remembering the payers that claims name. */
export class BundleConverter {
  readonly #references = new References();
  readonly #payers = new Map<string, Organization>();
  readonly #organizations: Organization[] = [];
  readonly #locations: Location[] = [];
  readonly #practitioners: Practitioner[] = [];
  readonly #roles: PractitionerRole[] = [];

  /** @param shared - Synthea's bundles of hospitals and practitioners. */
  constructor(shared: readonly Bundle[]) {
    for (const resource of shared.flatMap((bundle) => resourcesIn(bundle))) {
      if (resource.resourceType === 'Organization') this.#organizations.push(resource);
      else if (resource.resourceType === 'Location') this.#locations.push(resource);
      else if (resource.resourceType === 'Practitioner') this.#practitioners.push(resource);
      else if (resource.resourceType === 'PractitionerRole') this.#roles.push(resource);
    }
    for (const named of [...this.#organizations, ...this.#locations, ...this.#practitioners]) {
      this.#references.addIdentified(named);
    }
  }

  convert(bundle: Bundle): PatientRecord {
    const references = this.#references.within(bundle);
    const resources = resourcesIn(bundle)
      .filter(({ resourceType }) => !excluded.has(resourceType))
      .map((resource) => references.resolve(resource));
    const patient = resources.find((resource): resource is Patient => resource.resourceType === 'Patient');
    if (patient?.id === undefined) throw new CorpusGenerationError('a generated bundle has no patient');
    const days = daysOf(resources);
    const claims = resources
      .filter((resource): resource is Claim => resource.resourceType === 'Claim')
      .flatMap((claim) => splitClaim(priceLines(claim, days)));
    for (const payer of claims.map(payerOf)) {
      if (payer !== undefined && !this.#payers.has(payer)) this.#payers.set(payer, payerNamed(payer));
    }
    return {
      patient,
      resources: resources.filter(
        ({ resourceType }) => resourceType !== 'Patient' && resourceType !== 'Claim',
      ),
      coverages: coveragesOf(patient, claims),
      claims: claims.map((claim) => insure(claim, patient)),
    };
  }

  /** Who treats, and who was seen to pay. */
  directory(): Directory {
    const byId = <T extends { id?: string }>(resources: Iterable<T>): T[] =>
      [...resources].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
    return {
      organizations: byId(this.#organizations.map((one) => this.#references.resolve(one))),
      locations: byId(this.#locations.map((one) => this.#references.resolve(one))),
      practitioners: byId(this.#practitioners.map((one) => this.#references.resolve(one))),
      roles: byId(this.#roles.map((one) => this.#references.resolve(one))),
      payers: byId(this.#payers.values()),
    };
  }
}

function resourcesIn(bundle: Bundle): FhirResource[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

function daysOf(resources: readonly FhirResource[]): DaysOfService {
  const days = new Map<string, string>();
  for (const resource of resources) {
    const day = entryDate(resource);
    if (resource.id !== undefined && day !== undefined)
      days.set(`${resource.resourceType}/${resource.id}`, day);
  }
  return days;
}
