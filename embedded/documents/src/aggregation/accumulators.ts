import { Sum, divide } from '../bson/arithmetic.js';
import { compareValues } from '../bson/compare.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import {
  double,
  isDoc,
  isNumeric,
  isNullish,
  typeName,
  type Doc,
  type Numeric,
  type Value,
} from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression, type Scope } from '../expression/compile.js';
import { standardDeviation } from '../expression/arithmetic-operators.js';
import { mergeDocs } from '../expression/object-operators.js';
import { positive } from '../expression/array-operators.js';
import { compareSortValues, parseSort, sortValues } from '../query/sort.js';

/** Gathers values of a group. */
export interface Accumulator {
  /** Takes a document in, and tells about how many bytes more are held for it. */
  add(doc: Doc): Value;
  result(): Value;
}

/** Makes the accumulator of one group. */
export type NewAccumulator = () => Accumulator;

type Compile = (operand: Value, scope: Scope, name: string) => NewAccumulator;

/** An accumulator over the values of one expression. */
function over(create: () => { take: (value: Value) => Value; result: () => Value }): Compile {
  return (operand, scope) => {
    const evaluate = compileExpression(operand, scope);
    return () => {
      const { take, result } = create();
      return { add: (doc) => take(evaluate(doc)), result };
    };
  };
}

function extreme(sign: 1 | -1): Compile {
  return over(() => {
    let best: Value = null;
    return {
      take: (value) => {
        if (!isNullish(value) && (best === null || compareValues(value, best) * sign > 0)) best = value;
        return undefined;
      },
      result: () => best,
    };
  });
}

function deviation(sample: boolean): Compile {
  return over(() => {
    const numbers: Numeric[] = [];
    return {
      take: (value) => {
        if (!isNumeric(value)) return undefined;
        numbers.push(value);
        return value;
      },
      result: () => standardDeviation(numbers, sample),
    };
  });
}

/** `$firstN` and its kin: an expression, and how many of its values. */
function several(pick: (values: Value[], n: number) => Value[], skipNull: boolean): Compile {
  return (operand, scope, name) => {
    if (!isDoc(operand) || !('input' in operand) || !('n' in operand))
      throw new CommandError(5787801, `${name} needs an object with 'n' and 'input'`);
    const evaluate = compileExpression(operand.input, scope);
    const n = positive(compileExpression(operand.n, scope)({}));
    return () => {
      let values: Value[] = [];
      return {
        add: (doc) => {
          const value = evaluate(doc);
          if (skipNull && isNullish(value)) return undefined;
          values.push(value ?? null);
          if (values.length > n * 4 + 64) values = pick(values, n);
          return undefined;
        },
        result: () => pick(values, n),
      };
    };
  };
}

/** `$top` and its kin: the output of the documents that come first by an order of their own. */
function ordered(fromTop: boolean, single: boolean): Compile {
  return (operand, scope, name) => {
    if (!isDoc(operand) || !('sortBy' in operand) || !('output' in operand) || (!single && !('n' in operand)))
      throw new CommandError(
        5788001,
        `${name} needs an object with ${single ? '' : "'n', "}'sortBy' and 'output'`,
      );
    const fields = parseSort(operand.sortBy);
    const output = compileExpression(operand.output, scope);
    const n = single ? 1 : positive(compileExpression(operand.n, scope)({}));
    return () => {
      let held: { readonly by: readonly Value[]; readonly value: Value }[] = [];
      const shrink = (): void => {
        held.sort((a, b) => compareSortValues(a.by, b.by, fields));
        held = fromTop ? held.slice(0, n) : held.slice(-n);
      };
      return {
        add: (doc) => {
          held.push({ by: sortValues(doc, fields), value: output(doc) ?? null });
          if (held.length > n * 2 + 64) shrink();
          return undefined;
        },
        result: () => {
          shrink();
          return single ? (held[0]?.value ?? null) : held.map(({ value }) => value);
        },
      };
    };
  };
}

