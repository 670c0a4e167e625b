import { type FlattenNodePathSegment, type PlanNode } from '@graphql-hive/router-query-planner';
import { EntityFetch } from './entity-fetch.js';
import { type PlanExecution } from './plan-execution.js';
import { RootFetch } from './root-fetch.js';
import { type TypeConditions } from './type-conditions.js';

/** A part of a plan, ready to run. It never fails: what goes wrong is noted in the execution. */
export type Step = (execution: PlanExecution) => Promise<void>;

/** Compiles a plan, but for the subscription it may begin with. */
export function compileSteps(
  node: PlanNode,
  conditions: TypeConditions,
  path: readonly FlattenNodePathSegment[] = [],
): Step {
  switch (node.kind) {
    case 'Sequence':
      return inSequence(node.nodes.map((child) => compileSteps(child, conditions, path)));
    case 'Parallel': {
      const steps = node.nodes.map((child) => compileSteps(child, conditions, path));
      return async (execution) => {
        await Promise.all(steps.map((step) => step(execution)));
      };
    }
    case 'Flatten':
      return compileSteps(node.node, conditions, [...path, ...node.path]);
    case 'Fetch': {
      const fetch = node.requires?.length
        ? EntityFetch.at(path, node, conditions)
        : new RootFetch(node, conditions);
      return (execution) => fetch.run(execution);
    }
    case 'BatchFetch': {
      const fetch = EntityFetch.batch(node, conditions);
      return (execution) => fetch.run(execution);
    }
    case 'Condition': {
      const { condition, ifClause, elseClause } = node;
      const met = ifClause && compileSteps(ifClause, conditions, path);
      const unmet = elseClause && compileSteps(elseClause, conditions, path);
      return async (execution) => {
        await (execution.variables[condition] === true ? met : unmet)?.(execution);
      };
    }
    case 'Subscription':
    case 'Defer':
      throw new Error(`The query planner put a ${node.kind} where none can be executed.`);
  }
}

/** Runs steps one after the other. */
export function inSequence(steps: readonly Step[]): Step {
  const [only] = steps;
  if (steps.length === 1 && only) return only;
  return async (execution) => {
    for (const step of steps) await step(execution);
  };
}
