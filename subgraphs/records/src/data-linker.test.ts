import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createECDH, createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { contracts } from '@medigraph/chaincode-care';
import { type BenchIdentity, ContractBench, TransactionRefused } from '@medigraph/chaincode-lib/testing';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type ContractCall, type RequestContext } from '@medigraph/platform/graph';
import { SmartScopes } from '@medigraph/platform/identity';
import { ContractRefusedError } from '@medigraph/platform/ledger';
import { silentLogger } from '@medigraph/platform/telemetry';
import { care, parseContractError, type primitives } from '@medigraph/schema';
import { DataLinker } from './data-linker.js';
import { documentOf, type EntryDocument } from './read-model.js';

const envelopes = createEnvelopeService();
const opened: number[] = [];
let bench: ContractBench;
let hospital: BenchIdentity;
let insurer: BenchIdentity;
let patient: BenchIdentity;
const keys = new Map<string, { publicKey: primitives.EncryptionKey; privateKey: KeyObject }>();

function makeKey(owner: string): primitives.EncryptionKey {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const part = (from: number): string => point.subarray(from, from + 32).toString('base64url');
  const publicKey = { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), kid: owner } as const;
  const jwk = { ...publicKey, d: ecdh.getPrivateKey().toString('base64url').padStart(43, 'A') };
  keys.set(owner, { publicKey, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) });
  return publicKey;
}

interface Part {
  readonly entry: string;
  readonly part: number | undefined;
}
/** What a peer answers for a part instead of what was asked: another part, or another text. */
type Peer = (asked: Part) => Part & { readonly body?: (body: string) => string };

interface Asking {
  readonly scope?: string;
  readonly signer?: BenchIdentity;
  readonly institution?: string;
  /** A peer that may lie about bodies. */
  readonly peer?: Peer;
}

/** The hospital's request or another institution's, on the contracts themselves. */
function request({
  scope = 'medigraph',
  signer = hospital,
  institution = 'hospital-a',
  peer,
}: Asking = {}): RequestContext {
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const refusal = error instanceof TransactionRefused ? parseContractError(error.message) : undefined;
      throw refusal ? new ContractRefusedError(refusal.code, refusal.message) : error;
    }
  };
  const known = {
    services: {
      envelopes,
      logger: silentLogger,
      custody: {
        decryptionKeys: (owner: string) =>
          Promise.resolve([keys.get(owner)?.privateKey].filter((key) => key !== undefined)),
      },
    },
    scopes: new SmartScopes({ scopes: new Set([scope]), role: 'hospital' }),
    viewer: () => Promise.resolve({ role: 'hospital', institution }),
    submit: ({ contract, transaction, argument }: ContractCall) =>
      call(async () => {
        const done = await bench.submit(signer, `${contract}:${transaction}`, argument);
        opened.push((argument as { entries: string[] }).entries.length);
        return { result: done.result, transaction: { id: done.transaction, channel: 'care', block: 1 } };
      }),
    evaluate: ({ contract, transaction, argument }: ContractCall) =>
      call(async () => {
        const name = `${contract}:${transaction}`;
        if (peer === undefined || transaction !== 'ReadBodies') return bench.evaluate(signer, name, argument);
        const asked = care.readBodies.parse(argument);
        const {
          entry,
          part,
          body = (text: string) => text,
        } = peer({
          entry: asked.entries[0] ?? '',
          part: asked.part,
        });
        const told = (await bench.evaluate(signer, name, {
          ...asked,
          entries: [entry],
          part,
        })) as care.SealedBodyOf[];
        return told.map((one) => ({ entry: asked.entries[0], body: body(one.body) }));
      }),
  };
  return known as unknown as RequestContext;
}

async function propose(ids: readonly string[], resourceType = 'Basic'): Promise<EntryDocument[]> {
  const recipients = [patient.address, 'hospital-a'].map((id) => ({
    id,
    key: keys.get(id)?.publicKey ?? makeKey(id),
  }));
  const entries = await Promise.all(
    ids.map(async (id) => {
      const plaintext = Buffer.from(JSON.stringify({ resourceType: 'Basic', id }));
      const { body, keys: wrapped, sha256, size } = await envelopes.seal(id, plaintext, recipients);
      return {
        id,
        resourceType,
        category: 'other',
        date: '2026-03-01',
        size,
        sha256,
        body,
        keys: wrapped,
      };
    }),
  );
  const { result } = await bench.submit(hospital, 'Records:ProposeEntries', {
    patient: patient.address,
    institution: 'hospital-a',
    entries,
  });
  return (result as Parameters<typeof documentOf>[0][]).map((entry) =>
    documentOf(entry, { id: '', channel: 'care', block: 1 }),
  );
}

