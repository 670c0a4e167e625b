import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { haemoglobin, playStory, type Story } from '@medigraph/launcher';
import { createClient as createEventStream } from 'graphql-sse';
import { cover, claim, registerPatient } from './case.js';
import { RunningSystem } from './running-system.js';

const everyState = ['ClaimSubmitted', 'ClaimAdjudicated', 'ClaimPaid'];
const claimChanged = `subscription($after: String) {
  claimChanged(after: $after) { cursor event claim { id state } }
}`;

interface ClaimEvent {
  readonly cursor: string;
  readonly event: string;
  readonly claim: { readonly id: string; readonly state: string };
}

let system: RunningSystem;
let story: Story;
/** Cursor of an event before the story's claim. */
let before: string;

beforeAll(async () => {
  system = await RunningSystem.start();
  const tell = () => undefined;
  await playStory(system.url, (role) => system.token(role), tell);
  const client = await system.client('hospital-a');
  const events = client.stream<{ claimChanged: ClaimEvent }>(claimChanged);
  const first = events.next();
  const patient = await registerPatient(system);
  await claim(system, patient, await cover(system, patient));
  const { value } = (await first) as { value: { claimChanged: ClaimEvent } };
  before = value.claimChanged.cursor;
  await events.return?.();
  story = await playStory(system.url, (role) => system.token(role), tell);
}, 120_000);

afterAll(() => system.close());

test('whom the patient grants reads what the hospital wrote; nobody else, and nobody after the revocation', () => {
  expect(story.record.read).toEqual({
    granted: haemoglobin(story.record.patient),
    otherInsurer: null,
    afterRevoke: null,
  });
});

test('every subscriber is told every state once, also one that was cut off in between', () => {
  expect(story.record.consentEvents).toEqual(['ConsentRequested', 'ConsentGranted', 'ConsentRevoked']);
  const { insurer, patient, hospitalBeforeCut, hospitalAfterResume } = story.claim;
  expect(insurer).toEqual(everyState);
  expect(patient).toEqual(everyState);
  expect([...hospitalBeforeCut, ...hospitalAfterResume]).toEqual(everyState);
  expect(hospitalBeforeCut).toHaveLength(1);
});

async function overEventStream(role: string, after: string, count: number): Promise<ClaimEvent[]> {
  const client = createEventStream({
    url: system.url,
    headers: { authorization: `Bearer ${await system.token(role)}` },
    retryAttempts: 0,
  });
  const received: ClaimEvent[] = [];
  for await (const { data, errors } of client.iterate<{ claimChanged: ClaimEvent }>({
    query: claimChanged,
    variables: { after },
  })) {
    expect(errors).toBeUndefined();
    if (data) received.push(data.claimChanged);
    if (received.length === count) break;
  }
  client.dispose();
  return received;
}

async function overWebSocket(role: string, after: string, count: number): Promise<ClaimEvent[]> {
  const client = await system.client(role);
  const received: ClaimEvent[] = [];
  for await (const { claimChanged: event } of client.stream<{ claimChanged: ClaimEvent }>(claimChanged, {
    after,
  })) {
    received.push(event);
    if (received.length === count) break;
  }
  return received;
}

test.each([
  ['server-sent events', overEventStream],
  ['a WebSocket', overWebSocket],
])('a cursor of before the claim brings all of it and nothing twice, over %s', async (_name, receive) => {
  const all = await receive('hospital-a', before, 3);
  expect(all.map(({ event, claim: { id } }) => [event, id])).toEqual(
    everyState.map((event) => [event, story.claim.claim]),
  );
  expect(all.map(({ claim: { state } }) => state)).toEqual(['CHECKED', 'VALUATED', 'PAID']);
  const [first, second] = all;
  expect(await receive('hospital-a', first?.cursor ?? '', 2)).toEqual(all.slice(1));
  expect(await receive('hospital-a', second?.cursor ?? '', 1)).toEqual(all.slice(2));
});

test('what subscribers were told is what a query answers', async () => {
  const query = 'query($id: ID!) { claim(id: $id) { id state outcome payment { amount { value } } } }';
  for (const role of ['hospital-a', 'insurer-a', `patient:${story.record.patient}`]) {
    expect(await system.data(role, query, { id: story.claim.claim })).toEqual({
      claim: {
        id: story.claim.claim,
        state: 'PAID',
        outcome: 'COMPLETE',
        payment: { amount: { value: '159.16' } },
      },
    });
  }
});
