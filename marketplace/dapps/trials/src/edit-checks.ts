/** Answers against their form: what is refused, and what is asked. */
import { demand } from '@medigraph/dapp';
import { type Comparator, type EditCheck, type FormDef, type ItemData, type ItemDef } from './types.js';

const isDay = (value: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value);
const isNumber = (value: string): boolean => /^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(value);

const fits: Readonly<Record<ItemDef['dataType'], (value: string) => boolean>> = {
  text: () => true,
  integer: (value) => isNumber(value) && !value.includes('.'),
  float: isNumber,
  date: (value) => {
    try {
      return isDay(value);
    } catch {
      return false;
    }
  },
  boolean: (value) => value === 'true' || value === 'false',
};

const holds: Readonly<Record<Comparator, (order: number) => boolean>> = {
  LT: (order) => order < 0,
  LE: (order) => order <= 0,
  GT: (order) => order > 0,
  GE: (order) => order >= 0,
  EQ: (order) => order === 0,
  NE: (order) => order !== 0,
};

/** Negative, zero or positive, as in sorting; numbers as numbers, days and words as they are written. */
function compare(left: string, right: string): number {
  if (isNumber(left) && isNumber(right)) return Math.sign(Number(left) - Number(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @throws `FORM_INVALID` unless the form can be answered. */
export function demandForm({ oid, items, checks }: FormDef): void {
  const types = new Map(items.map((item) => [item.oid, item.dataType]));
  demand(types.size === items.length, 'FORM_INVALID', `form ${oid} asks something twice`);
  for (const { item, value, other } of checks) {
    demand(types.has(item), 'FORM_INVALID', `a check names ${item}, which the form does not ask`);
    demand(
      (value === undefined) !== (other === undefined),
      'FORM_INVALID',
      `the check of ${item} must have either value or other`,
    );
    demand(
      other === undefined || types.get(other) === types.get(item),
      'FORM_INVALID',
      `the check of ${item} compares it with ${other ?? ''}, which is not of its type`,
    );
    const type = types.get(item) ?? 'text';
    demand(
      value === undefined || fits[type](value),
      'FORM_INVALID',
      `the check of ${item} compares it with no ${type}`,
    );
  }
}

/** Something to be asked about an answer. */
export interface Doubt {
  readonly item: string;
  readonly text: string;
}

/**
 * What is to be asked about answers that can be kept.
 * @throws `CHECK_FAILED` naming the question whose answer cannot be kept.
 */
export function doubtsOf({ items, checks }: FormDef, answers: readonly ItemData[]): Doubt[] {
  const given = new Map(answers.map(({ oid, value }) => [oid, value]));
  demand(given.size === answers.length, 'CHECK_FAILED', 'an item is answered twice');
  const known = new Map(items.map((item) => [item.oid, item]));
  for (const [oid, value] of given) demandAnswer(known.get(oid), oid, value);
  const missing = items
    .filter(({ oid, mandatory }) => mandatory && !given.has(oid))
    .map(({ oid, name }) => ({ item: oid, text: `Not answered: ${name}` }));
  const broken = checks.filter((check) => !isHeld(check, given));
  const hard = broken.find(({ softHard }) => softHard === 'Hard');
  demand(hard === undefined, 'CHECK_FAILED', `${hard?.item ?? ''}: ${hard?.message ?? ''}`);
  return [...missing, ...broken.map(({ item, message }) => ({ item, text: message }))];
}

function demandAnswer(item: ItemDef | undefined, oid: string, value: string): void {
  demand(item !== undefined, 'CHECK_FAILED', `${oid}: the form does not ask it`);
  const { dataType, codeList } = item;
  demand(fits[dataType](value), 'CHECK_FAILED', `${oid}: must be ${dataType}`);
  demand(
    codeList?.includes(value) !== false,
    'CHECK_FAILED',
    `${oid}: must be one of ${codeList?.join(', ') ?? ''}`,
  );
}

/** What cannot be compared, since an answer is missing, holds: that it is missing is told elsewhere. */
function isHeld({ item, comparator, value, other }: EditCheck, given: ReadonlyMap<string, string>): boolean {
  const left = given.get(item);
  const right = other === undefined ? value : given.get(other);
  return left === undefined || right === undefined || holds[comparator](compare(left, right));
}