beforeAll(async () => {
  bench = new ContractBench({ contracts, channel: 'care', chaincode: 'care' });
  hospital = await bench.enrol('HospitalAMSP', 'hospital');
  insurer = await bench.enrol('InsurerAMSP', 'insurer');
  patient = await bench.enrol('PatientsMSP', 'patient');
  await bench.submit(hospital, 'Registration:RegisterInstitutions', {
    institutions: [{ id: 'hospital-a', kind: 'hospital', name: 'A', encryptionKey: makeKey('hospital-a') }],
  });
  await bench.submit(insurer, 'Registration:RegisterInstitutions', {
    institutions: [{ id: 'insurer-a', kind: 'insurer', name: 'A', encryptionKey: makeKey('insurer-a') }],
  });
  await bench.submit(patient, 'Registration:RegisterPatient', {
    patientIdHash: 'f'.repeat(64),
    encryptionKey: makeKey(patient.address),
  });
  await bench.submit(patient, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active: true });
});
beforeEach(() => void opened.splice(0));

test('many entries of a patient are opened in one transaction', async () => {
  const documents = await propose(['one', 'two', 'three']);
  const answers = await new DataLinker(request()).read(
    documents.map((entry) => ({ entry, purpose: 'TREAT' })),
  );
  expect(answers).toEqual(['one', 'two', 'three'].map((id) => ({ resourceType: 'Basic', id })));
  expect(opened).toEqual([3]);
});

test('purposes are opened apart: each is logged as what it was', async () => {
  const [first, second] = await propose(['four', 'five']);
  if (!first || !second) throw new Error('nothing was proposed');
  await new DataLinker(request()).read([
    { entry: first, purpose: 'TREAT' },
    { entry: second, purpose: 'ETREAT' },
  ]);
  expect(opened).toEqual([1, 1]);
});

test('one that is refused takes none of the others with it', async () => {
  const [real] = await propose(['six']);
  if (!real) throw new Error('nothing was proposed');
  const absent = { ...real, _id: `${real.patient}:absent`, id: 'absent' };
  const answers = await new DataLinker(request()).read([
    { entry: absent, purpose: 'TREAT' },
    { entry: real, purpose: 'TREAT' },
  ]);
  expect(answers).toEqual([
    expect.objectContaining({ code: 'ENTRY_NOT_FOUND' }),
    { resourceType: 'Basic', id: 'six' },
  ]);
  expect(opened).toEqual([1]);
});

test('a key that was wrapped for someone else unseals nothing', async () => {
  const documents = await propose(['seven']);
  const right = keys.get('hospital-a');
  makeKey('hospital-a');
  const answers = await new DataLinker(request()).read(
    documents.map((entry) => ({ entry, purpose: 'TREAT' })),
  );
  expect(answers).toEqual([expect.objectContaining({ code: 'KEY_UNWRAP_FAILED' })]);
  if (right) keys.set('hospital-a', right);
});

test('what is of a type that the scopes leave out is not given', async () => {
  const [entry] = await propose(['eight']);
  if (!entry) throw new Error('nothing was proposed');
  const read = (scope: string) => new DataLinker(request({ scope })).read([{ entry, purpose: 'TREAT' }]);
  expect(await read('user/Basic.r')).toEqual([{ resourceType: 'Basic', id: 'eight' }]);
  expect(await read('user/Media.r')).toEqual([expect.objectContaining({ code: 'ENTRY_NOT_FOUND' })]);
});

test('what is of another type than the ledger says is given to its holder, and to nobody by a consent', async () => {
  const [entry] = await propose(['nine'], 'Observation');
  if (!entry) throw new Error('nothing was proposed');
  await bench.submit(patient, 'Records:AuthorizeEntries', { entries: ['nine'] });
  const [key, recipient] = [keys.get('hospital-a'), keys.get('insurer-a')];
  if (!key || !recipient) throw new Error('keys are missing');
  const { result } = await bench.submit(hospital, 'Access:OpenEntries', {
    patient: patient.address,
    institution: 'hospital-a',
    purpose: 'TREAT',
    entries: ['nine'],
  });
  const [held] = result as { key: string }[];
  const contentKey = await envelopes.unwrap(held?.key ?? '', key.privateKey);
  const wrapped = await envelopes.wrap(contentKey, { id: 'insurer-a', key: recipient.publicKey });
  await bench.submit(patient, 'Access:Offer', {
    consents: [
      {
        id: 'observations',
        grantee: 'insurer-a',
        period: {},
        provision: { purpose: ['COVAUTH'], resourceType: ['Observation'] },
        keys: [{ entry: 'nine', key: wrapped }],
      },
    ],
  });
  const holder = new DataLinker(request());
  expect(await holder.read([{ entry, purpose: 'TREAT' }])).toEqual([{ resourceType: 'Basic', id: 'nine' }]);
  const grantee = new DataLinker(request({ signer: insurer, institution: 'insurer-a' }));
  expect(await grantee.read([{ entry, purpose: 'COVAUTH' }])).toEqual([
    expect.objectContaining({ code: 'ENTRY_NOT_FOUND' }),
  ]);
});

