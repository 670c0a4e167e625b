import { centsOf, dayOf, type Cents } from '@medigraph/platform/fhir';
import { type Claim, type ClaimItem, type Money } from 'fhir/r4.js';
import { CorpusGenerationError } from '../errors.js';

/** Relative reference of a resource to the day it is about. */
export type DaysOfService = ReadonlyMap<string, string>;

/**
 * Prices and dates every line of a Synthea claim, so that the lines add up to the total to the cent.
 *
 * Synthea prices what it can look up (procedures, immunisations, laboratory work, devices). It leaves without `net`
 * the line of the visit itself, or of the drug in a pharmacy claim, which is always the first, and the lines that only
 * name a diagnosis. So the first line's price is what the total leaves, and a diagnosis costs nothing. On about one
 * claim in eight (long wellness visits) Synthea's total stops counting half way and is less than its own lines: there
 * the lines are right, the visit is part of them at nothing, and the total is restated as their sum.
 *
 * A line's day is that of the procedure or immunisation that it bills, or else the claim's first.
 */
export function priceLines(claim: Claim, days: DaysOfService): Claim {
  const currency = claim.total?.currency ?? 'USD';
  const money = (cents: Cents): Money => ({ value: Number(cents) / 100, currency });
  const lines = (claim.item ?? []).map((line) => ({
    line,
    net: line.net === undefined ? undefined : centsIn(line.net, claim),
  }));
  const priced = lines.reduce((sum, { net }) => sum + (net ?? 0n), 0n);
  const total = claim.total === undefined ? priced : centsIn(claim.total, claim);
  const rest = total > priced ? total - priced : 0n;
  const bearer = lines.find(({ net }) => net === undefined) ?? lines[0];
  const item = lines.map((entry): ClaimItem => {
    const net = money((entry.net ?? 0n) + (entry === bearer ? rest : 0n));
    return {
      ...entry.line,
      servicedDate: days.get(billedBy(entry.line, claim) ?? '') ?? firstDayOf(claim),
      quantity: { value: 1 },
      unitPrice: net,
      net,
    };
  });
  return { ...claim, item, total: money(priced + rest) };
}

/** The resource that a line bills, by its relative reference. */
function billedBy(line: ClaimItem, claim: Claim): string | undefined {
  const [procedure] = line.procedureSequence ?? [];
  const [information] = line.informationSequence ?? [];
  return (
    claim.procedure?.find(({ sequence }) => sequence === procedure)?.procedureReference?.reference ??
    claim.supportingInfo?.find(({ sequence }) => sequence === information)?.valueReference?.reference
  );
}

function firstDayOf(claim: Claim): string {
  const day = dayOf(claim.billablePeriod?.start ?? claim.created);
  if (day !== undefined) return day;
  throw new CorpusGenerationError(`claim ${claim.id ?? ''} has no day`);
}

function centsIn(money: Money, claim: Claim): Cents {
  const cents = money.value === undefined ? undefined : centsOf(money.value);
  if (cents !== undefined) return cents;
  throw new CorpusGenerationError(
    `claim ${claim.id ?? ''} has an amount of ${String(money.value)}, not of whole cents`,
  );
}
