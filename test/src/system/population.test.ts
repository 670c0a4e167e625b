/** Patients of the population that comes with Medigraph, on a platform whose launcher was killed while it loaded them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type PatientRecord, readPopulation } from '@medigraph/corpus';
import { GraphClient, openRunning, type RunningMedigraph } from '@medigraph/launcher';
import { eventually } from './eventually.js';

const root = new URL('../../../', import.meta.url);
const command = fileURLToPath(new URL('launcher/bin/medigraph.mjs', root));

let folder: string;
let launcher: { readonly process: ChildProcess; readonly errors: () => string };
let medigraph: RunningMedigraph;
const records: PatientRecord[] = [];
/** As many as are enough to be killed in the middle of. */
const wanted = 5;

/** A population of the first patients of ours. */
async function someOf(whole: string, target: string): Promise<void> {
  const population = await readPopulation(whole);
  for await (const record of population.patients()) {
    records.push(record);
    if (records.length === wanted) break;
  }
  const { directory, ...manifest } = population.manifest;
  const kept = manifest.records.slice(0, wanted);
  for (const file of [directory, ...kept])
    await cp(path.join(whole, file.path), path.join(target, file.path));
  const counts: Record<string, number> = {};
  for (const { patient, resources, coverages, claims } of records)
    for (const { resourceType } of [patient, ...resources, ...coverages, ...claims])
      counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  const written = { ...manifest, directory, counts, patients: wanted, records: kept };
  await writeFile(path.join(target, 'manifest.json'), JSON.stringify(written));
}

function launch(): typeof launcher {
  const population = path.join(folder, 'population');
  const child = spawn(
    process.execPath,
    [command, 'start', '--data', path.join(folder, 'data'), '--port', '0', '--population', population],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { process: child, errors: () => text };
}

/** How much of the population the launcher says is loaded, 0 to 1. */
function loadedPart(text: string): number {
  const [done = 0, total = 1] = (/records: (\d+)\/(\d+)\n$/.exec(text) ?? []).slice(1).map(Number);
  return done / total;
}

async function says(what: string): Promise<void> {
  await eventually(what, launcher.errors, (text) => text.includes(what), 170_000);
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const { process: child } = launcher;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-population-'));
  await someOf(fileURLToPath(new URL('corpus/data', root)), path.join(folder, 'population'));
  launcher = launch();
  await eventually('a quarter is loaded', launcher.errors, (text) => loadedPart(text) > 1 / 4, 120_000);
  await stop('SIGKILL');
  launcher = launch();
  await says('Stop with Ctrl-C');
  medigraph = await openRunning(path.join(folder, 'data'));
}, 300_000);

afterAll(async () => {
  await stop('SIGINT');
  await rm(folder, { recursive: true, force: true });
});

async function client(role: string): Promise<GraphClient> {
  return new GraphClient(medigraph.run.url, await medigraph.tokenFor(role));
}

interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

/** Every node of a list, page by page. `field` takes `first` and `after`; `select` says what of a node. */
async function all<Node>(
  role: string,
  pageOf: (after: string) => string,
  of: (data: never) => Page<Node>,
): Promise<Node[]> {
  const asking = await client(role);
  const nodes: Node[] = [];
  for (let after = 'null'; ;) {
    const page = of(await asking.request<never>(`{ ${pageOf(`first: 100, after: ${after}`)} }`));
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = JSON.stringify(page.pageInfo.endCursor);
  }
}

const pageInfo = 'pageInfo { hasNextPage endCursor }';
const addresses = async (): Promise<readonly string[]> => {
  const patients = new Set<string>();
  for (const role of await holders()) {
    const seen = await all<{ id: string }>(
      role,
      (page) => `patients(${page}) { nodes { id } ${pageInfo} }`,
      ({ patients: found }: { patients: Page<{ id: string }> }) => found,
    );
    for (const { id } of seen) patients.add(id);
  }
  return [...patients].sort();
};

/** Every hospital of the population, as the role that speaks for it. */
async function holders(): Promise<string[]> {
  const institutions = await all<{ id: string; organization: string; kind: string }>(
    'regulator',
    (page) => `institutions(${page}) { nodes { id organization kind } ${pageInfo} }`,
    ({ institutions: found }: { institutions: Page<{ id: string; organization: string; kind: string }> }) =>
      found,
  );
  return institutions
    .filter(({ kind }) => kind === 'HOSPITAL')
    .map(({ id, organization }) => `${organization === 'HospitalAMSP' ? 'hospital-a' : 'hospital-b'}/${id}`);
}

