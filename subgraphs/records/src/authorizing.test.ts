import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { contracts } from '@medigraph/chaincode-care';
import { type BenchIdentity, ContractBench } from '@medigraph/chaincode-lib/testing';
import { type ContractCall, type RequestContext } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { authorize } from './authorizing.js';
import { documentOf, type EntryDocument } from './read-model.js';

const ids = Array.from({ length: care.maxBatch }, (_, index) => `e${index}`);
/** Each consent is for a purpose of its own, so that a purpose tells under which one an entry is opened. */
const purposes = ['COVAUTH', 'HPAYMT', 'ELIGVER', 'CLMATTCH', 'TREAT'];

/** Shaped as keys and bodies are: what is in them is not what this is about. */
const encryptionKey = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), kid: 'k' };
const wrapped = 'a.b.c.d.e';
const body = 'e30..aXY.Yg.dGFn';

/** A patient with 250 proposed entries and five consents that cover them: more keys than one transaction carries. */
async function scene() {
  const bench = new ContractBench({ contracts, channel: 'care', chaincode: 'care' });
  const [hospital, insurer, patient] = await Promise.all([
    bench.enrol('HospitalAMSP', 'hospital'),
    bench.enrol('InsurerAMSP', 'insurer'),
    bench.enrol('PatientsMSP', 'patient'),
  ]);
  const register = (who: BenchIdentity, id: string, kind: string) =>
    bench.submit(who, 'Registration:RegisterInstitutions', {
      institutions: [{ id, kind, name: id, encryptionKey }],
    });
  await register(hospital, 'hospital-a', 'hospital');
  await register(insurer, 'insurer-a', 'insurer');
  await bench.submit(patient, 'Registration:RegisterPatient', {
    patientIdHash: 'f'.repeat(64),
    encryptionKey,
  });
  await bench.submit(patient, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active: true });
  for (const purpose of purposes) {
    await bench.submit(insurer, 'Access:Request', {
      id: purpose,
      patient: patient.address,
      grantee: 'insurer-a',
      period: {},
      provision: { purpose: [purpose] },
    });
    await bench.submit(patient, 'Access:Grant', { consent: purpose, keys: [] });
  }
  const entries = ids.map((id) => ({
    id,
    resourceType: 'Basic',
    category: 'other',
    date: '2026-03-01',
    size: 1,
    sha256: createHash('sha256').update(body).digest('hex'),
    body,
    keys: { [patient.address]: wrapped, 'hospital-a': wrapped },
  }));
  const { result } = await bench.submit(hospital, 'Records:ProposeEntries', {
    patient: patient.address,
    institution: 'hospital-a',
    entries,
  });
  return { bench, insurer, patient, proposed: documentsOf(result) };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const reference = { id: '', channel: 'care', block: 1 };
const documentsOf = (result: unknown): EntryDocument[] =>
  (result as care.Entry[]).map((entry) => documentOf(entry, reference));

/** The patient's request, on the contracts themselves. */
function requestOf({ bench, patient }: Scene, submitted: (transaction: string) => void): RequestContext {
  const submit = async ({ contract, transaction, argument }: ContractCall) => {
    submitted(transaction);
    const { result } = await bench.submit(patient, `${contract}:${transaction}`, argument);
    return { result, transaction: reference };
  };
  const known = {
    caller: { patient: patient.address },
    services: {
      envelopes: { unwrap: () => Promise.resolve(new Uint8Array(32)), wrap: () => Promise.resolve(wrapped) },
      custody: { decryptionKeys: () => Promise.resolve([{}]) },
    },
    encryptionKeyOf: () => Promise.resolve(encryptionKey),
    evaluate: ({ contract, transaction, argument }: ContractCall) =>
      bench.evaluate(patient, `${contract}:${transaction}`, argument),
    submit,
    commit: submit,
  };
  return known as unknown as RequestContext;
}

test('an authorisation that was cut off before its last keys is completed by repeating it', async () => {
  const started = await scene();
  const { bench, insurer, patient, proposed } = started;
  const cutOff = requestOf(started, (transaction) => {
    if (transaction === 'AddKeys') throw new Error('cut off');
  });
  await expect(authorize(cutOff, patient.address, proposed, 'key')).rejects.toThrow('cut off');
  const completed: string[] = [];
  const authorized = proposed.map((entry) => ({ ...entry, status: 'final' as const }));
  const again = requestOf(started, (transaction) => completed.push(transaction));
  await authorize(again, patient.address, authorized, 'key');
  expect(completed).toEqual(['OpenEntries', ...purposes.map(() => 'AddKeys')]);
  const { result } = await bench.submit(insurer, 'Access:OpenEntries', {
    patient: patient.address,
    institution: 'insurer-a',
    purpose: 'TREAT',
    entries: ids,
  });
  expect((result as care.OpenedEntry[]).map(({ consent }) => consent)).toEqual(ids.map(() => 'TREAT'));
}, 120_000);
