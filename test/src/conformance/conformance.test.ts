import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Consortium } from './consortium.js';
import { startEmbeddedNetwork } from './networks/embedded-network.js';
import { type NetworkUnderTest } from './networks/network-under-test.js';
import { play, skipSuite } from './run-suite.js';
import { suite } from './scenarios/index.js';

let folder: string;
let network: NetworkUnderTest;
let consortium: Consortium;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-conformance-'));
  network = await startEmbeddedNetwork(folder);
  consortium = await Consortium.open(network);
});

afterAll(async () => {
  consortium.close();
  await network.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each(suite.map((group) => [group.title, group.scenarios] as const))('%s', (_title, scenarios) => {
  test.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(
    '%s',
    async (_what, scenario) => {
      await expect(play(scenario, consortium)).resolves.toBeUndefined();
    },
  );
});

test('no two scenarios have one title', () => {
  const titles = skipSuite().map(({ group, title }) => `${group}: ${title}`);
  expect(titles).toEqual([...new Set(titles)]);
});
