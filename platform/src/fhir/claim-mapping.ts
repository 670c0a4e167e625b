import { claimUses, type claims, type ClaimUse } from '@medigraph/schema';
import { type Claim, type ClaimItem } from 'fhir/r4.js';
import { centsOf, decimalOf, type Cents } from './amounts.js';
import { dayOf } from './dates.js';
import { FhirInvalidError, type FhirIssue } from './errors.js';

/** A line of a claim without the keyed hash, and the text that the hash is taken of. */
export interface ClaimLine extends Omit<claims.ClaimItem, 'duplicateKeyHash'> {
  /** {@link duplicateKeyOf} the line: the caller makes `duplicateKeyHash` of it by `KeyCustody.keyedHash`. */
  readonly duplicateKey: string;
}

/** The numbers of a FHIR Claim that the ledger checks; exactly: the lines' nets add up to the total. */
export interface ClaimNumbers {
  readonly use: ClaimUse;
  /** By ascending sequence. */
  readonly items: readonly ClaimLine[];
  readonly total: { readonly value: string; readonly currency: string };
}

/** Who a claim is between, as the ledger knows them. */
export interface ClaimParties {
  /** Chain address. */
  readonly beneficiary: string;
  /** Institution id. */
  readonly provider: string;
}

/** Most lines that a claim of the ledger has. */
export const maxClaimLines = 200;

/** What makes two lines the same service (TRICARE's rule): equal in all six, they are duplicates. */
export interface DuplicateKeyParts {
  readonly beneficiary: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly provider: string;
  /** `system|code`. */
  readonly procedure: string;
  readonly place: string;
  /** Amount and currency. */
  readonly charge: string;
}

/** The parts as one text that no other parts have. */
export function duplicateKeyOf(parts: DuplicateKeyParts): string {
  const { beneficiary, date, provider, procedure, place, charge } = parts;
  return JSON.stringify([beneficiary, date, provider, procedure, place, charge]);
}

/**
 * Reads the numbers of a validated FHIR Claim for `Claims:Submit`.
 *
 * A line's net is `net`, or else quantity × unit price. The ledger counts whole units: a line with a fractional
 * quantity, a factor, or a net that is not quantity × unit price is carried as one unit at its net. The day is the
 * line's own, or else that of the claim's billable period.
 *
 * @throws {@link FhirInvalidError} if a line has no price or day, an amount is finer than a hundredth, currencies
 * differ, or the total is not the sum of the lines.
 */
export function claimNumbers(claim: Claim, parties: ClaimParties): ClaimNumbers {
  const issues: FhirIssue[] = [];
  const refuse = (path: string, message: string): void => {
    issues.push({ path: `Claim.${path}`, message });
  };
  const lines = claim.item ?? [];
  const currency = currencyOf(claim);
  if (currency === undefined) refuse('total.currency', 'is missing, and no line has a currency');
  if (lines.length === 0) refuse('item', 'is empty');
  if (lines.length > maxClaimLines) refuse('item', `has more than ${maxClaimLines} lines`);
  const repeated = lines.find((line, index) => lines.findIndex((l) => l.sequence === line.sequence) < index);
  if (repeated) refuse('item', `has the sequence ${repeated.sequence} twice`);

  let sum: Cents = 0n;
  const items: ClaimLine[] = [];
  for (const [index, line] of lines.entries()) {
    const price = priceOf(line, currency, (element, message) => refuse(`item[${index}].${element}`, message));
    const servicedDate = dayOfLine(line, claim);
    if (servicedDate === undefined) refuse(`item[${index}].serviced`, 'is missing');
    if (price === undefined || servicedDate === undefined || currency === undefined) continue;
    sum += price.net;
    const net = { value: decimalOf(price.net), currency };
    items.push({
      sequence: line.sequence,
      servicedDate,
      quantity: price.quantity,
      unitPrice: { value: decimalOf(price.unitPrice), currency },
      net,
      duplicateKey: duplicateKeyOf({
        beneficiary: parties.beneficiary,
        date: servicedDate,
        provider: parties.provider,
        procedure: procedureOf(line),
        place: placeOf(line, claim),
        charge: `${net.value} ${net.currency}`,
      }),
    });
  }
  const total = claim.total?.value === undefined ? sum : centsOf(claim.total.value);
  if (total === undefined) refuse('total.value', 'is not an amount with at most two decimals');
  else if (issues.length === 0 && total !== sum) {
    refuse('total.value', `is ${decimalOf(total)}, but the lines add up to ${decimalOf(sum)}`);
  }
  const use = claimUses.find((known) => known === claim.use);
  if (use === undefined) refuse('use', `is not one of ${claimUses.join(', ')}`);
  if (issues.length > 0 || use === undefined || currency === undefined) throw new FhirInvalidError(issues);
  items.sort((one, other) => one.sequence - other.sequence);
  return { use, items, total: { value: decimalOf(sum), currency } };
}

interface LinePrice {
  readonly quantity: number;
  readonly unitPrice: Cents;
  readonly net: Cents;
}

type Refuse = (element: string, message: string) => void;

function priceOf(line: ClaimItem, currency: string | undefined, refuse: Refuse): LinePrice | undefined {
  const quantity = line.quantity?.value ?? 1;
  const unitPrice = amountOf('unitPrice', line, currency, refuse);
  const whole = Number.isInteger(quantity) && quantity >= 1 && quantity <= 1_000_000;
  const product =
    whole && unitPrice !== undefined && (line.factor ?? 1) === 1 ? unitPrice * BigInt(quantity) : undefined;
  if (line.net?.value === undefined) {
    if (unitPrice !== undefined && product !== undefined) return { quantity, unitPrice, net: product };
    refuse('net', 'is missing, and is not quantity × unitPrice');
    return undefined;
  }
  const net = amountOf('net', line, currency, refuse);
  if (net === undefined) return undefined;
  return unitPrice !== undefined && product === net
    ? { quantity, unitPrice, net }
    : { quantity: 1, unitPrice: net, net };
}

function amountOf(
  element: 'net' | 'unitPrice',
  line: ClaimItem,
  currency: string | undefined,
  refuse: Refuse,
): Cents | undefined {
  const money = line[element];
  if (money?.value === undefined) return undefined;
  if (money.currency !== undefined && money.currency !== currency) {
    refuse(`${element}.currency`, `is ${money.currency}, unlike the claim's ${String(currency)}`);
    return undefined;
  }
  const cents = centsOf(money.value);
  if (cents === undefined) refuse(`${element}.value`, 'is not an amount with at most two decimals');
  return cents;
}

function currencyOf(claim: Claim): string | undefined {
  const amounts = [claim.total, ...(claim.item ?? []).flatMap(({ net, unitPrice }) => [net, unitPrice])];
  return amounts.find((amount) => amount?.currency !== undefined)?.currency;
}

function dayOfLine(line: ClaimItem, claim: Claim): string | undefined {
  const { servicedDate, servicedPeriod } = line;
  const text = servicedDate ?? servicedPeriod?.start ?? servicedPeriod?.end ?? claim.billablePeriod?.start;
  return dayOf(text ?? claim.created);
}

function procedureOf(line: ClaimItem): string {
  const [coding] = line.productOrService.coding ?? [];
  if (coding?.code === undefined) return line.productOrService.text ?? '';
  return `${coding.system ?? ''}|${coding.code}`;
}

function placeOf(line: ClaimItem, claim: Claim): string {
  const [coding] = line.locationCodeableConcept?.coding ?? [];
  return coding?.code ?? line.locationReference?.reference ?? claim.facility?.reference ?? '';
}