/** Claims that go to an insurer whose policy the patient has; the others the patient pays alone. */
function insuredClaims({ claims, coverages }: PatientRecord): number {
  const payers = new Set(coverages.map(({ payor }) => payor[0]?.reference));
  return claims.filter(({ insurer }) => insurer?.reference !== undefined && payers.has(insurer.reference))
    .length;
}

test('a load that was killed ends with every patient, entry and claim, each once', async () => {
  const patients = await eventually(
    'every patient is known',
    addresses,
    (found) => found.length === records.length,
  );
  const loaded: { entries: number; claims: number; name: string }[] = [];
  for (const patient of patients) {
    const role = `patient:${patient}`;
    const entries = await all<{ id: string; status: string }>(
      role,
      (page) => `patient(id: "${patient}") { entries(${page}) { nodes { id status } ${pageInfo} } }`,
      ({ patient: { entries: found } }: { patient: { entries: Page<{ id: string; status: string }> } }) =>
        found,
    );
    expect(entries.every(({ status }) => status === 'FINAL')).toBe(true);
    const claims = await all<{ id: string }>(
      role,
      (page) => `claims(${page}) { nodes { id } ${pageInfo} }`,
      ({ claims: found }: { claims: Page<{ id: string }> }) => found,
    );
    const self = await (
      await client(role)
    ).request<{ me: { patient: { resource: { id: string } } } }>('{ me { patient { resource } } }');
    loaded.push({
      name: self.me.patient.resource.id,
      entries: new Set(entries.map(({ id }) => id)).size,
      claims: new Set(claims.map(({ id }) => id)).size,
    });
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(loaded.sort(byName)).toEqual(
    records
      .map((record) => ({
        name: record.patient.id ?? '',
        entries: record.resources.length + 1,
        claims: insuredClaims(record),
      }))
      .sort(byName),
  );
}, 120_000);

test('claims nest down to what is sealed in them, by state, for every party', async () => {
  interface Claim {
    readonly id: string;
    readonly state: string;
    readonly provider: { readonly id: string };
    readonly insurer: { readonly id: string; readonly organization: string };
    readonly items: readonly {
      readonly productOrService: { readonly coding: readonly object[]; text: string };
    }[];
  }
  const asking = await client('patient');
  const { me } = await asking.request<{ me: { patient: { id: string; claims: { nodes: Claim[] } } } }>(
    `{ me { patient { id claims(first: 10) { nodes { id state provider { id } insurer { id organization }
      items { productOrService { text coding { code display } } } } } } } }`,
  );
  const { claims } = me.patient;
  expect(claims.nodes).toHaveLength(10);
  for (const { items } of claims.nodes) {
    expect(items.length).toBeGreaterThan(0);
    for (const { productOrService } of items) expect(productOrService.coding.length).toBeGreaterThan(0);
  }
  const [first] = claims.nodes;
  if (first === undefined) throw new Error('no claim');
  const inState = async (state: string) =>
    (
      await asking.request<{ claims: { nodes: { state: string }[] } }>(
        `{ claims(first: 100, state: ${state}) { nodes { state } } }`,
      )
    ).claims.nodes;
  for (const state of ['ENTERED', 'CHECKED', 'PAID']) {
    expect((await inState(state)).every((claim) => claim.state === state)).toBe(true);
  }
  expect((await inState(first.state)).length).toBeGreaterThan(0);
  const insurer = first.insurer.organization === 'InsurerAMSP' ? 'insurer-a' : 'insurer-b';
  const rival = insurer === 'insurer-a' ? 'insurer-b' : 'insurer-a';
  const read =
    '{ claim(id: "ID") { id items { productOrService { coding { code display } text } } } }'.replace(
      'ID',
      first.id,
    );
  const ours = await (await client(`${insurer}/${first.insurer.id}`)).request<{ claim: Claim }>(read);
  expect(ours.claim.items).toEqual(first.items);
  expect(await (await client(rival)).request(read)).toEqual({ claim: null });
}, 60_000);

test('a second start loads nothing again', async () => {
  const before = await addresses();
  await stop('SIGINT');
  launcher = launch();
  await says('Stop with Ctrl-C');
  expect(launcher.errors()).not.toMatch(/records:|Loaded/);
  medigraph = await openRunning(path.join(folder, 'data'));
  expect(await addresses()).toEqual(before);
}, 120_000);
