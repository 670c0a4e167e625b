import { type Claim, type Coverage, type Patient } from 'fhir/r4.js';
import { payerIdOf } from '../population/records.js';

/** What Synthea writes where a patient pays alone. */
const uninsured = 'NO_INSURANCE';

/** The name of the payer of a Synthea claim; undefined if the patient pays alone. */
export function payerOf(claim: Claim): string | undefined {
  const name = claim.insurance[0]?.coverage.display;
  return name === uninsured ? undefined : name;
}

function coverageIdOf(patient: Patient, payer: string): string {
  return `${payerIdOf(payer).slice('payer-'.length, 30)}-${patient.id ?? ''}`;
}

/** A claim that says whom it is sent to and under which coverage. */
export function insure(claim: Claim, patient: Patient): Claim {
  const payer = payerOf(claim);
  if (payer === undefined) return claim;
  const coverage = { reference: `Coverage/${coverageIdOf(patient, payer)}`, display: payer };
  return {
    ...claim,
    insurer: { reference: `Organization/${payerIdOf(payer)}`, display: payer },
    insurance: claim.insurance.map((insurance) => ({ ...insurance, coverage })),
  };
}

/**
 * The coverages that a patient's claims (each line dated) tell of, for Synthea writes none: one a payer, from the first
 * day of service it was billed for to the last, open if it is the one that pays today.
 */
export function coveragesOf(patient: Patient, claims: readonly Claim[]): Coverage[] {
  const days = new Map<string, string[]>();
  for (const claim of claims) {
    const payer = payerOf(claim);
    const served = (claim.item ?? []).flatMap(({ servicedDate }) => servicedDate ?? []);
    if (payer !== undefined && served.length > 0) days.set(payer, [...(days.get(payer) ?? []), ...served]);
  }
  const periods = [...days].map(([payer, on]) => {
    const sorted = on.toSorted();
    return { payer, start: sorted[0] ?? '', end: sorted.at(-1) ?? '' };
  });
  const latest = periods.reduce((day, { end }) => (end > day ? end : day), '');
  return periods.map(({ payer, start, end }) => ({
    resourceType: 'Coverage',
    id: coverageIdOf(patient, payer),
    status: 'active',
    beneficiary: { reference: `Patient/${patient.id ?? ''}` },
    period: end === latest ? { start } : { start, end },
    payor: [{ reference: `Organization/${payerIdOf(payer)}`, display: payer }],
  }));
}
