/** From what was sent to what can be stored: each resource judged on its own, and told why not. */
import { PlatformError } from '@medigraph/platform/errors';
import {
  bundleEntry,
  FhirInvalidError,
  type FhirIssue,
  type OutcomeIssue,
  outcomeIssue,
  ownReference,
  type R4Resource,
  requireImportable,
  standingAlone,
  subjectsOf,
  validateResource,
} from '@medigraph/platform/fhir';
import { requireSubject } from '../subjects.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** One resource of what was sent, in the order sent. */
export type Candidate =
  | { readonly index: number; readonly resource: R4Resource; readonly refusal?: undefined }
  | { readonly index: number; readonly refusal: Refusal };

/** Why a resource is not stored. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly issues: readonly OutcomeIssue[];
}

/** A resource with the place that its faults are told under: `Bundle.entry[3].resource`, or its own type. */
interface Placed {
  readonly root?: string;
  readonly value: unknown;
  readonly error?: Error;
}

/** By which references the patient is meant. */
export interface PatientNames {
  /** Those of these resources that mean the patient. */
  readonly referencesIn: (resources: readonly JsonObject[]) => Promise<ReadonlySet<string>>;
  /** Did the source say how it calls the patient? */
  readonly declared: boolean;
}

/** Judges single resources. */
export function candidatesOf(
  resources: readonly unknown[],
  names: PatientNames,
  maxBytes: number,
): Promise<Candidate[]> {
  return judged(
    resources.map((value) => ({ value })),
    names,
    maxBytes,
  );
}

/**
 * Judges the entries of a bundle; their references to each other become references to `Type/id`.
 * @throws `IMPORT_UNREADABLE` for what is no bundle of a kind that can be imported.
 */
export async function candidatesOfBundle(
  bundle: unknown,
  names: PatientNames,
  maxBytes: number,
): Promise<Candidate[]> {
  requireImportable(bundle);
  const { entry = [] } = bundle as { entry?: unknown };
  const values = Array.isArray(entry) ? (entry as unknown[]) : [entry];
  const entries = values.map((value, index) => {
    const location = `Bundle.entry[${index}]`;
    try {
      return { root: `${location}.resource`, entry: bundleEntry(value, location) };
    } catch (error) {
      if (!(error instanceof FhirInvalidError)) throw error;
      return { root: location, error };
    }
  });
  const references = new Map<string, string>();
  for (const { entry: one } of entries) {
    const own = one && ownReference(one);
    if (own !== undefined && one?.fullUrl !== undefined) references.set(one.fullUrl, own);
  }
  const placed = entries.map(({ root, entry: one, error }): Placed => {
    return { root, value: one && standingAlone(one, references), error };
  });
  return judged(placed, names, maxBytes);
}

async function judged(
  placed: readonly Placed[],
  { referencesIn, declared }: PatientNames,
  maxBytes: number,
): Promise<Candidate[]> {
  const patients = new Set(
    await referencesIn(placed.flatMap(({ value }) => (isObject(value) ? [value] : []))),
  );
  // Where the source did not say how it calls the patient, the one Patient that it sends is who is meant.
  const own = declared ? undefined : placed.find(({ value }) => typeOf(value) === 'Patient')?.value;
  for (const { path, reference } of isObject(own) ? subjectsOf(own) : [])
    if (path === 'Patient.id') patients.add(reference);
  return placed.map(({ root, value, error }, index): Candidate => {
    try {
      if (error !== undefined) throw error;
      return { index, resource: resourceAbout(value, patients, maxBytes) };
    } catch (fault) {
      return { index, refusal: refusalOf(fault, root) };
    }
  });
}

function resourceAbout(value: unknown, patients: ReadonlySet<string>, maxBytes: number): R4Resource {
  validateResource(value, undefined, maxBytes);
  requireSubject({ ...value }, patients);
  return value;
}

function refusalOf(error: unknown, root: string | undefined): Refusal {
  if (!(error instanceof PlatformError)) throw error;
  const issues = error instanceof FhirInvalidError ? error.issues : [];
  return {
    code: error.code,
    message: error.message,
    issues: issues.map((issue) => outcomeIssue(rebased(issue, root))),
  };
}

/** A path that begins with the resource's type, under the place where the resource stands. */
function rebased({ path, message }: FhirIssue, root: string | undefined): FhirIssue {
  if (root === undefined || path.startsWith('Bundle.entry[')) return { path, message };
  return { path: path.replace(/^[A-Za-z]+/, root), message };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeOf = (value: unknown): unknown => (isObject(value) ? value['resourceType'] : undefined);
