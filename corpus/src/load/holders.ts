import { type Encounter, type FhirResource } from 'fhir/r4.js';
import { type PatientRecord } from '../population/records.js';
import { primaryHospitalOf } from './institutions.js';

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The references in an element: one, or a list of them, or (as DocumentReference.context) below `encounter`. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isNode(value)) return [];
  const own = typeof value['reference'] === 'string' ? [value['reference']] : [];
  return [...own, ...referencesIn(value['encounter'])];
}

/** Says which institution holds a resource of one patient's record. */
export class Holders {
  readonly #known: ReadonlySet<string>;
  readonly #byEncounter = new Map<string, string>();
  /** Relative reference of a Medication to the holder of what prescribes or gives it. */
  readonly #byMedication = new Map<string, string>();
  /** Where the patient went most, for what says nothing itself. */
  readonly #usual: string;

  /** @param institutions - ids of the hospitals there are. */
  constructor(record: PatientRecord, institutions: Iterable<string>) {
    this.#known = new Set(institutions);
    const visits = new Map<string, number>();
    for (const encounter of record.resources) {
      if (encounter.resourceType !== 'Encounter') continue;
      const provider = this.#providerOf(encounter);
      if (provider === undefined) continue;
      this.#byEncounter.set(`Encounter/${encounter.id ?? ''}`, provider);
      visits.set(provider, (visits.get(provider) ?? 0) + 1);
    }
    const [most] = [...visits].sort(([, a], [, b]) => b - a);
    this.#usual = most?.[0] ?? primaryHospitalOf(record.patient.id ?? '');
    for (const resource of record.resources) {
      for (const medication of referencesIn((resource as unknown as Node)['medicationReference'])) {
        this.#byMedication.set(medication, this.of(resource));
      }
    }
  }

  /**
   * By the encounter it is part of; or else the organisation that it names as custodian, manager or performer; or else, a
   * medication, with what prescribes it; or else where the patient went most.
   */
  of(resource: FhirResource): string {
    if (resource.resourceType === 'Encounter') return this.#providerOf(resource) ?? this.#usual;
    if (resource.resourceType === 'Medication') {
      return this.#byMedication.get(`Medication/${resource.id ?? ''}`) ?? this.#usual;
    }
    const node = resource as unknown as Node;
    const encounters = [node['encounter'], node['context']].flatMap(referencesIn);
    const byEncounter = encounters.map((one) => this.#byEncounter.get(one)).find((one) => one !== undefined);
    return byEncounter ?? this.#organizationIn(node) ?? this.#usual;
  }

  /** The institution that a reference names, or where the patient went most. */
  named(reference: string | undefined): string {
    return this.#institution(reference) ?? this.#usual;
  }

  #providerOf(encounter: Encounter): string | undefined {
    return this.#institution(encounter.serviceProvider?.reference);
  }

  #organizationIn(node: Node): string | undefined {
    return ['custodian', 'managingOrganization', 'performer']
      .flatMap((element) => referencesIn(node[element]))
      .map((reference) => this.#institution(reference))
      .find((one) => one !== undefined);
  }

  #institution(reference: string | undefined): string | undefined {
    const id = reference?.startsWith('Organization/') ? reference.slice('Organization/'.length) : undefined;
    return id !== undefined && this.#known.has(id) ? id : undefined;
  }
}
