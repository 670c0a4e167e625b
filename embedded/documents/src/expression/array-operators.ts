import { compareValues, equalValues } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { isDoc, isNumeric, isNullish, typeName, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compareSortValues, parseSort, sortValues } from '../query/sort.js';
import { compileWith, isTruthy } from './compile.js';
import { bind, type Evaluate } from './environment.js';
import { namedOperands, ofArguments, operandList, type Operator } from './operator.js';

const ANY = [0, Infinity] as const;

function wholeNumber(value: Value, code: number, what: string): number {
  const number = isNumeric(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(number))
    throw new CommandError(
      code,
      `${what} must be a value that can be represented as a 32-bit integer, found ${typeName(value)}`,
    );
  return number;
}

function arrayOr(value: Value, code: number, message: (type: string) => string): Value[] {
  if (Array.isArray(value)) return value;
  throw new CommandError(code, message(value === undefined ? 'missing' : typeName(value)));
}

/** One element from either end of an array; missing where there is none. */
function endOf(at: 0 | -1): Operator {
  return ofArguments(1, ([items], name) => {
    if (isNullish(items)) return null;
    return arrayOr(items, 28689, (type) => `${name}'s argument must be an array, but is ${type}`).at(at);
  });
}

/** `$firstN`, `$lastN`, `$maxN`, `$minN` over an array. */
function someOf(pick: (items: Value[], n: number) => Value[]): Operator {
  return (operand, { name, names }) => {
    const { input, n } = namedOperands(operand, ['n', 'input'], [], name, 5787801);
    const evaluateInput = compileWith(input, names);
    const evaluateN = compileWith(n, names);
    return (environment) => {
      const items = arrayOr(evaluateInput(environment), 5788200, () => 'Input must be an array');
      return pick(items, positive(evaluateN(environment)));
    };
  };
}

/** The `n` of `$firstN` and its kin. */
export function positive(value: Value): number {
  const n = wholeNumber(value, 5787902, 'n');
  if (n <= 0) throw new CommandError(5787908, `'n' must be greater than 0, found ${n}`);
  return n;
}

const present = (items: readonly Value[]): Value[] => items.filter((item) => !isNullish(item));

function compileEach(
  operand: Value,
  place: Parameters<Operator>[1],
  body: string,
): {
  readonly input: Evaluate;
  readonly variable: string;
  readonly each: Evaluate;
  readonly limit: Evaluate | undefined;
} {
  const optional = body === 'cond' ? ['as', 'limit'] : ['as'];
  const parts = namedOperands(
    operand,
    ['input', body],
    optional,
    place.name,
    body === 'cond' ? 28646 : 16878,
  );
  const variable = typeof parts.as === 'string' ? parts.as : 'this';
  return {
    input: compileWith(parts.input, place.names),
    variable,
    each: compileWith(parts[body], new Set([...place.names, variable])),
    limit: parts.limit === undefined ? undefined : compileWith(parts.limit, place.names),
  };
}

const setOperand = (value: Value, name: string): Value[] =>
  arrayOr(value, 17041, (type) => `All operands of ${name} must be arrays. One argument is of type: ${type}`);

function distinct(items: readonly Value[]): Value[] {
  const seen = new Map<string, Value>();
  for (const item of items) {
    const identity = identityOf(item);
    if (!seen.has(identity)) seen.set(identity, item);
  }
  return [...seen.values()].sort((a, b) => compareValues(a, b));
}

const identities = (items: readonly Value[]): Set<string> => new Set(items.map(identityOf));

function sortArray(items: readonly Value[], sortBy: Value): Value[] {
  if (isNumeric(sortBy)) {
    const sign = toNumber(sortBy);
    if (sign !== 1 && sign !== -1) throw new CommandError(2942801, '$sortArray sortBy must be 1 or -1');
    return [...items].sort((a, b) => sign * compareValues(a, b));
  }
  if (!isDoc(sortBy))
    throw new CommandError(2942507, 'The $sort specification must be an object or a number');
  const fields = parseSort(sortBy);
  return items
    .map((item) => ({ item, by: sortValues(isDoc(item) ? item : {}, fields) }))
    .sort((a, b) => compareSortValues(a.by, b.by, fields))
    .map(({ item }) => item);
}

function slice(items: readonly Value[], start: number, count: number | undefined): Value[] {
  if (count === undefined) return start >= 0 ? items.slice(0, start) : items.slice(start);
  const from = start >= 0 ? Math.min(start, items.length) : Math.max(items.length + start, 0);
  return items.slice(from, from + count);
}

