import { isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { toNumber } from '../bson/exact.js';
import { CommandError } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import { Find } from '../planner/find.js';
import { parseSort } from '../query/sort.js';
import { DOCUMENT_STAGES } from './document-stages.js';
import {
  count,
  limit,
  match,
  redact,
  sample,
  skip,
  sort,
  sortByCount,
  sortStage,
  unwind,
} from './flow-stages.js';
import { bucket, bucketAuto, group } from './group.js';
import { graphLookup, lookup, unionWith } from './join-stages.js';
import { LIBRARY_STAGES } from './library-stages.js';
import { merge, out } from './output-stages.js';
import {
  chunked,
  perDocument,
  scopeOf,
  type DocStream,
  type PipelineContext,
  type Stage,
  type StageCompiler,
} from './stage.js';

const FACET_EXCLUDED = new Set([
  '$out',
  '$merge',
  '$facet',
  '$geoNear',
  '$indexStats',
  '$collStats',
  '$documents',
  '$changeStream',
]);

const facet: StageCompiler = (operand, context) => {
  if (!isDoc(operand))
    throw new CommandError(
      40169,
      `the $facet specification must be a non-empty object, but found: ${typeName(operand)}`,
    );
  if (Object.keys(operand).length === 0)
    throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  const branches = Object.entries(operand).map(([name, stages]) => {
    if (!Array.isArray(stages))
      throw new CommandError(
        40170,
        `arguments to $facet must be arrays, ${name} is type ${typeName(stages)}`,
      );
    const excluded = stages
      .flatMap((stage) => (isDoc(stage) ? Object.keys(stage) : []))
      .find((stage) => FACET_EXCLUDED.has(stage));
    if (excluded !== undefined)
      throw new CommandError(40600, `${excluded} is not allowed to be used within a $facet stage`);
    return [name, compilePipeline(stages, context)] as const;
  });
  return async function* (input) {
    const all: Doc[] = [];
    for await (const docs of input) all.push(...docs);
    const result: Doc = {};
    for (const [name, pipeline] of branches) {
      const docs: Doc[] = [];
      for await (const chunk of pipeline(chunked(all))) docs.push(...chunk);
      result[name] = docs;
    }
    yield [result];
  };
};

const documents: StageCompiler = (operand, context) => {
  const evaluate = compileExpression(operand, scopeOf(context));
  const docs = evaluate({});
  if (!Array.isArray(docs) || !docs.every(isDoc)) throw new CommandError(5858203, 'an array is expected');
  return async function* () {
    yield* chunked(docs);
  };
};

const collStats: StageCompiler = () => {
  throw new CommandError('NotImplemented', '$collStats is not supported');
};

const STAGES: Readonly<Record<string, StageCompiler>> = {
  ...Object.fromEntries(
    Object.entries(DOCUMENT_STAGES).map(([name, compile]): [string, StageCompiler] => [
      name,
      (operand, context) => perDocument(compile(operand, scopeOf(context))),
    ]),
  ),
  ...LIBRARY_STAGES,
  $match: match,
  $limit: limit,
  $skip: skip,
  $sort: sort,
  $count: count,
  $sortByCount: sortByCount,
  $unwind: unwind,
  $sample: sample,
  $redact: redact,
  $group: group,
  $bucket: bucket,
  $bucketAuto: bucketAuto,
  $lookup: lookup,
  $graphLookup: graphLookup,
  $unionWith: unionWith,
  $facet: facet,
  $documents: documents,
  $collStats: collStats,
  $out: out,
  $merge: merge,
};

const UNSUPPORTED = new Set([
  '$geoNear',
  '$indexStats',
  '$planCacheStats',
  '$currentOp',
  '$listSessions',
  '$listLocalSessions',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$listSearchIndexes',
  '$querySettings',
  '$queryStats',
  '$changeStreamSplitLargeEvent',
  '$shardedDataDistribution',
  '$rankFusion',
  '$scoreFusion',
  '$score',
]);

interface NamedStage {
  readonly name: string;
  readonly operand: Value;
}

function nameStages(stages: readonly Value[]): NamedStage[] {
  return stages.map((stage, at) => {
    if (!isDoc(stage))
      throw new CommandError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    const [name, ...others] = Object.keys(stage);
    if (name === undefined || others.length > 0)
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    if (name === '$changeStream')
      throw new CommandError(40573, 'The $changeStream stage is only supported on replica sets or mongos');
    if (UNSUPPORTED.has(name)) throw new CommandError('NotImplemented', `${name} is not supported`);
    if (!Object.hasOwn(STAGES, name))
      throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    if ((name === '$out' || name === '$merge') && at !== stages.length - 1)
      throw new CommandError(40601, `${name} can only be the final stage in the pipeline`);
    if (name === '$documents' && at !== 0)
      throw new CommandError(40602, '$documents is only valid as the first stage in a pipeline');
    return { name, operand: stage[name] };
  });
}

/**
 * Compiles the stages of a pipeline, with every mistake in them found now.
 *
 * @throws {@link CommandError} with MongoDB's code for the mistake.
 */
export function compilePipeline(stages: readonly Value[], context: PipelineContext): Stage {
  const withRun: PipelineContext = { ...context, run: runPipeline };
  const named = nameStages(stages);
  const compiled = named.map(({ name, operand }, at) => {
    const next = named[at + 1];
    if (name === '$sort' && next?.name === '$limit' && isNumeric(next.operand))
      return sortStage(operand, toNumber(next.operand), context.collation);
    const compile = STAGES[name];
    if (!compile) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    return compile(operand, withRun);
  });
  return (input) => compiled.reduce((stream, stage) => stage(stream), input);
}

/** Whether a pipeline writes its results instead of answering them. */
export function writesResults(stages: readonly Value[]): boolean {
  const last = stages.at(-1);
  return isDoc(last) && ('$out' in last || '$merge' in last);
}

/** Runs a pipeline on a collection or view. Stages at its beginning that a query can do are left to indexes. */
export function runPipeline(
  collection: string,
  stages: readonly Value[],
  context: PipelineContext,
  hint?: Value,
): DocStream {
  const found = context.server.catalog.find(context.database, collection);
  const view = found?.spec.options;
  if (view && typeof view.viewOn === 'string') {
    const inner = Array.isArray(view.pipeline) ? view.pipeline : [];
    const depth = (context.depth ?? 0) + 1;
    if (depth > 20) throw new CommandError('Overflow', 'View depth too deep or view cycle');
    return runPipeline(view.viewOn, [...inner, ...stages], { ...context, depth });
  }
  const whole = compilePipeline(stages, context);
  if (!found || startsWithDocuments(stages)) return whole(noDocuments());
  const { request, rest } = splitQuery(stages);
  const find = new Find(
    context.server.store,
    found,
    { ...request, hint, collation: context.collation, variables: context.variables },
    context.operation,
  );
  return compilePipeline(rest, context)(documentsOf(find));
}

const startsWithDocuments = ([first]: readonly Value[]): boolean => isDoc(first) && '$documents' in first;

async function* noDocuments(): DocStream {
  await Promise.resolve();
  yield* [];
}

async function* documentsOf(find: Find): DocStream {
  for await (const matches of find.run()) yield matches.map(({ doc }) => doc);
}

/** The `$match`, `$sort` and `$limit` that a pipeline begins with, as a query, and the stages after them. */
function splitQuery(stages: readonly Value[]): {
  readonly request: Pick<ConstructorParameters<typeof Find>[2], 'filter' | 'sort' | 'limit'>;
  readonly rest: readonly Value[];
} {
  const filters: Doc[] = [];
  let at = 0;
  const operandAt = (name: string): Value => {
    const stage = stages[at];
    return isDoc(stage) ? stage[name] : undefined;
  };
  for (let filter = operandAt('$match'); isDoc(filter); filter = operandAt('$match')) {
    filters.push(filter);
    at += 1;
  }
  const order = operandAt('$sort');
  if (isDoc(order)) at += 1;
  const most = operandAt('$limit');
  const isLimited = isNumeric(most) && toNumber(most) > 0;
  if (isLimited) at += 1;
  const [only] = filters;
  return {
    request: {
      filter: filters.length === 1 && only ? only : filters.length > 0 ? { $and: filters } : {},
      sort: isDoc(order) ? parseSort(order) : [],
      limit: isLimited ? toNumber(most) : 0,
    },
    rest: stages.slice(at),
  };
}
