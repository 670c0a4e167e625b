import { type EntryCategory, type ResourceType } from '@medigraph/schema';
import { type FhirResource } from 'fhir/r4.js';
import { categoryOf } from './categories.js';
import { entryDate } from './dates.js';

/** What the ledger's index shows of a resource. */
export interface EntryIndex {
  readonly resourceType: ResourceType;
  readonly category: EntryCategory;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/**
 * How a resource appears in the index of the ledger.
 *
 * @param receivedOn - the day for a resource that tells none itself, `YYYY-MM-DD`; today if absent.
 */
export function entryOf(
  resource: FhirResource,
  receivedOn: string = new Date().toISOString().slice(0, 10),
): EntryIndex {
  return {
    resourceType: resource.resourceType,
    category: categoryOf(resource),
    date: entryDate(resource) ?? receivedOn,
  };
}
