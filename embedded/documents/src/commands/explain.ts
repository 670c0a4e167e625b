import { isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { Find, type FindRequest } from '../planner/find.js';
import type { Plan } from '../planner/plan.js';
import { parseCollation } from '../query/collation.js';
import { optionalString } from './arguments.js';
import { assertKnownFields } from './command-fields.js';
import { operandOf, type Call, type Command } from './command.js';
import { parseFind } from './find.js';
import { parseSort } from '../query/sort.js';

/** `explain`: the plan of a query, and what running it looked at. */
export const explain: Command = async (call) => {
  const inner = operandOf(call);
  if (!isDoc(inner))
    throw new CommandError(
      'TypeMismatch',
      "BSON field 'explain.explain' is the wrong type, expected type 'object'",
    );
  const [name = ''] = Object.keys(inner);
  assertKnownFields(name, inner);
  const { filter, request } = queryOf({ ...call, name, body: inner });
  const collectionName = inner[name];
  const collection =
    typeof collectionName === 'string' ? call.server.catalog.find(call.database, collectionName) : undefined;
  const namespace = `${call.database}.${typeof collectionName === 'string' ? collectionName : ''}`;
  const base = {
    explainVersion: '1',
    command: inner,
    serverInfo: { port: call.server.port, version: '8.0.0' },
  };
  if (!collection)
    return {
      ...base,
      queryPlanner: { namespace, parsedQuery: filter, winningPlan: { stage: 'EOF' }, rejectedPlans: [] },
    };
  const find = new Find(call.server.store, collection, request, call.operation);
  const queryPlanner = {
    namespace,
    parsedQuery: filter,
    winningPlan: describe(find.plan),
    rejectedPlans: [],
  };
  if (optionalString(call, 'verbosity') === 'queryPlanner') return { ...base, queryPlanner };
  const startedAt = performance.now();
  let nReturned = 0;
  for await (const matches of find.run()) nReturned += matches.length;
  const executionStats = {
    executionSuccess: true,
    nReturned,
    executionTimeMillis: Math.round(performance.now() - startedAt),
    totalKeysExamined: find.examined.keys,
    totalDocsExamined: find.examined.docs,
    executionStages: { ...describe(find.plan), nReturned },
  };
  return { ...base, queryPlanner, executionStats };
};

function queryOf(call: Call): { readonly filter: Doc; readonly request: FindRequest } {
  switch (call.name) {
    case 'find':
      return withFilter(parseFind(call, 'filter'));
    case 'count':
    case 'distinct':
    case 'findAndModify':
    case 'findandmodify':
      return withFilter({ ...parseFind(call, 'query'), limit: 0 });
    case 'update':
      return withFilter(ofStatement(call.body.updates));
    case 'delete':
      return withFilter(ofStatement(call.body.deletes));
    case 'aggregate':
      return withFilter(ofPipeline(call.body.pipeline));
    default:
      throw new CommandError('CommandNotFound', `Explain failed due to unknown command: ${call.name}`);
  }
}

const withFilter = (request: FindRequest): { filter: Doc; request: FindRequest } => ({
  filter: request.filter,
  request,
});

function ofStatement(statements: Value): FindRequest {
  const [statement] = Array.isArray(statements) ? statements : [];
  if (!isDoc(statement)) throw new CommandError('FailedToParse', 'explained write batches must be of size 1');
  return {
    filter: isDoc(statement.q) ? statement.q : {},
    hint: statement.hint,
    collation: parseCollation(statement.collation),
  };
}

function ofPipeline(pipeline: Value): FindRequest {
  const [first, second] = Array.isArray(pipeline) ? pipeline : [];
  const filter = isDoc(first) && isDoc(first.$match) ? first.$match : {};
  const order =
    isDoc(first) && isDoc(first.$sort)
      ? first.$sort
      : isDoc(second) && isDoc(second.$sort)
        ? second.$sort
        : undefined;
  return { filter, sort: parseSort(order) };
}

function describe(plan: Plan): Doc {
  const found: Doc =
    plan.kind === 'scan'
      ? { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward' }
      : plan.kind === 'union'
        ? {
            stage: 'FETCH',
            inputStage: { stage: 'OR', inputStages: plan.plans.map((branch) => describe(branch)) },
          }
        : {
            stage: 'FETCH',
            inputStage: {
              stage: 'IXSCAN',
              keyPattern: plan.index.spec.key,
              indexName: plan.index.name,
              isMultiKey: plan.index.multikey,
              isUnique: plan.index.unique,
              isSparse: plan.index.sparse,
              isPartial: plan.index.partial !== undefined,
              direction: plan.reverse ? 'backward' : 'forward',
            },
          };
  return plan.sorted ? found : { stage: 'SORT', inputStage: found };
}
