import assert from 'node:assert/strict';
import { type Consortium } from './consortium.js';
import { type Scenario } from './scenario.js';
import { suite } from './scenarios/index.js';

/** What came of one scenario. */
export interface Result {
  readonly group: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Expected and actual, where they differ; or why nothing was answered. */
  readonly difference?: string;
  readonly milliseconds: number;
}

/** Plays one scenario. @throws what differs from the answer that it expects. */
export async function play({ act, answer }: Scenario, consortium: Consortium): Promise<void> {
  assert.deepEqual(await consortium.refusalOf(act(consortium)), answer);
}

const matching = (only: RegExp | undefined) =>
  suite.flatMap(({ title: group, scenarios, needs }) =>
    scenarios
      .filter(({ title }) => only === undefined || only.test(`${group}: ${title}`))
      .map((scenario) => ({ group, scenario, needs })),
  );

/** Plays every scenario whose title matches, one after another. */
export async function* runSuite(consortium: Consortium, only?: RegExp): AsyncGenerator<Result> {
  for (const { group, scenario, needs } of matching(only)) {
    const start = performance.now();
    const { title } = scenario;
    if (needs === 'authorities' && !consortium.hasAuthorities) {
      yield { group, title, outcome: 'skipped', milliseconds: 0 };
      continue;
    }
    const difference = await play(scenario, consortium).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    yield {
      group,
      title,
      outcome: difference === undefined ? 'passed' : 'failed',
      ...(difference !== undefined && { difference }),
      milliseconds: Math.round(performance.now() - start),
    };
  }
}

/** What is reported for a network that cannot be run here. */
export function skipSuite(only?: RegExp): Result[] {
  return matching(only).map(({ group, scenario: { title } }) => ({
    group,
    title,
    outcome: 'skipped',
    milliseconds: 0,
  }));
}
