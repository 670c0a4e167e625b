import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { addEntry, registerInstitutions, registerPatient } from './case.js';
import { eventually } from './eventually.js';
import { RunningSystem } from './running-system.js';
import { type ReceivedSpan, TraceReceiver } from './trace-receiver.js';

let receiver: TraceReceiver;
let system: RunningSystem;

beforeAll(async () => {
  receiver = await TraceReceiver.start();
  // As an operator would: the parts of a system inherit its environment.
  Object.assign(process.env, receiver.environment);
  system = await RunningSystem.start();
}, 120_000);
afterAll(async () => {
  for (const name of Object.keys(receiver.environment)) Reflect.deleteProperty(process.env, name);
  await system.close();
  await receiver.close();
});

const secret = '7E-5512-secret';

/** The trace of one request, by a `traceparent` of the client's own. */
async function traceOf(traceId: string, ...names: readonly string[]): Promise<readonly ReceivedSpan[]> {
  return eventually(
    `spans ${names.join(', ')}`,
    () => receiver.spans.filter((span) => span.traceId === traceId),
    (spans) => names.every((name) => spans.some((span) => span.name === name)),
  );
}

test('one trace leads from the client through router and subgraph to the commit on the ledger', async () => {
  await registerInstitutions(system);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const response = await fetch(system.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await system.token('hospital-a')}`,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({
      query:
        'mutation Enrol($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
      variables: { input: { identifier: secret } },
    }),
  });
  expect(await response.json()).not.toHaveProperty('errors');
  const spans = await traceOf(traceId, 'graphql operation', 'read model reaches block');
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const wayTo = (name: string): string[] => {
    const way: string[] = [];
    let span = spans.find((candidate) => candidate.name === name);
    for (; span; span = byId.get(span.parentSpanId ?? '')) way.unshift(span.name);
    return way;
  };
  const submit = ['graphql operation', 'fetch patients', 'subgraph operation', 'ledger submit'];
  expect(wayTo('plan')).toEqual(['graphql operation', 'plan']);
  expect(wayTo('ledger endorse')).toEqual([...submit, 'ledger endorse']);
  expect(wayTo('ledger order')).toEqual([...submit, 'ledger order']);
  expect(wayTo('ledger commit')).toEqual([...submit, 'ledger commit']);
  expect(spans.find(({ name }) => name === 'graphql operation')?.parentSpanId).toBe('b7ad6b7169203331');
  const told = JSON.stringify(spans);
  expect(told).toContain('Registration:RegisterPatient');
  expect(told).toContain('Enrol');
  expect(told).not.toContain(secret);
});

test('what is delivered to a subscriber is part of its trace', async () => {
  const traceId = '1af7651916cd43dd8448eb211c80319d';
  const client = createClient({
    url: system.url.replace(/^http/, 'ws'),
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers: { traceparent: `00-${traceId}-b7ad6b7169203332-01` } });
      }
    },
    connectionParams: { authorization: `Bearer ${await system.token('hospital-a')}` },
  });
  const events = client.iterate({ query: 'subscription { entryChanged { cursor } }' });
  const first = events.next();
  // Clients share it, so that it is part of none of their traces.
  await eventually(
    'a subscription to the subgraph',
    () => receiver.spans,
    (spans) => spans.some(({ name }) => name === 'subscribe records'),
  );
  await addEntry(system, await registerPatient(system));
  expect(await first).toMatchObject({ value: { data: { entryChanged: {} } } });
  await client.dispose();
  const spans = await traceOf(traceId, 'deliver event', 'graphql operation');
  const operation = spans.find(({ name }) => name === 'graphql operation');
  expect(operation?.parentSpanId).toBe('b7ad6b7169203332');
  expect(spans.find(({ name }) => name === 'deliver event')?.parentSpanId).toBe(operation?.spanId);
});
