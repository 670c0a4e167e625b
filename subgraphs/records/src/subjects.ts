/** Whose a resource must be: the rule of every way by which content comes in that this process can read. */
import { FhirInvalidError, foreignSubjects, referenceKey, subjectsOf } from '@medigraph/platform/fhir';
import { identifierHash } from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { type RecordsContext } from './context.js';

/** By which references whoever writes means the patient. */
export interface SubjectNames {
  /** Chain address: `Patient/ADDRESS` always means them. */
  readonly patient: string;
  /** What the writer says that they call them, such as `Patient/123`. */
  readonly knownAs?: readonly string[];
  /** Does `Patient/ID` mean them if ID is the identifier under which they were registered? */
  readonly byIdentifier: boolean;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The references among those of the resources that mean the patient. The ledger has the identifier of a patient as a keyed
 * hash alone, so it is for each id that is not known otherwise that this is asked.
 */
export async function patientReferences(
  context: RecordsContext,
  { patient, knownAs = [], byIdentifier }: SubjectNames,
  resources: readonly JsonObject[],
): Promise<ReadonlySet<string>> {
  const known = new Set([`Patient/${patient}`, ...knownAs].map(referenceKey));
  if (!byIdentifier) return known;
  const used = new Set(
    resources.flatMap((one) => subjectsOf(one)).map(({ reference }) => referenceKey(reference)),
  );
  const unknown = [...used].filter((key) => key.startsWith('Patient/') && !known.has(key));
  if (unknown.length === 0) return known;
  const { patientIdHash } = await context.evaluate<care.Patient>({
    contract: 'Registration',
    transaction: 'Resolve',
    argument: { patient },
  });
  const { custody } = context.services;
  const isTheirs = (key: string): boolean =>
    identifierHash(custody, key.slice('Patient/'.length)) === patientIdHash;
  return new Set([...known, ...unknown.filter(isTheirs)]);
}

/**
 * @param location - where the resource stands in what was sent, for the paths of its faults.
 * @throws `FHIR_INVALID` naming the element that refers to somebody else.
 */
export function requireSubject(resource: JsonObject, patients: ReadonlySet<string>, location?: string): void {
  const foreign = foreignSubjects(resource, patients);
  if (foreign.length > 0) throw new FhirInvalidError(foreign, { location });
}