function percentile(name: '$median' | '$percentile'): Compile {
  return (operand, scope) => {
    if (!isDoc(operand) || !('input' in operand))
      throw new CommandError(40414, `BSON field '${name}.input' is missing but a required field`);
    const evaluate = compileExpression(operand.input, scope);
    const points = name === '$median' ? [0.5] : percentiles(operand.p);
    return () => {
      const numbers: number[] = [];
      return {
        add: (doc) => {
          const value = evaluate(doc);
          if (!isNumeric(value)) return undefined;
          numbers.push(toNumber(value));
          return value;
        },
        result: () => {
          numbers.sort((a, b) => a - b);
          const at = (p: number): Value =>
            numbers.length === 0
              ? null
              : double(numbers[Math.max(Math.ceil(numbers.length * p) - 1, 0)] ?? NaN);
          return name === '$median' ? at(0.5) : points.map(at);
        },
      };
    };
  };
}

function percentiles(operand: Value): number[] {
  const points = Array.isArray(operand) ? operand : [];
  return points.map((point) => {
    const p = isNumeric(point) ? toNumber(point) : NaN;
    if (!(p >= 0 && p <= 1))
      throw new CommandError(7750303, "The $percentile 'p' field must be an array of numbers from [0, 1]");
    return p;
  });
}

const count: Compile = (operand, _scope, name) => {
  if (!isDoc(operand) || Object.keys(operand).length > 0)
    throw new CommandError('TypeMismatch', `${name} takes no arguments, i.e. ${name}:{}`);
  return () => {
    const sum = new Sum();
    return {
      add: () => {
        sum.add(1);
        return undefined;
      },
      result: () => sum.total,
    };
  };
};

/** The accumulators of `$group` by name. */
export const ACCUMULATORS: Readonly<Record<string, Compile>> = {
  $sum: over(() => {
    const sum = new Sum();
    return {
      take: (value) => {
        if (isNumeric(value)) sum.add(value);
        return undefined;
      },
      result: () => sum.total,
    };
  }),
  $avg: over(() => {
    const sum = new Sum();
    return {
      take: (value) => {
        if (isNumeric(value)) sum.add(value);
        return undefined;
      },
      result: () => (sum.count === 0 ? null : divide(sum.total, sum.count)),
    };
  }),
  $min: extreme(-1),
  $max: extreme(1),
  $first: over(() => {
    let first: { readonly value: Value } | undefined;
    return {
      take: (value) => {
        first ??= { value };
        return undefined;
      },
      result: () => first?.value ?? null,
    };
  }),
  $last: over(() => {
    let last: Value;
    return {
      take: (value) => {
        last = value;
        return undefined;
      },
      result: () => last ?? null,
    };
  }),
  $push: over(() => {
    const values: Value[] = [];
    return {
      take: (value) => {
        if (value !== undefined) values.push(value);
        return value;
      },
      result: () => values,
    };
  }),
  $addToSet: over(() => {
    const values = new Map<string, Value>();
    return {
      take: (value) => {
        if (value === undefined) return undefined;
        const identity = identityOf(value);
        if (values.has(identity)) return undefined;
        values.set(identity, value);
        return value;
      },
      result: () => [...values.values()],
    };
  }),
  $mergeObjects: over(() => {
    let merged: Doc = {};
    return {
      take: (value) => {
        if (!isNullish(value) && !isDoc(value))
          throw new CommandError(
            40400,
            `$mergeObjects requires object inputs, but input ${JSON.stringify(value)} is of type ${typeName(value)}`,
          );
        merged = mergeDocs([merged, value]);
        return undefined;
      },
      result: () => merged,
    };
  }),
  $stdDevPop: deviation(false),
  $stdDevSamp: deviation(true),
  $count: count,
  $firstN: several((values, n) => values.slice(0, n), false),
  $lastN: several((values, n) => values.slice(-n), false),
  $maxN: several((values, n) => values.sort((a, b) => compareValues(b, a)).slice(0, n), true),
  $minN: several((values, n) => values.sort((a, b) => compareValues(a, b)).slice(0, n), true),
  $top: ordered(true, true),
  $topN: ordered(true, false),
  $bottom: ordered(false, true),
  $bottomN: ordered(false, false),
  $median: percentile('$median'),
  $percentile: percentile('$percentile'),
};
