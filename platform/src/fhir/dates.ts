import { type FhirResource } from 'fhir/r4.js';

/**
 * Elements that say when what a resource tells of happened, most telling first: the event itself, then when it was
 * noted, then when the document was made. R4 names them alike across types, so one order serves all.
 *
 * Never a date of birth or death, nor one about a product: the ledger's index shows the date, and it must not tell
 * more than when the record was made.
 */
const elements = [
  'effectiveDateTime',
  'effectiveInstant',
  'effectivePeriod',
  'effectiveTiming',
  'performedDateTime',
  'performedPeriod',
  'occurrenceDateTime',
  'occurrencePeriod',
  'occurrenceTiming',
  'occurredDateTime',
  'occurredPeriod',
  'onsetDateTime',
  'onsetPeriod',
  'identifiedDateTime',
  'identifiedPeriod',
  'detected',
  'started',
  'start',
  'servicedDate',
  'servicedPeriod',
  'billablePeriod',
  'servicePeriod',
  'executionPeriod',
  'planningHorizon',
  'measurementPeriod',
  'whenHandedOver',
  'whenPrepared',
  'timingDateTime',
  'timingPeriod',
  'timingTiming',
  'collection.collectedDateTime',
  'collection.collectedPeriod',
  'receivedTime',
  'received',
  'sent',
  'createdDateTime',
  'createdPeriod',
  'context.period',
  'period',
  'startDate',
  'authoredOn',
  'authored',
  'dateTime',
  'date',
  'dateWritten',
  'dateAsserted',
  'recordedDate',
  'recordedOn',
  'recorded',
  'enteredDate',
  'statusDate',
  'paymentDate',
  'issued',
  'created',
  'timestamp',
  'meta.lastUpdated',
] as const;

const dayPattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The day of a FHIR date, dateTime or instant as written (its own time zone); a partial one starts its period. */
export function dayOf(text: string): string | undefined {
  const [, year, month = '01', day = '01'] = dayPattern.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const instant = Date.parse(date);
  return Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(date) ? undefined : date;
}

/** First day of a date, a Period, a Timing or a list of them. */
function firstDay(value: unknown): string | undefined {
  if (typeof value === 'string') return dayOf(value);
  if (Array.isArray(value)) return firstDay(value[0]);
  if (!isObject(value)) return undefined;
  const repeat = isObject(value['repeat']) ? value['repeat']['boundsPeriod'] : undefined;
  return firstDay(value['start'] ?? value['end'] ?? value['event'] ?? repeat);
}

function elementAt(resource: FhirResource, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), resource);
}

/** The day a resource is about, `YYYY-MM-DD`; undefined when it says none (a Medication, a Device). */
export function entryDate(resource: FhirResource): string | undefined {
  for (const path of elements) {
    const day = firstDay(elementAt(resource, path));
    if (day !== undefined) return day;
  }
  return undefined;
}
