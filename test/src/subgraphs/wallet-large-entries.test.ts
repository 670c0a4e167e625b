import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { Wallet, type WalletGraph } from '@medigraph/platform/wallet';
import { care } from '@medigraph/schema';
import { LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const envelopes = createEnvelopeService();

let graph: LiveGraph;
let wallet: Wallet;
let other: Wallet;

class GraphError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}
const graphOf = (person: Person): WalletGraph => ({
  async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const { data, errors } = await graph.ask('patients', person, query, variables);
    if (errors?.[0]) throw new GraphError(errors[0].extensions.code, errors[0].message);
    return data as Data;
  },
});
const graphOfOwner = ({ address }: Wallet): WalletGraph =>
  graphOf({ role: 'patient', mspId: 'PatientsMSP', patient: address });

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  const { errors } = await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register);
  expect(errors).toBeUndefined();
  [wallet, other] = await Promise.all([Wallet.create(), Wallet.create()]);
  await wallet.register(graphOf(hospital), 'MRN-1');
  await other.register(graphOf(hospital), 'MRN-2');
}, 120_000);

afterAll(async () => {
  await graph.close();
});

interface Begun {
  readonly id: string;
  readonly content: Uint8Array;
  readonly bodies: readonly string[];
}

/** An entry of the wallet's owner that is begun, and the parts to bring. */
async function begun(bytes: number): Promise<Begun> {
  const own = graphOfOwner(wallet);
  const patient = wallet.address;
  const id = randomBytes(16).toString('hex');
  const content = randomBytes(bytes);
  const { encryptionKey: key } = await wallet.evaluate(own, 'Registration:Resolve', { patient });
  const { body, keys, sha256, size } = await envelopes.seal(id, content, [{ id: patient, key }]);
  const bodies = Array.from({ length: Math.ceil(body.length / care.partCharacters) }, (_, part) =>
    body.slice(part * care.partCharacters, (part + 1) * care.partCharacters),
  );
  await wallet.submit(own, 'Records:BeginEntry', {
    patient,
    parts: bodies.length,
    entry: {
      id,
      resourceType: 'DocumentReference',
      category: 'other',
      date: '2026-01-05',
      size,
      sha256,
      keys,
    },
  });
  return { id, content, bodies };
}

async function append(writer: Wallet, entry: string, part: number, body: string): Promise<void> {
  const argument = { patient: wallet.address, entry, part, body };
  await writer.submit(graphOfOwner(writer), 'Records:AppendBody', argument);
}

const complete = (entry: string) =>
  wallet.submit(graphOfOwner(wallet), 'Records:CompleteEntry', { patient: wallet.address, entry });

test('an entry stored in parts is opened whole, beside one that is stored as one', async () => {
  const own = graphOfOwner(wallet);
  const { id, content, bodies } = await begun(2_000_000);
  expect(bodies.length).toBeGreaterThan(2);
  for (const [part, body] of bodies.entries()) await append(wallet, id, part, body);
  await expect(wallet.openEntries(own, [id])).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
  await complete(id);
  const [small] = await wallet.addPersonalEntries(own, [
    {
      resourceType: 'Observation',
      category: 'observation',
      date: '2026-01-05',
      content: new TextEncoder().encode('{}'),
    },
  ]);
  const opened = await wallet.openEntries(own, [small?.id ?? '', id]);
  expect(opened.map(({ entry, content: { length } }) => [entry.id, entry.parts, length])).toEqual([
    [small?.id, undefined, 2],
    [id, bodies.length, content.length],
  ]);
  expect(Buffer.compare(opened[1]?.content ?? Buffer.alloc(0), content)).toBe(0);
}, 120_000);

test('parts of somebody else, missing, or in another order make no entry, and a draft that is discarded is gone', async () => {
  const own = graphOfOwner(wallet);
  const { id, bodies } = await begun(1_000_000);
  const [first = '', second = ''] = bodies;
  await expect(append(other, id, 0, first)).rejects.toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  await append(wallet, id, 0, second);
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  await append(wallet, id, 1, first);
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_INCOMPLETE' });
  await wallet.submit(own, 'Records:DiscardEntry', { patient: wallet.address, entry: id });
  await expect(complete(id)).rejects.toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  await expect(wallet.openEntries(own, [id])).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' });
}, 120_000);
