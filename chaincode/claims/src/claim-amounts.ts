import { type claims, type primitives } from '@medigraph/schema';
import { ContractError, demand, minorUnits, moneyOf, sumOf } from '@medigraph/chaincode-lib';

type Money = primitives.Money;

function refuse(path: string, why: string): never {
  throw new ContractError('CLAIM_AMOUNT_INVALID', `${path}: ${why}`);
}

function demandEqual(given: Money, units: bigint, path: string, why: string): void {
  if (minorUnits(given.value) !== units)
    refuse(path, `is ${given.value}, and ${why} ${moneyOf(units, given.currency).value}`);
}

function demandCurrency(given: Money, currency: string, path: string): void {
  if (given.currency !== currency) refuse(`${path}.currency`, `is ${given.currency}, not ${currency}`);
}

/**
 * Every line's net is quantity times unit price, the total is their sum, all in the coverage's currency.
 * @throws {@link ContractError} `CLAIM_AMOUNT_INVALID` naming the path.
 */
export function demandAmounts(claim: claims.SubmittedClaim, currency: string, path: string): void {
  claim.items.forEach(({ quantity, unitPrice, net }, index) => {
    const item = `${path}.items.${index}`;
    demandCurrency(unitPrice, currency, `${item}.unitPrice`);
    demandCurrency(net, currency, `${item}.net`);
    demandEqual(
      net,
      BigInt(quantity) * minorUnits(unitPrice.value),
      `${item}.net.value`,
      'quantity times unit price is',
    );
  });
  demandCurrency(claim.total, currency, `${path}.total`);
  demandEqual(
    claim.total,
    sumOf(claim.items.map(({ net }) => net)),
    `${path}.total.value`,
    'the lines add up to',
  );
}

/**
 * A line's adjudication has one benefit, and no amount above the line's net.
 * @throws {@link ContractError} `CLAIM_AMOUNT_INVALID`, or `ARGUMENT_INVALID` unless there is exactly one benefit.
 */
export function demandAdjudication(
  line: claims.AdjudicatedItem,
  decided: readonly claims.Adjudication[],
  path: string,
): void {
  demand(benefits(decided).length === 1, 'ARGUMENT_INVALID', `${path}: needs exactly one benefit`);
  decided.forEach(({ amount }, index) => {
    demandCurrency(amount, line.net.currency, `${path}.${index}.amount`);
    if (minorUnits(amount.value) > minorUnits(line.net.value))
      refuse(`${path}.${index}.amount.value`, `${amount.value} is more than the line's ${line.net.value}`);
  });
}

/** The amounts that are paid for. */
export function benefits(decided: readonly claims.Adjudication[]): Money[] {
  return decided.flatMap(({ category, amount }) => (category === 'benefit' ? [amount] : []));
}
