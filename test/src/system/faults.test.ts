import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addEntry, claim, cover, registerInstitutions, registerPatient } from './case.js';
import { eventually } from './eventually.js';
import { checkpoints, dropReadModels, dump } from './read-models.js';
import { type Answer, codesOf, RunningSystem } from './running-system.js';

/** How a call may fail while a part is away. */
const awayCodes = new Set([
  'LEDGER_UNAVAILABLE',
  'LEDGER_TIMEOUT',
  'EVALUATE_FAILED',
  'ENDORSEMENT_FAILED',
  'SUBMIT_FAILED',
  'COMMIT_STATUS_UNKNOWN',
  'READ_MODEL_BEHIND',
  'DOCUMENTS_UNAVAILABLE',
  // The router's patience may end before that of whoever waits for the ledger.
  'SUBGRAPH_TIMEOUT',
]);

let system: RunningSystem;
let patient: string;

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
}, 120_000);

afterAll(() => system.close());

const note = (key: string) => ({
  patient,
  idempotencyKey: key,
  resources: [{ resourceType: 'Observation', status: 'final', code: { text: `Note ${key}` } }],
});
type Proposed = Answer<{ proposeEntries: { entries: [{ id: string }]; transaction: { id: string } } }>;
const propose = (key: string): Promise<Proposed> =>
  system.ask(
    'hospital-a',
    `mutation($input: ProposeEntriesInput!) {
      proposeEntries(input: $input) { entries { id } transaction { id } } }`,
    { input: note(key) },
  );

/** Kills a part's process as the kernel would, and waits until another is in its place. */
async function kill(part: string): Promise<void> {
  const pid = system.pid(part);
  process.kill(pid, 'SIGKILL');
  await eventually(
    `${part} is started again`,
    () => system.pid(part),
    (now) => now !== pid,
  );
}

/** Every entry of the patient, page by page. */
async function entries(): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = await system.data<Page>(
      `patient:${patient}`,
      `query($id: ID!, $after: String) { patient(id: $id) { entries(first: 50, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } } }`,
      { id: patient, after },
    );
    const { nodes, pageInfo } = page.patient.entries;
    ids.push(...nodes.map(({ id }) => id));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return ids;
}
interface Page {
  readonly patient: {
    readonly entries: {
      readonly nodes: readonly { readonly id: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
}

/**
 * Writes without pause while something is killed, each write until it is answered; answers the entries that were
 * acknowledged.
 */
async function writeWhile(disturb: () => Promise<void>): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  let over = false;
  const write = async (): Promise<void> => {
    while (!over) {
      const key = randomUUID();
      const { data } = await eventually(
        `entry ${key} is written`,
        () => propose(key),
        (answer) => {
          for (const code of codesOf(answer)) expect(awayCodes).toContain(code);
          return answer.errors === undefined;
        },
        60_000,
      );
      if (data) acknowledged.add(data.proposeEntries.entries[0].id);
    }
  };
  const writers = Promise.all([write(), write(), write(), write()]);
  await eventually(
    'writes are under way',
    () => acknowledged.size,
    (count) => count >= 8,
  );
  await disturb();
  const before = acknowledged.size;
  await eventually(
    'writes go on',
    () => acknowledged.size,
    (count) => count >= before + 8,
    60_000,
  );
  over = true;
  await writers;
  return acknowledged;
}

test.each(['care', 'ledger', 'documents'])(
  'when %s is killed under load, what was acknowledged is there, once, and work goes on',
  async (part) => {
    const before = new Set(await entries());
    const acknowledged = await writeWhile(() => kill(part));
    const after = await eventually('every acknowledged entry is in the index', entries, (ids) =>
      [...acknowledged].every((id) => ids.includes(id)),
    );
    expect(new Set(after).size).toBe(after.length);
    // Each write was repeated with its key until it was answered: nothing was written twice.
    expect(after).toHaveLength(before.size + acknowledged.size);
  },
  180_000,
);

test('when the platform is killed, it comes back at its address, and a subscriber resumes without loss', async () => {
  const subscription = 'subscription($after: String) { entryChanged(after: $after) { cursor entry { id } } }';
  interface Event {
    readonly entryChanged: { readonly cursor: string; readonly entry: { readonly id: string } };
  }
  const { url } = system;
  const first = await system.client('hospital-a');
  const events = first.stream<Event>(subscription);
  const next = events.next();
  const seen = await propose(randomUUID());
  const { value } = (await next) as { value: Event };
  expect(value.entryChanged.entry.id).toBe(seen.data?.proposeEntries.entries[0].id);
  const broken = events.next().then(
    ({ done }) => done === true,
    () => true,
  );
  await kill('platform');
  expect(await broken).toBe(true);
  const missed: (string | undefined)[] = [];
  for (const key of [randomUUID(), randomUUID()]) {
    const { data } =
      (await eventually(
        'the platform takes writes again',
        () => propose(key).catch(() => undefined),
        (answer) => answer !== undefined && answer.errors === undefined,
        60_000,
      )) ?? {};
    missed.push(data?.proposeEntries.entries[0].id);
  }
  expect(system.url).toBe(url);
  const second = await system.client('hospital-a');
  const received: string[] = [];
  for await (const { entryChanged } of second.stream<Event>(subscription, {
    after: value.entryChanged.cursor,
  })) {
    received.push(entryChanged.entry.id);
    if (received.length === missed.length) break;
  }
  expect(received).toEqual(missed);
}, 120_000);

test('read models rebuilt from nothing are equal, byte for byte', async () => {
  await addEntry(system, patient);
  await claim(system, patient, await cover(system, patient));
  const reached = async () => JSON.stringify(Object.entries(await checkpoints(system)).sort());
  const quiet = await eventually(
    'the read models are at rest',
    async () => [await dump(system), await dump(system)] as const,
    ([one, two]) => one === two,
  );
  const last = await reached();
  await dropReadModels(system);
  expect(await dump(system)).toBe('');
  await kill('platform');
  await eventually('the read models are as far as before', reached, (now) => now === last, 60_000);
  const [before] = quiet;
  expect(before.split('\n').length).toBeGreaterThan(50);
  expect(await dump(system)).toBe(before);
}, 120_000);
