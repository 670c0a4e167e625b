import { type Consortium } from './consortium.js';

/**
 * One promise of Fabric in plain words: what is done to a network, and what it answers. An action that fails answers what
 * {@link answerOf} makes of its error.
 */
export interface Scenario {
  readonly title: string;
  readonly act: (consortium: Consortium) => Promise<unknown>;
  /** What Fabric v3.1 answers, whichever network it is. */
  readonly answer: unknown;
}

export interface ScenarioGroup {
  readonly title: string;
  /** What not every network has: where it is missing, the scenarios are skipped and counted as skipped. */
  readonly needs?: 'authorities';
  readonly scenarios: readonly Scenario[];
}

export const scenario = (title: string, act: Scenario['act'], answer: unknown): Scenario => ({
  title,
  act,
  answer,
});

export const group = (
  title: string,
  scenarios: readonly Scenario[],
  options: Pick<ScenarioGroup, 'needs'> = {},
): ScenarioGroup => ({ title, scenarios, ...options });

/** Of scenarios that are made from a table, those whose answer the table states. */
export const stated = (scenarios: readonly Scenario[]): readonly Scenario[] =>
  scenarios.filter(({ answer }) => answer !== undefined);
