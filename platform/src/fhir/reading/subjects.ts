import { loadFhirDefinitions } from '../definitions.js';
import { definitionOf } from '../element-definitions.js';
import { type FhirIssue } from '../errors.js';
import { referenceKey } from './bundle.js';

/** Elements that say whose a resource is, where R4 lets them refer to a patient. */
const subjectElements = ['subject', 'patient', 'beneficiary', 'individual', 'for'] as const;

/** A reference that says whose a resource is. */
export interface Subject {
  readonly path: string;
  readonly reference: string;
}

interface Referring {
  readonly reference?: unknown;
}

/** Whose a resource is: its references to patients, and for a Patient its own. */
export function subjectsOf(resource: Readonly<Record<string, unknown>>): Subject[] {
  loadFhirDefinitions();
  const type = String(resource['resourceType']);
  const definition = definitionOf(type);
  const own =
    type === 'Patient' && typeof resource['id'] === 'string'
      ? [{ path: 'Patient.id', reference: `Patient/${resource['id']}` }]
      : [];
  const found = subjectElements.flatMap((name) => {
    const element = definition?.get(name);
    if (element?.type !== 'Reference' || element.targets?.has('Patient') === false) return [];
    const value = resource[name];
    const isList = Array.isArray(value);
    return (isList ? (value as unknown[]) : [value]).flatMap((one, index) => {
      const { reference } = (one ?? {}) as Referring;
      if (typeof reference !== 'string' || reference.startsWith('#')) return [];
      return [{ path: `${type}.${name}${isList ? `[${index}]` : ''}.reference`, reference }];
    });
  });
  return [...own, ...found];
}

/**
 * Faults of a resource that is about someone else.
 *
 * @param patients - references that mean the patient, as {@link referenceKey} gives them.
 */
export function foreignSubjects(
  resource: Readonly<Record<string, unknown>>,
  patients: ReadonlySet<string>,
): FhirIssue[] {
  return subjectsOf(resource)
    .filter(({ reference }) => !patients.has(referenceKey(reference)) && isOfPatient(reference))
    .map(({ path }) => ({ path, message: 'is not the patient that this import is about' }));
}

/** A subject may also be a group, a device or a place, which is nobody's. */
function isOfPatient(reference: string): boolean {
  const key = referenceKey(reference);
  return key.startsWith('Patient/') || key.startsWith('Patient?') || !/^[A-Z][A-Za-z]+[/?]/.test(key);
}
