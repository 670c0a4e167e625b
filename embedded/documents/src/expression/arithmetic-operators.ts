import { Decimal128, Long } from 'bson';
import {
  add,
  divide,
  mapNumber,
  multiply,
  overflowed,
  remainder,
  subtract,
  Sum,
  toDecimal,
} from '../bson/arithmetic.js';
import { compareValues } from '../bson/compare.js';
import { toExact, toNumber } from '../bson/exact.js';
import { double, isNumeric, isNullish, typeName, whole, type Numeric, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { ofArguments, type Operator } from './operator.js';

const ANY = [0, Infinity] as const;

const notNumeric = (name: string, value: Value, code: number): CommandError =>
  new CommandError(code, `${name} only supports numeric types, not ${typeName(value)}`);

/** A function of one number; null where the argument is null or missing. */
function unary(code: number, apply: (value: Numeric) => Value): Operator {
  return ofArguments(1, ([value], name) => {
    if (isNullish(value)) return null;
    if (!isNumeric(value)) throw notNumeric(name, value, code);
    return apply(value);
  });
}

function ofDoubles(apply: (number: number) => number): Operator {
  return unary(28765, (value) => mapNumber(value, apply));
}

/** A function of one number within bounds. */
function within(
  name: string,
  code: number,
  holds: (number: number) => boolean,
  apply: (number: number) => number,
): Operator {
  return unary(28765, (value) => {
    const number = toNumber(value);
    if (!Number.isNaN(number) && !holds(number))
      throw new CommandError(code, `${name}'s argument is out of bounds: ${number}`);
    return mapNumber(value, apply);
  });
}

function addAll(values: readonly Value[]): Value {
  if (values.some(isNullish)) return null;
  const date = values.find((value) => value instanceof Date);
  if (!date) return values.reduce<Numeric>((sum, value) => add(sum, numericOr(value, '$add')), 0);
  const millis = values.filter((value) => value !== date);
  if (millis.some((value) => value instanceof Date))
    throw new CommandError(16612, 'only one date allowed in an $add expression');
  return new Date(
    millis.reduce(
      (time: number, value) => time + Math.round(toNumber(numericOr(value, '$add'))),
      date.getTime(),
    ),
  );
}

function numericOr(value: Value, name: string): Numeric {
  if (isNumeric(value)) return value;
  throw new CommandError(
    name === '$add' ? 'TypeMismatch' : 'TypeMismatch',
    `${name} only supports numeric${name === '$add' ? ' or date' : ''} types, not ${typeName(value)}`,
  );
}

function subtractValues(a: Value, b: Value): Value {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date) {
    if (b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
    if (isNumeric(b)) return new Date(a.getTime() - Math.round(toNumber(b)));
  }
  if (isNumeric(a) && isNumeric(b)) return subtract(a, b);
  throw new CommandError('TypeMismatch', `can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

/** Rounds at a decimal place: `half even` for `$round`, toward zero for `$trunc`. Whole numbers keep their type. */
function roundAt(value: Numeric, place: number, half: boolean): Numeric {
  const exact = toExact(value);
  if (typeof exact === 'string') return value;
  const isWhole =
    typeof value === 'number' ? Number.isInteger(value) && typeName(value) === 'int' : value instanceof Long;
  if (isWhole && place >= 0) return value;
  const drop = -place - exact.exponent;
  if (drop <= 0) return value;
  const unit = 10n ** BigInt(drop);
  const down = exact.digits / unit;
  const rest = exact.digits % unit;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const up = half && (twice > unit || (twice === unit && down % 2n !== 0n));
  const digits = up ? down + (exact.digits < 0n ? -1n : 1n) : down;
  const result = { digits, exponent: -place };
  if (value instanceof Decimal128) return toDecimal(result);
  if (value instanceof Long) return Long.fromBigInt(digits * 10n ** BigInt(-place));
  const number = Number(`${digits}E${-place}`);
  return isWhole ? whole(number) : double(number);
}

function rounding(half: boolean): Operator {
  return ofArguments([1, 2], ([value, place = 0], name) => {
    if (isNullish(value) || isNullish(place)) return null;
    if (!isNumeric(value)) throw notNumeric(name, value, 51081);
    if (!isNumeric(place))
      throw new CommandError(51082, 'precision argument to  $round must be a integral value');
    const at = toNumber(place);
    if (!Number.isInteger(at))
      throw new CommandError(51082, `precision argument to  ${name} must be a integral value`);
    if (at < -20 || at > 100)
      throw new CommandError(
        51083,
        `cannot apply ${name} with precision value ${at} value must be in [-20, 100]`,
      );
    return roundAt(value, at, half);
  });
}

function keepWhole(apply: (number: number) => number): Operator {
  return unary(28765, (value) => {
    if (typeName(value) === 'int' || value instanceof Long) return value;
    if (!(value instanceof Decimal128)) return double(apply(toNumber(value)));
    const exact = toExact(value);
    if (typeof exact === 'string' || exact.exponent >= 0) return value;
    const unit = 10n ** BigInt(-exact.exponent);
    const down = exact.digits / unit;
    const rest = exact.digits % unit;
    const step = rest === 0n ? 0n : BigInt(apply(rest > 0n ? 0.5 : -0.5));
    return toDecimal({ digits: down + step, exponent: 0 });
  });
}

function numbersOf(values: readonly Value[]): Numeric[] {
  const [only] = values;
  const items = values.length === 1 && Array.isArray(only) ? only : values;
  return items.filter(isNumeric);
}

function extreme(sign: 1 | -1): Operator {
  return ofArguments(ANY, (values) => {
    const [only] = values;
    const items = values.length === 1 && Array.isArray(only) ? only : values;
    return items
      .filter((item) => !isNullish(item))
      .reduce<Value>(
        (best, item) => (best === null || compareValues(item, best) * sign > 0 ? item : best),
        null,
      );
  });
}

/** The deviation of numbers about their mean; `sample` divides by one less. */
export function standardDeviation(numbers: readonly Numeric[], sample: boolean): Value {
  const divisor = numbers.length - Number(sample);
  if (divisor < 1) return null;
  const values = numbers.map(toNumber);
  let mean = 0;
  let squares = 0;
  for (const [at, value] of values.entries()) {
    const delta = value - mean;
    mean += delta / (at + 1);
    squares += delta * (value - mean);
  }
  return double(Math.sqrt(squares / divisor));
}

export function average(numbers: readonly Numeric[]): Value {
  if (numbers.length === 0) return null;
  const sum = new Sum();
  for (const number of numbers) sum.add(number);
  return divide(sum.total, numbers.length);
}

function bitwise(start: number, apply: (a: bigint, b: bigint) => bigint): Operator {
  return ofArguments(ANY, (values, name) => {
    if (values.some(isNullish)) return null;
    const isLong = values.some((value) => value instanceof Long);
    const bits = values.map((value) => {
      if (typeName(value) !== 'int' && !(value instanceof Long))
        throw new CommandError('TypeMismatch', `${name} only supports int and long operands.`);
      return value instanceof Long ? value.toBigInt() : BigInt(toNumber(value as Numeric));
    });
    const result = bits.reduce(apply, BigInt(start));
    return isLong ? Long.fromBigInt(BigInt.asIntN(64, result)) : Number(result);
  });
}

function power(base: Numeric, exponent: Numeric): Value {
  const x = toNumber(base);
  const y = toNumber(exponent);
  if (x === 0 && y < 0) throw new CommandError(28764, '$pow cannot take a base of 0 and a negative exponent');
  const result = x ** y;
  if (base instanceof Decimal128 || exponent instanceof Decimal128)
    return Decimal128.fromStringWithRounding(String(result));
  const integral = [base, exponent].every((value) => typeName(value) === 'int' || value instanceof Long);
  if (!integral || y < 0) return double(result);
  const exact = toBig(base) ** toBig(exponent);
  const isLong = base instanceof Long || exponent instanceof Long;
  if (exact >= -(1n << 63n) && exact < 1n << 63n) return isLong ? Long.fromBigInt(exact) : whole(exact);
  return double(result);
}

const toBig = (value: Numeric): bigint =>
  value instanceof Long ? value.toBigInt() : BigInt(toNumber(value));

/** Numbers. */
export const ARITHMETIC: Readonly<Record<string, Operator>> = {
  $add: ofArguments(ANY, addAll),
  $subtract: ofArguments(2, ([a, b]) => subtractValues(a, b)),
  $multiply: ofArguments(ANY, (values) =>
    values.some(isNullish)
      ? null
      : values.reduce<Numeric>((product, value) => multiply(product, numericOr(value, '$multiply')), 1),
  ),
  $divide: ofArguments(2, ([a, b]) => {
    if (isNullish(a) || isNullish(b)) return null;
    if (!isNumeric(a) || !isNumeric(b))
      throw new CommandError(
        'TypeMismatch',
        `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`,
      );
    if (toNumber(b) === 0) throw new CommandError('BadValue', "can't $divide by zero");
    return divide(a, b);
  }),
  $mod: ofArguments(2, ([a, b]) => {
    if (isNullish(a) || isNullish(b)) return null;
    if (!isNumeric(a) || !isNumeric(b))
      throw new CommandError(
        16611,
        `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`,
      );
    if (toNumber(b) === 0) throw new CommandError(16610, "can't $mod by zero");
    return remainder(a, b);
  }),
  $abs: unary(28765, (value) => {
    if (toNumber(value) >= 0) return value;
    if (value instanceof Decimal128) return mapDecimal(value);
    if (value instanceof Long) {
      const result = subtract(Long.fromNumber(0), value);
      if (overflowed(result, value)) throw new CommandError(28680, "can't take $abs of long long min");
      return result;
    }
    return typeName(value) === 'int' ? whole(-toNumber(value)) : double(Math.abs(toNumber(value)));
  }),
  $ceil: keepWhole(Math.ceil),
  $floor: keepWhole(Math.floor),
  $round: rounding(true),
  $trunc: rounding(false),
  $sqrt: within('$sqrt', 28714, (number) => number >= 0, Math.sqrt),
  $exp: ofDoubles(Math.exp),
  $ln: within('$ln', 28766, (number) => number > 0, Math.log),
  $log10: within('$log10', 28761, (number) => number > 0, Math.log10),
  $log: ofArguments(2, ([value, base], name) => {
    if (isNullish(value) || isNullish(base)) return null;
    if (!isNumeric(value))
      throw new CommandError(28756, `${name}'s argument must be numeric, not ${typeName(value)}`);
    if (!isNumeric(base))
      throw new CommandError(28757, `${name}'s base must be numeric, not ${typeName(base)}`);
    if (toNumber(value) <= 0)
      throw new CommandError(
        28758,
        `${name}'s argument must be a positive number, but is ${toNumber(value)}`,
      );
    if (toNumber(base) <= 0 || toNumber(base) === 1)
      throw new CommandError(
        28759,
        `${name}'s base must be a positive number not equal to 1, but is ${toNumber(base)}`,
      );
    return double(Math.log(toNumber(value)) / Math.log(toNumber(base)));
  }),
  $pow: ofArguments(2, ([base, exponent], name) => {
    if (isNullish(base) || isNullish(exponent)) return null;
    if (!isNumeric(base))
      throw new CommandError(28762, `${name}'s base must be numeric, not ${typeName(base)}`);
    if (!isNumeric(exponent))
      throw new CommandError(28763, `${name}'s exponent must be numeric, not ${typeName(exponent)}`);
    return power(base, exponent);
  }),
  $sum: ofArguments(ANY, (values) => {
    const sum = new Sum();
    for (const number of numbersOf(values)) sum.add(number);
    return sum.total;
  }),
  $avg: ofArguments(ANY, (values) => average(numbersOf(values))),
  $min: extreme(-1),
  $max: extreme(1),
  $stdDevPop: ofArguments(ANY, (values) => standardDeviation(numbersOf(values), false)),
  $stdDevSamp: ofArguments(ANY, (values) => standardDeviation(numbersOf(values), true)),
  $bitAnd: bitwise(-1, (a, b) => a & b),
  $bitOr: bitwise(0, (a, b) => a | b),
  $bitXor: bitwise(0, (a, b) => a ^ b),
  $bitNot: unary(28765, (value) => {
    if (value instanceof Long) return Long.fromBigInt(~value.toBigInt());
    if (typeName(value) !== 'int')
      throw new CommandError('TypeMismatch', `$bitNot only supports int and long, not: ${typeName(value)}.`);
    return ~toNumber(value);
  }),
  $sigmoid: ofDoubles((number) => 1 / (1 + Math.exp(-number))),
  $sin: ofDoubles(Math.sin),
  $cos: ofDoubles(Math.cos),
  $tan: ofDoubles(Math.tan),
  $sinh: ofDoubles(Math.sinh),
  $cosh: ofDoubles(Math.cosh),
  $tanh: ofDoubles(Math.tanh),
  $asinh: ofDoubles(Math.asinh),
  $atan: ofDoubles(Math.atan),
  $asin: within('$asin', 50989, (number) => Math.abs(number) <= 1, Math.asin),
  $acos: within('$acos', 50989, (number) => Math.abs(number) <= 1, Math.acos),
  $acosh: within('$acosh', 50989, (number) => number >= 1, Math.acosh),
  $atanh: within('$atanh', 50989, (number) => Math.abs(number) <= 1, Math.atanh),
  $atan2: ofArguments(2, ([y, x], name) => {
    if (isNullish(y) || isNullish(x)) return null;
    if (!isNumeric(y) || !isNumeric(x)) throw notNumeric(name, isNumeric(y) ? x : y, 51044);
    return double(Math.atan2(toNumber(y), toNumber(x)));
  }),
  $degreesToRadians: ofDoubles((number) => (number * Math.PI) / 180),
  $radiansToDegrees: ofDoubles((number) => (number * 180) / Math.PI),
};

function mapDecimal(value: Decimal128): Decimal128 {
  return Decimal128.fromString(value.toString().replace(/^-/, ''));
}
