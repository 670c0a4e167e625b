import {
  canonicalBytes,
  claimNumbers,
  dayOf,
  entryDate,
  entryOf,
  type EntryIndex,
} from '@medigraph/platform/fhir';
import { type KeyCustody } from '@medigraph/platform/identity';
import { type claims } from '@medigraph/schema';
import { type Claim, type FhirResource } from 'fhir/r4.js';
import { type z } from 'zod';
import { type PatientRecord } from '../population/records.js';
import { Holders } from './holders.js';
import { type PlannedInstitution } from './institutions.js';

/** A resource on its way to become an entry. */
export interface PlannedEntry extends EntryIndex {
  readonly id: string;
  /** Who holds it. */
  readonly institution: string;
  /** What is sealed. */
  readonly bytes: Uint8Array;
}

export type Policy = z.infer<typeof claims.registerPolicies>['policies'][number];

type ClaimTerms = Pick<claims.SubmittedClaim, 'id' | 'use' | 'provider' | 'coverage' | 'items' | 'total'>;

/** A FHIR Claim on its way to its insurer. */
export interface PlannedClaim extends ClaimTerms {
  readonly insurer: string;
  readonly bytes: Uint8Array;
}

/** What a record becomes on the ledger. */
export interface RecordPlan {
  /** Who will hold entries, and so needs the patient's authorisation to store. */
  readonly holders: readonly string[];
  readonly entries: readonly PlannedEntry[];
  /**
   * The patient's identity, an entry like the others but the last of all to be loaded: once it is final on the ledger,
   * everything else of the record is there.
   */
  readonly identity: PlannedEntry;
  readonly policies: readonly Policy[];
  readonly claims: readonly PlannedClaim[];
  /** Claims with no insurer to go to: the patient pays alone. */
  readonly selfPaid: number;
}

export interface RecordPlanContext {
  /** Chain address. */
  readonly address: string;
  readonly institutions: ReadonlyMap<string, PlannedInstitution>;
  /** Day of what tells none itself, `YYYY-MM-DD`. */
  readonly receivedOn: string;
  readonly custody: Pick<KeyCustody, 'keyedHash'>;
}

const idLength = 32;
const currency = 'USD';

/** Plans a record: the same entries, ids and claims whenever it is planned for the same address. */
export function planRecord(record: PatientRecord, context: RecordPlanContext): RecordPlan {
  const { address, institutions, receivedOn, custody } = context;
  const patientId = record.patient.id ?? '';
  /** Unguessable without the key of custody, and found again by it. */
  const keyedId = (label: string, ...parts: string[]): string =>
    custody.keyedHash(label, JSON.stringify(parts)).slice(0, idLength);

  const hospitals = [...institutions.values()].filter(({ kind }) => kind === 'hospital');
  const holders = new Holders(
    record,
    hospitals.map(({ id }) => id),
  );
  const days = medicationDays(record.resources);
  const entryFor = (resource: FhirResource): PlannedEntry => {
    const institution = holders.of(resource);
    const reference = `${resource.resourceType}/${resource.id ?? ''}`;
    return {
      id: keyedId('entry', institution, patientId, reference),
      institution,
      ...entryOf(resource, days.get(reference) ?? receivedOn),
      bytes: canonicalBytes(resource),
    };
  };
  const coverageId = (insurer: string): string => keyedId('coverage', insurer, patientId);
  const claimFor = (claim: Claim, insurer: string): PlannedClaim => {
    const provider = holders.named(claim.provider.reference);
    const { use, items, total } = claimNumbers(claim, { beneficiary: address, provider });
    return {
      id: keyedId('claim', provider, patientId, claim.id ?? ''),
      use,
      provider,
      insurer,
      coverage: coverageId(insurer),
      items: items.map(({ duplicateKey, ...item }) => ({
        ...item,
        duplicateKeyHash: custody.keyedHash('duplicate', duplicateKey),
      })),
      total,
      bytes: canonicalBytes(claim),
    };
  };

  const entries = record.resources.map(entryFor);
  const identity = entryFor(record.patient);
  const policies = record.coverages.flatMap((coverage): Policy[] => {
    const insurer = idIn(coverage.payor[0]?.reference);
    if (insurer === undefined || !institutions.has(insurer)) return [];
    const [start, end] = [coverage.period?.start, coverage.period?.end].map((day) => dayOf(day ?? ''));
    const period = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
    return [{ id: coverageId(insurer), beneficiary: address, insurer, period, currency }];
  });
  const insured = new Set(policies.map(({ insurer }) => insurer));
  const claims = record.claims.flatMap((claim) => {
    const insurer = idIn(claim.insurer?.reference);
    return insurer !== undefined && insured.has(insurer) ? [claimFor(claim, insurer)] : [];
  });
  return {
    holders: [...new Set([...entries, identity].map(({ institution }) => institution))],
    entries,
    identity,
    policies,
    claims,
    selfPaid: record.claims.length - claims.length,
  };
}

/** A Medication tells no day: it has that of what first refers to it. */
function medicationDays(resources: readonly FhirResource[]): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  for (const resource of resources) {
    if (!('medicationReference' in resource)) continue;
    const reference = resource.medicationReference?.reference;
    const day = entryDate(resource);
    if (reference !== undefined && day !== undefined && !days.has(reference)) days.set(reference, day);
  }
  return days;
}

function idIn(reference: string | undefined): string | undefined {
  return reference?.slice(reference.indexOf('/') + 1);
}
