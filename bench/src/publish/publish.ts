import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type PackedDApp, packDApp } from '@medigraph/dapp-cli';
import { type Home, install, openHome, publishHere, registerInstitutions } from '@medigraph/launcher/dapps';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { LifecycleAlone } from './lifecycle-alone.js';
import { median } from '../measure.js';

const bench = 'publish';
const appointments = fileURLToPath(new URL('../../../marketplace/dapps/appointments', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const institution = 'hospital-a';
const patienceMs = 120_000;
/** Between two looks, so that the looking takes no processor from what is looked at. */
const lookMs = 50;

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

/** Milliseconds to the end of the checks, to the contracts' running, and to an answer of the graph. */
type Times = readonly [checked: number, running: number, answered: number];

/** Publishes a version, and waits until the graph answers with it, as who works at an institution that has it installed. */
async function published(home: Home, packed: PackedDApp): Promise<Times> {
  const { manifest } = packed;
  const begin = performance.now();
  let [checked, running] = [Number.NaN, Number.NaN];
  await publishHere(home, packed, (stage) => {
    if (stage === 'checked') checked = performance.now() - begin;
    else running = performance.now() - begin;
  });
  await install(home.as, manifest, { institution });
  const reader = await home.as(institution);
  const deadline = begin + patienceMs;
  for (;;) {
    const answered = await reader
      .request<{ appointments_version: string }>('{ appointments_version }')
      .catch(() => undefined);
    if (answered?.appointments_version === manifest.version)
      return [checked, running, performance.now() - begin];
    if (performance.now() > deadline)
      throw new Error(`The graph does not answer with ${manifest.version} within ${patienceMs / 1000} s.`);
    await setTimeout(lookMs);
  }
}

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
  const home = await openHome(data);
  await registerInstitutions(home.as);
  const bare = await LifecycleAlone.open(platform.profile, { data, folder, packed });
  try {
    const rounds = quick ? 3 : 7;
    const ours: number[] = [];
    const lifecycle: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [checked, running, answered] = await published(home, await versioned(folder, `1.0.${round + 1}`));
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
