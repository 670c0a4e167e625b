import { Decimal128, Double, Long } from 'bson';
import { Aggregator } from 'mingo';
import { isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { MemoryMeter, chunked, sizeOf, type StageCompiler } from './stage.js';

/** A stage that mingo computes, over all documents at once; numbers reach it as JavaScript's. */
function borrowed(name: '$setWindowFields' | '$densify' | '$fill'): StageCompiler {
  return (operand) => {
    if (!isDoc(operand))
      throw new CommandError('FailedToParse', `the ${name} stage specification must be an object`);
    return async function* (input) {
      const meter = new MemoryMeter(name);
      const all: Doc[] = [];
      for await (const docs of input) {
        for (const doc of docs) {
          meter.add(sizeOf(doc));
          all.push(toPlain(doc) as Doc);
        }
      }
      yield* chunked(runLibrary(name, operand, all));
    };
  };
}

function runLibrary(name: string, operand: Doc, docs: Doc[]): Doc[] {
  try {
    const pipeline = [{ [name]: toPlain(operand) as Doc }];
    return new Aggregator(pipeline).run<Doc>(docs);
  } catch (error) {
    throw new CommandError('FailedToParse', error instanceof Error ? error.message : String(error));
  }
}

function toPlain(value: Value): Value {
  if (value instanceof Double) return value.value;
  if (value instanceof Decimal128) return Number(value.toString());
  if (value instanceof Long) return value.toNumber();
  if (Array.isArray(value)) return value.map(toPlain);
  if (!isDoc(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, toPlain(item)]));
}

export const LIBRARY_STAGES: Readonly<Record<string, StageCompiler>> = {
  $setWindowFields: borrowed('$setWindowFields'),
  $densify: borrowed('$densify'),
  $fill: borrowed('$fill'),
};
