import path from 'node:path';
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
import { PopulationInvalidError } from '../errors.js';
import { readManifest, type Manifest } from './manifest.js';
import { readResources } from './ndjson-file.js';
import { isPayer, type Directory, type PatientRecord } from './records.js';

/** A population on disk. */
export interface Population {
  readonly manifest: Manifest;
  readonly directory: Directory;
  /** The records, one read at a time and in the manifest's order; iterate again to read again. */
  patients(): AsyncIterable<PatientRecord>;
}

/**
 * Opens a population: reads its manifest and directory, and leaves the records for {@link Population.patients}.
 *
 * @throws {@link PopulationInvalidError}, here or while iterating, naming the file that is not as it should be.
 */
export async function readPopulation(folder: string): Promise<Population> {
  const manifest = await readManifest(folder);
  const directory = directoryOf(await readResources(folder, manifest.directory));
  return {
    manifest,
    directory,
    async *patients() {
      for (const file of manifest.records) {
        const record = recordOf(await readResources(folder, file));
        if (record?.patient.id !== file.patient) {
          throw new PopulationInvalidError(path.join(folder, file.path), `is not about ${file.patient}`);
        }
        yield record;
      }
    },
  };
}

function ofType<T extends FhirResource>(resources: readonly FhirResource[], type: T['resourceType']): T[] {
  return resources.filter((resource): resource is T => resource.resourceType === type);
}

function directoryOf(resources: readonly FhirResource[]): Directory {
  const organizations = ofType<Organization>(resources, 'Organization');
  return {
    organizations: organizations.filter((organization) => !isPayer(organization)),
    payers: organizations.filter(isPayer),
    locations: ofType<Location>(resources, 'Location'),
    practitioners: ofType<Practitioner>(resources, 'Practitioner'),
    roles: ofType<PractitionerRole>(resources, 'PractitionerRole'),
  };
}

const besideRecord: ReadonlySet<string> = new Set(['Patient', 'Coverage', 'Claim']);

function recordOf(resources: readonly FhirResource[]): PatientRecord | undefined {
  const [patient, ...others] = ofType<Patient>(resources, 'Patient');
  if (patient === undefined || others.length > 0) return undefined;
  return {
    patient,
    resources: resources.filter(({ resourceType }) => !besideRecord.has(resourceType)),
    coverages: ofType<Coverage>(resources, 'Coverage'),
    claims: ofType<Claim>(resources, 'Claim'),
  };
}