/** Arrays and sets. */
export const ARRAYS: Readonly<Record<string, Operator>> = {
  $isArray: ofArguments(1, ([value]) => Array.isArray(value)),
  $size: ofArguments(
    1,
    ([value]) =>
      arrayOr(value, 17124, (type) => `The argument to $size must be an array, but was of type: ${type}`)
        .length,
  ),
  $arrayElemAt: ofArguments(2, ([items, at]) => {
    if (isNullish(items) || isNullish(at)) return null;
    const array = arrayOr(
      items,
      28689,
      (type) => `$arrayElemAt's first argument must be an array, but is ${type}`,
    );
    if (!isNumeric(at))
      throw new CommandError(
        28690,
        `$arrayElemAt's second argument must be a numeric value, but is ${typeName(at)}`,
      );
    return array.at(wholeNumber(at, 28691, "$arrayElemAt's second argument"));
  }),
  $first: endOf(0),
  $last: endOf(-1),
  $firstN: someOf((items, n) => items.slice(0, n)),
  $lastN: someOf((items, n) => items.slice(-n)),
  $maxN: someOf((items, n) =>
    present(items)
      .sort((a, b) => compareValues(b, a))
      .slice(0, n),
  ),
  $minN: someOf((items, n) =>
    present(items)
      .sort((a, b) => compareValues(a, b))
      .slice(0, n),
  ),
  $slice: ofArguments([2, 3], ([items, start, count]) => {
    if (isNullish(items) || isNullish(start)) return null;
    const array = arrayOr(
      items,
      28724,
      (type) => `First argument to $slice must be an array, but is of type: ${type}`,
    );
    const from = wholeNumber(start, 28726, 'Second argument to $slice');
    if (count === undefined) return slice(array, from, undefined);
    if (count === null) return null;
    const length = wholeNumber(count, 28728, 'Third argument to $slice');
    if (length <= 0) throw new CommandError(28729, `Third argument to $slice must be positive: ${length}`);
    return slice(array, from, length);
  }),
  $concatArrays: ofArguments(ANY, (values) => {
    if (values.some(isNullish)) return null;
    return values.flatMap((value) =>
      arrayOr(value, 28664, (type) => `$concatArrays only supports arrays, not ${type}`),
    );
  }),
  $reverseArray: ofArguments(1, ([value]) => {
    if (isNullish(value)) return null;
    return [
      ...arrayOr(
        value,
        34435,
        (type) => `The argument to $reverseArray must be an array, but was of type: ${type}`,
      ),
    ].reverse();
  }),
  $in: ofArguments(2, ([value, items]) =>
    arrayOr(items, 40081, (type) => `$in requires an array as a second argument, found: ${type}`).some(
      (item) => equalValues(item, value),
    ),
  ),
  $indexOfArray: ofArguments([2, 4], ([items, value, start = 0, end]) => {
    if (isNullish(items)) return null;
    const array = arrayOr(
      items,
      40090,
      (type) => `$indexOfArray requires an array as a first argument, found: ${type}`,
    );
    const from = wholeNumber(start, 40096, '$indexOfArray starting index');
    const to = end === undefined ? array.length : wholeNumber(end, 40096, '$indexOfArray ending index');
    if (from < 0 || to < 0) throw new CommandError(40097, '$indexOfArray requires a nonnegative index');
    return array.findIndex((item, at) => at >= from && at < to && equalValues(item, value));
  }),
  $range: ofArguments([2, 3], ([start, end, step = 1]) => {
    const from = wholeNumber(start, 34443, "$range's starting value");
    const to = wholeNumber(end, 34444, "$range's ending value");
    const by = wholeNumber(step, 34446, "$range's step value");
    if (by === 0) throw new CommandError(34449, '$range requires a non-zero step value');
    const length = Math.max(Math.ceil((to - from) / by), 0);
    if (length > 1_000_000)
      throw new CommandError('BSONObjectTooLarge', '$range would make too large an array');
    return Array.from({ length }, (_, at) => from + at * by);
  }),
  $zip: (operand, { name, names }) => {
    const parts = namedOperands(operand, ['inputs'], ['useLongestLength', 'defaults'], name, 34464);
    const inputs = operandList(parts.inputs, ANY, name).map((item) => compileWith(item, names));
    const defaults = compileWith(parts.defaults ?? [], names);
    return (environment) => {
      const arrays = inputs.map((evaluate) => evaluate(environment));
      if (arrays.some(isNullish)) return null;
      const rows = arrays.map((array) =>
        arrayOr(array, 34468, (type) => `$zip found a non-array expression in input: ${type}`),
      );
      const fill = defaults(environment);
      const lengths = rows.map((row) => row.length);
      const length = parts.useLongestLength === true ? Math.max(...lengths) : Math.min(...lengths);
      return Array.from({ length }, (_, at) =>
        rows.map((row, column) => row[at] ?? (Array.isArray(fill) ? fill[column] : null) ?? null),
      );
    };
  },
  $sortArray: (operand, { name, names }) => {
    const { input, sortBy } = namedOperands(operand, ['input', 'sortBy'], [], name, 2942500);
    const evaluate = compileWith(input, names);
    return (environment) => {
      const items = evaluate(environment);
      if (isNullish(items)) return null;
      return sortArray(
        arrayOr(
          items,
          2942504,
          (type) => `The input argument to $sortArray must be an array, but was of type: ${type}`,
        ),
        sortBy,
      );
    };
  },
  $map: (operand, place) => {
    const { input, variable, each } = compileEach(operand, place, 'in');
    return (environment) => {
      const items = input(environment);
      if (isNullish(items)) return null;
      return arrayOr(items, 16883, (type) => `input to $map must be an array not ${type}`).map(
        (item) => each(bind(environment, variable, item)) ?? null,
      );
    };
  },
  $filter: (operand, place) => {
    const { input, variable, each, limit } = compileEach(operand, place, 'cond');
    return (environment) => {
      const items = input(environment);
      if (isNullish(items)) return null;
      const most = limit?.(environment);
      const kept = arrayOr(items, 28651, (type) => `input to $filter must be an array not ${type}`).filter(
        (item) => isTruthy(each(bind(environment, variable, item))),
      );
      return isNullish(most) ? kept : kept.slice(0, wholeNumber(most, 327391, '$filter: limit'));
    };
  },
  $reduce: (operand, { name, names }) => {
    const parts = namedOperands(operand, ['input', 'initialValue', 'in'], [], name, 40076);
    const input = compileWith(parts.input, names);
    const initial = compileWith(parts.initialValue, names);
    const step = compileWith(parts.in, new Set([...names, 'value', 'this']));
    return (environment) => {
      const items = input(environment);
      if (isNullish(items)) return null;
      return arrayOr(
        items,
        40080,
        (type) => `$reduce requires that 'input' be an array, found: ${type}`,
      ).reduce(
        (value, item) => step(bind(bind(environment, 'value', value), 'this', item)),
        initial(environment),
      );
    };
  },

  $setUnion: ofArguments(ANY, (values, name) =>
    values.some(isNullish) ? null : distinct(values.flatMap((value) => setOperand(value, name))),
  ),
  $setIntersection: ofArguments(ANY, (values, name) => {
    if (values.some(isNullish)) return null;
    const sets = values.map((value) => setOperand(value, name));
    const others = sets.slice(1).map(identities);
    return distinct((sets[0] ?? []).filter((item) => others.every((set) => set.has(identityOf(item)))));
  }),
  $setDifference: ofArguments(2, ([a, b]) => {
    if (isNullish(a) || isNullish(b)) return null;
    const excluded = identities(
      arrayOr(
        b,
        17049,
        (type) => `both operands of $setDifference must be arrays. Second argument is of type: ${type}`,
      ),
    );
    const items = arrayOr(
      a,
      17048,
      (type) => `both operands of $setDifference must be arrays. First argument is of type: ${type}`,
    );
    const kept = new Map<string, Value>();
    for (const item of items) {
      const identity = identityOf(item);
      if (!excluded.has(identity) && !kept.has(identity)) kept.set(identity, item);
    }
    return [...kept.values()];
  }),
  $setEquals: ofArguments(ANY, (values, name) => {
    if (values.length < 2) throw new CommandError(17045, '$setEquals needs at least two arguments');
    const sets = values.map((value) =>
      identities(
        arrayOr(
          value,
          17044,
          (type) => `All operands of ${name} must be arrays. One argument is of type: ${type}`,
        ),
      ),
    );
    const [first = new Set<string>()] = sets;
    return sets.every((set) => set.size === first.size && [...set].every((item) => first.has(item)));
  }),
  $setIsSubset: ofArguments(2, ([a, b]) => {
    const inner = arrayOr(
      a,
      17046,
      (type) => `both operands of $setIsSubset must be arrays. First argument is of type: ${type}`,
    );
    const outer = identities(
      arrayOr(
        b,
        17042,
        (type) => `both operands of $setIsSubset must be arrays. Second argument is of type: ${type}`,
      ),
    );
    return inner.every((item) => outer.has(identityOf(item)));
  }),
  $anyElementTrue: ofArguments(1, ([items]) =>
    arrayOr(items, 17041, (type) => `$anyElementTrue's argument must be an array, but is ${type}`).some(
      isTruthy,
    ),
  ),
  $allElementsTrue: ofArguments(1, ([items]) =>
    arrayOr(items, 17040, (type) => `$allElementsTrue's argument must be an array, but is ${type}`).every(
      isTruthy,
    ),
  ),
};
