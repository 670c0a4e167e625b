import { Long } from 'bson';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { isDoc, isNumeric, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import { valuesAtPath } from '../query/path.js';
import { withValue } from './flow-stages.js';
import {
  MemoryMeter,
  scopeOf,
  sizeOf,
  type DocStream,
  type PipelineContext,
  type StageCompiler,
} from './stage.js';

/** Pipelines inside of pipelines. */
const MAX_DEPTH = 20;

function run(
  context: PipelineContext,
  collection: string,
  stages: readonly Value[],
  variables?: Doc,
): DocStream {
  const depth = (context.depth ?? 0) + 1;
  if (depth > MAX_DEPTH)
    throw new CommandError(
      'Overflow',
      `Maximum number of nested sub-pipelines exceeded. Limit is ${MAX_DEPTH}`,
    );
  if (!context.run) throw new CommandError('InternalError', 'no pipeline can be run here');
  return context.run(collection, stages, {
    ...context,
    depth,
    collation: context.collation,
    variables: { ...context.variables, ...variables },
  });
}

async function collect(stream: DocStream, meter: MemoryMeter): Promise<Doc[]> {
  const all: Doc[] = [];
  for await (const docs of stream) {
    for (const doc of docs) meter.add(sizeOf(doc));
    all.push(...docs);
  }
  return all;
}

function stringField(operand: Doc, field: string, stage: string): string | undefined {
  const value = operand[field];
  if (value === undefined || typeof value === 'string') return value;
  throw new CommandError(
    'FailedToParse',
    `${stage} argument '${field}: ${JSON.stringify(value)}' must be a string, is type ${typeName(value)}`,
  );
}

/** The query for the documents whose field equals a value of this one's: null stands for missing, an array for its elements. */
function equalityFilter(doc: Doc, localParts: readonly string[], foreignField: string): Doc {
  const values = valuesAtPath(doc, localParts).map((value) => value ?? null);
  const whole = localParts.reduce<Value>((at, part) => (isDoc(at) ? at[part] : undefined), doc);
  if (Array.isArray(whole) && whole.length === 0) return { $alwaysFalse: 1 };
  const clauses = [...new Map(values.map((value) => [identityOf(value), value])).values()].map((value) => ({
    [foreignField]: { $eq: value },
  }));
  const [only] = clauses;
  return clauses.length === 1 && only ? only : { $or: clauses };
}

/** `$lookup` */
export const lookup: StageCompiler = (operand, context) => {
  if (!isDoc(operand))
    throw new CommandError(
      'FailedToParse',
      `the $lookup stage specification must be an object, but found ${typeName(operand)}`,
    );
  const unknown = Object.keys(operand).find(
    (key) => !['from', 'as', 'localField', 'foreignField', 'let', 'pipeline'].includes(key),
  );
  if (unknown !== undefined)
    throw new CommandError('FailedToParse', `unknown argument to $lookup: ${unknown}`);
  const from = stringField(operand, 'from', '$lookup');
  const as = stringField(operand, 'as', '$lookup');
  const localField = stringField(operand, 'localField', '$lookup');
  const foreignField = stringField(operand, 'foreignField', '$lookup');
  if (as === undefined)
    throw new CommandError(40414, "BSON field '$lookup.as' is missing but a required field");
  const { pipeline } = operand;
  if (pipeline !== undefined && !Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "$lookup argument 'pipeline' must be an array");
  const startsWithDocuments = Array.isArray(pipeline) && isDoc(pipeline[0]) && '$documents' in pipeline[0];
  if (from === undefined && !startsWithDocuments)
    throw new CommandError('FailedToParse', "must specify 'from' field for a $lookup");
  if (
    (localField === undefined) !== (foreignField === undefined) ||
    (localField === undefined && pipeline === undefined)
  )
    throw new CommandError(
      'FailedToParse',
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    );
  const variables = compileLet(operand.let, context);
  const localParts = localField?.split('.');
  const asParts = as.split('.');
  return async function* (input) {
    for await (const docs of input) {
      const joined: Doc[] = [];
      for (const doc of docs) {
        context.operation.check();
        const equality =
          localParts && foreignField !== undefined
            ? [{ $match: equalityFilter(doc, localParts, foreignField) }]
            : [];
        const stages = [...equality, ...(pipeline ?? [])];
        const found = await collect(
          run(context, from ?? '', stages, variables(doc)),
          new MemoryMeter('$lookup'),
        );
        joined.push(withValue(doc, asParts, found));
      }
      yield joined;
    }
  };
};

function compileLet(operand: Value, context: PipelineContext): (doc: Doc) => Doc {
  if (operand === undefined) return () => ({});
  if (!isDoc(operand))
    throw new CommandError(
      'FailedToParse',
      `$lookup argument 'let' must be an object, is type ${typeName(operand)}`,
    );
  const variables = Object.entries(operand).map(
    ([name, value]) => [name, compileExpression(value, scopeOf(context))] as const,
  );
  return (doc) => Object.fromEntries(variables.map(([name, evaluate]) => [name, evaluate(doc)]));
}

/** `$graphLookup` */
export const graphLookup: StageCompiler = (operand, context) => {
  if (!isDoc(operand))
    throw new CommandError(
      'FailedToParse',
      `the $graphLookup stage specification must be an object, but found ${typeName(operand)}`,
    );
  const known = [
    'from',
    'as',
    'startWith',
    'connectFromField',
    'connectToField',
    'maxDepth',
    'depthField',
    'restrictSearchWithMatch',
  ];
  const unknown = Object.keys(operand).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new CommandError(40104, `Unknown argument to $graphLookup: ${unknown}`);
  const from = stringField(operand, 'from', '$graphLookup');
  const as = stringField(operand, 'as', '$graphLookup');
  const connectFrom = stringField(operand, 'connectFromField', '$graphLookup');
  const connectTo = stringField(operand, 'connectToField', '$graphLookup');
  const depthField = stringField(operand, 'depthField', '$graphLookup');
  if (
    from === undefined ||
    as === undefined ||
    connectFrom === undefined ||
    connectTo === undefined ||
    !('startWith' in operand)
  )
    throw new CommandError(
      40105,
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    );
  const { maxDepth, restrictSearchWithMatch: restrict } = operand;
  const most = maxDepth === undefined ? Infinity : isNumeric(maxDepth) ? toNumber(maxDepth) : NaN;
  if (!(most >= 0))
    throw new CommandError(40101, '$graphLookup requires a nonnegative numeric argument to maxDepth');
  if (restrict !== undefined && !isDoc(restrict))
    throw new CommandError(40185, '$graphLookup requires restrictSearchWithMatch to be an object');
  const startWith = compileExpression(operand.startWith, scopeOf(context));
  const fromParts = connectFrom.split('.');

  const search = async (doc: Doc): Promise<Doc[]> => {
    const meter = new MemoryMeter('$graphLookup');
    const found = new Map<string, Doc>();
    const asked = new Set<string>();
    const start = startWith(doc);
    let frontier = Array.isArray(start) ? start : [start ?? null];
    for (let depth = 0; depth <= most && frontier.length > 0; depth += 1) {
      const values = frontier.filter((value) => {
        const identity = identityOf(value);
        if (asked.has(identity)) return false;
        asked.add(identity);
        return true;
      });
      if (values.length === 0) break;
      const stages: Value[] = [{ $match: { $or: values.map((value) => ({ [connectTo]: { $eq: value } })) } }];
      if (restrict) stages.push({ $match: restrict });
      frontier = [];
      for await (const docs of run(context, from, stages)) {
        for (const next of docs) {
          const identity = identityOf(next._id);
          if (found.has(identity)) continue;
          meter.add(sizeOf(next));
          found.set(
            identity,
            depthField === undefined ? next : withValue(next, depthField.split('.'), Long.fromNumber(depth)),
          );
          frontier.push(...valuesAtPath(next, fromParts).filter((value) => !isNullish(value)));
        }
      }
    }
    return [...found.values()];
  };
  return async function* (input) {
    for await (const docs of input) {
      const joined: Doc[] = [];
      for (const doc of docs) {
        context.operation.check();
        joined.push(withValue(doc, as.split('.'), await search(doc)));
      }
      yield joined;
    }
  };
};

/** `$unionWith` */
export const unionWith: StageCompiler = (operand, context) => {
  const spec = typeof operand === 'string' ? { coll: operand } : operand;
  if (!isDoc(spec))
    throw new CommandError(
      'FailedToParse',
      `the $unionWith stage specification must be an object or string, but found ${typeName(operand)}`,
    );
  const { coll, pipeline = [] } = spec as { coll?: Value; pipeline?: Value };
  if (!Array.isArray(pipeline))
    throw new CommandError(
      'TypeMismatch',
      "BSON field '$unionWith.pipeline' is the wrong type, expected type 'array'",
    );
  const startsWithDocuments = isDoc(pipeline[0]) && '$documents' in pipeline[0];
  if (typeof coll !== 'string' && !startsWithDocuments)
    throw new CommandError(
      'FailedToParse',
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    );
  return async function* (input) {
    yield* input;
    yield* run(context, typeof coll === 'string' ? coll : '', pipeline);
  };
};
