import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { contracts } from '@medigraph/chaincode-care';
import { type BenchIdentity, ContractBench, TransactionRefused } from '@medigraph/chaincode-lib/testing';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type ContractCall, type RequestContext } from '@medigraph/platform/graph';
import { SmartScopes } from '@medigraph/platform/identity';
import { ContractRefusedError } from '@medigraph/platform/ledger';
import { silentLogger } from '@medigraph/platform/telemetry';
import { parseContractError, type primitives } from '@medigraph/schema';
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

/** The hospital's request or another institution's, on the contracts themselves. */
function request(scope = 'medigraph', signer = hospital, institution = 'hospital-a'): RequestContext {
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
      call(() => bench.evaluate(signer, `${contract}:${transaction}`, argument)),
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
  const read = (scope: string) => new DataLinker(request(scope)).read([{ entry, purpose: 'TREAT' }]);
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
  const grantee = new DataLinker(request('medigraph', insurer, 'insurer-a'));
  expect(await grantee.read([{ entry, purpose: 'COVAUTH' }])).toEqual([
    expect.objectContaining({ code: 'ENTRY_NOT_FOUND' }),
  ]);
});