describe('an entry whose body is stored in parts', () => {
  /** Text of which the sealed body has three parts. */
  const text = (): string => randomBytes(1_000_000).toString('hex').slice(0, 1_900_000);

  async function proposeLarge(id: string, data: string): Promise<EntryDocument> {
    const recipients = [patient.address, 'hospital-a'].map((owner) => ({
      id: owner,
      key: keys.get(owner)?.publicKey ?? makeKey(owner),
    }));
    const plaintext = Buffer.from(JSON.stringify({ resourceType: 'Binary', id, data }));
    const { body, keys: wrapped, sha256, size } = await envelopes.seal(id, plaintext, recipients);
    const parts = Math.ceil(body.length / care.partCharacters);
    const of = { patient: patient.address, entry: id };
    await bench.submit(hospital, 'Records:BeginEntry', {
      patient: patient.address,
      institution: 'hospital-a',
      entry: {
        id,
        category: 'other',
        resourceType: 'Binary',
        date: '2026-03-01',
        size,
        sha256,
        keys: wrapped,
      },
      parts,
    });
    for (let part = 0; part < parts; part += 1) {
      const from = part * care.partCharacters;
      await bench.submit(hospital, 'Records:AppendBody', {
        ...of,
        part,
        body: body.slice(from, from + care.partCharacters),
      });
    }
    const { result } = await bench.submit(hospital, 'Records:CompleteEntry', of);
    return documentOf(result as care.Entry, { id: '', channel: 'care', block: 1 });
  }
  const readThrough = (entries: readonly EntryDocument[], peer?: Peer) =>
    new DataLinker(request({ ...(peer && { peer }) })).read(
      entries.map((entry) => ({ entry, purpose: 'TREAT' as const })),
    );

  test('is read as any other, and together with others', async () => {
    const data = text();
    const large = await proposeLarge('large', data);
    expect(large.parts).toBe(3);
    const [small] = await propose(['small']);
    if (!small) throw new Error('nothing was proposed');
    expect(await readThrough([large, small])).toEqual([
      { resourceType: 'Binary', id: 'large', data },
      { resourceType: 'Basic', id: 'small' },
    ]);
    expect(opened).toEqual([2]);
  });

  test('is not read if parts are in another order, another entry’s, altered or cut off', async () => {
    const mine = await proposeLarge('mine', text());
    const other = await proposeLarge('other', text());
    const lies: Record<string, Peer> = {
      reordered: ({ entry, part }) => ({ entry, part: part === 0 ? 1 : part === 1 ? 0 : part }),
      repeated: ({ entry }) => ({ entry, part: 0 }),
      swapped: ({ entry, part }) => ({ entry: part === 1 ? flipOf(entry) : entry, part }),
      exchanged: ({ entry, part }) => ({ entry: flipOf(entry), part }),
      altered: (asked) => ({
        ...asked,
        body: (body) =>
          asked.part === 2 ? `${body.slice(0, 9)}${body[9] === 'A' ? 'B' : 'A'}${body.slice(10)}` : body,
      }),
      cut: (asked) => ({ ...asked, body: (body) => (asked.part === 2 ? body.slice(0, -1) : body) }),
      emptied: (asked) => ({ ...asked, body: (body) => (asked.part === 1 ? '' : body) }),
    };
    const flipOf = (entry: string): string => (entry === 'mine' ? 'other' : 'mine');
    for (const [lie, peer] of Object.entries(lies)) {
      const answers = await readThrough([mine, other], peer);
      expect([lie, answers.map((answer) => 'code' in answer && answer.code)]).toEqual([
        lie,
        ['BODY_TAMPERED', 'BODY_TAMPERED'],
      ]);
    }
  });

  test('of which a part is missing is as if it were not there, and takes no other with it', async () => {
    const mine = await proposeLarge('incomplete', text());
    const whole = await proposeLarge('whole', text());
    const missing: Peer = ({ entry, part }) => ({
      entry,
      part: entry === 'incomplete' && part === 2 ? 60 : part,
    });
    const [first, second] = await readThrough([mine, whole], missing);
    expect(first).toMatchObject({ code: 'ENTRY_NOT_FOUND' });
    expect(second).toMatchObject({ resourceType: 'Binary', id: 'whole' });
  });
});
