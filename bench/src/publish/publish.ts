import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KeyStore, type PackedDApp, packDApp, publishPackage, releaseOf } from '@medigraph/dapp-cli';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { type GraphCaller } from '../graph-caller.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { LifecycleAlone } from './lifecycle-alone.js';

const bench = 'publish';
const appointments = fileURLToPath(new URL('../../../marketplace/dapps/appointments', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const publisher = 'medigraph-examples';
const institution = 'hospital-a';
const reviewers = [institution, 'hospital-b', 'insurer-a', 'regulator'];
const patienceMs = 120_000;
/** Between two looks, so that the looking takes no processor from what is looked at. */
const lookMs = 50;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Asks again until the answer fits. */
async function until(what: string, fits: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await fits())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s.`);
    await setTimeout(lookMs);
  }
}

/** The DApp as another version. @param folder - a copy of its own */
async function versioned(folder: string, version: string): Promise<PackedDApp> {
  const file = path.join(folder, 'medigraph.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...manifest, version }));
  return packDApp(folder);
}

/** A copy of the DApp's folder that finds what its sources import. */
async function copied(data: string): Promise<string> {
  const folder = path.join(data, 'appointments');
  await cp(appointments, folder, { recursive: true });
  await symlink(modules, path.join(folder, 'node_modules'));
  return folder;
}

class Marketplace {
  readonly #platform: RunningPlatform;
  readonly #operators: readonly GraphCaller[];
  /** Who works at the institution that installs. */
  readonly #reader: GraphCaller;
  readonly #keys: KeyStore;

  private constructor(
    platform: RunningPlatform,
    parts: { operators: readonly GraphCaller[]; reader: GraphCaller; keys: KeyStore },
  ) {
    this.#platform = platform;
    this.#operators = parts.operators;
    this.#reader = parts.reader;
    this.#keys = parts.keys;
  }

  static async open(platform: RunningPlatform, folder: string): Promise<Marketplace> {
    const operators = await Promise.all(reviewers.map((id) => platform.as(`operator:${id}`, true)));
    for (const [index, operator] of operators.entries())
      await operator.request(
        'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
        { input: { id: reviewers[index], name: reviewers[index], kind: kinds[index] } },
      );
    const keys = new KeyStore(folder);
    const key = await keys.create('bench', 'bench');
    await operators[0]?.request(
      'mutation ($input: RegisterPublisherInput!) { registerPublisher(input: $input) { publisher { id } } }',
      { input: { id: publisher, name: publisher, institution, key: key.publicKey } },
    );
    return new Marketplace(platform, { operators, reader: await platform.as(institution), keys });
  }

  /** Publishes a version, and waits until the graph answers with it. Milliseconds to the checks' end, to its running, and in all. */
  async publish(packed: PackedDApp): Promise<readonly [checked: number, running: number, answered: number]> {
    const { id: dapp, version } = packed.manifest;
    const [operator] = this.#operators;
    if (!operator) throw new Error('Nobody publishes.');
    const graph = {
      url: this.#platform.medigraph.url,
      token: () => this.#platform.tokenFor(`operator:${institution}`),
      request: <Data>(query: string, variables?: Record<string, unknown>) =>
        operator.request<Data>(query, variables),
    };
    const statusIs = (wanted: string) => async () => {
      const release = await releaseOf(graph, dapp, version);
      if (release?.status === 'REFUSED') throw new Error(JSON.stringify(release.reports));
      return release?.status === wanted;
    };
    const key = await this.#keys.open('bench', 'bench');
    const begin = performance.now();
    await publishPackage(graph, packed, key);
    await until('the checks', statusIs('CHECKED'));
    const checked = performance.now() - begin;
    const approve =
      'mutation ($input: DAppVersionInput!) { approveDApp(input: $input) { release { status } } }';
    for (const each of this.#operators) await each.request(approve, { input: { dapp, version } });
    await until('the run', statusIs('ACTIVE'));
    const running = performance.now() - begin;
    await until('the installation', () => this.#installed(operator, dapp));
    await until('the answer', () => this.#answers(version));
    return [checked, running, performance.now() - begin];
  }

  /** The registry's read model follows the ledger a moment later. */
  async #installed(operator: GraphCaller, dapp: string): Promise<boolean> {
    const { myInstallations } = await operator.request<{ myInstallations: { nodes: { status: string }[] } }>(
      'query { myInstallations(first: 10) { nodes { status } } }',
    );
    if (myInstallations.nodes.some(({ status }) => status === 'ACTIVE')) return true;
    const input = { dapp, institution, scopes: [] };
    const install =
      'mutation ($input: InstallDAppInput!) { installDApp(input: $input) { installation { status } } }';
    await operator.request(install, { input }).catch(() => undefined);
    return false;
  }

  async #answers(version: string): Promise<boolean> {
    try {
      const { appointments_version: answers } = await this.#reader.request<{ appointments_version: string }>(
        '{ appointments_version }',
      );
      return answers === version;
    } catch {
      return false;
    }
  }
}

const kinds = ['HOSPITAL', 'HOSPITAL', 'INSURER', 'REGULATOR'];

/** From a signed package to the first answer of the graph, with everybody saying yes at once. */
export const publishBench: Bench = {
  summary: 'seconds from a published package to the first federated query, against the bare Fabric lifecycle',
  run: (options) =>
    withTemporaryFolder((data) =>
      withPlatform({ ...options, data }, (platform) => measured(options, platform, data)),
    ),
};

async function measured(
  { quick, say }: BenchOptions,
  platform: RunningPlatform,
  data: string,
): Promise<Figure[]> {
  const folder = await copied(data);
  const packed = await packDApp(folder);
  const marketplace = await Marketplace.open(platform, data);
  const bare = await LifecycleAlone.open(platform.profile, { data, folder, packed });
  try {
    const rounds = quick ? 3 : 7;
    const ours: number[] = [];
    const lifecycle: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [checked, running, answered] = await marketplace.publish(
        await versioned(folder, `1.0.${round + 1}`),
      );
      const alone = await bare.bring(`1.0.${round + 1}`);
      ours.push(answered);
      lifecycle.push(alone);
      say(
        `${round === 0 ? 'first version' : 'upgrade'}: checked ${seconds(checked)}, runs ${seconds(running)}, ` +
          `answers ${seconds(answered)}; the lifecycle alone ${seconds(alone)}`,
      );
    }
    return [
      {
        bench,
        figure: 'first-federated-query',
        value: median(ours) / 1_000,
        unit: 's',
        peer: 'install, approve, commit and answer of the same contracts by the Fabric lifecycle alone',
        ratio: median(lifecycle) / median(ours),
        n: rounds,
      },
    ];
  } finally {
    await bare.close();
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(2)} s`;
