import { beforeEach, describe, expect, test } from '@jest/globals';
import { type BenchIdentity, DAppBench, TransactionDiverged } from './index.js';
import { contracts } from './sample-contract.js';

let bench: DAppBench;
let doctor: BenchIdentity;
let patient: BenchIdentity;

beforeEach(async () => {
  bench = new DAppBench({ contracts, dapp: 'remarks' });
  doctor = await bench.member('HospitalAMSP', { practitioner: 'dr-a' });
  patient = await bench.person();
});

const remark = (id: string) => ({ id, patient: patient.address, weight: 3 });

describe('consents and installations', () => {
  test('nothing is kept of a patient who has not consented', async () => {
    bench.install(doctor);
    await expect(bench.submit(doctor, 'Remarks:keep', remark('r1'))).rejects.toMatchObject({
      code: 'CONSENT_REQUIRED',
    });
    await expect(bench.evaluate(doctor, 'Remarks:list', 0)).resolves.toEqual([]);
  });

  test('a consent in force opens exactly what it says, until it is withdrawn', async () => {
    bench.install(doctor);
    const elsewhere = bench.permit({ patient: patient.address, purpose: 'TREAT', category: ['imaging'] });
    const keep = (id: string) => bench.submit(doctor, 'Remarks:keep', remark(id));
    await expect(keep('r1')).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
    bench.withdraw(elsewhere);
    bench.permit({ patient: patient.address, purpose: 'TREAT', actor: { kind: 'application', id: 'other' } });
    await expect(keep('r1')).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
    const consent = bench.permit({ patient: patient.address, purpose: 'TREAT' });
    const kept = await keep('r1');
    expect(kept.result).toEqual({ ...remark('r1'), at: bench.now.toISOString() });
    expect(kept.event).toEqual({ name: 'RemarkKept', payload: [{ id: 'r1' }] });
    bench.withdraw(consent);
    await expect(keep('r2')).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
  });

  test('whoever has not installed the DApp is refused, and so is who gave it up', async () => {
    bench.permit({ patient: patient.address, purpose: 'TREAT' });
    const keep = (id: string) => bench.submit(doctor, 'Remarks:keep', remark(id));
    await expect(keep('r1')).rejects.toMatchObject({ code: 'INSTALLATION_REQUIRED' });
    bench.install(doctor);
    await keep('r1');
    bench.uninstall(doctor);
    await expect(keep('r2')).rejects.toMatchObject({ code: 'INSTALLATION_REQUIRED' });
  });
});

describe('arguments', () => {
  test.each([
    ['a property that the type does not have', { extra: 1 }, /remark: .*additional properties/],
    ['a property that is not there', { weight: undefined }, /remark: .*required property 'weight'/],
    ['a value out of its bounds', { weight: 9 }, /remark: .*<= 5/],
    ['a fraction where a whole number belongs', { weight: 1.5 }, /remark: .*integer/],
    ['too long a list', { tags: ['a', 'b', 'c', 'd'] }, /remark: .*fewer than 3|remark: .*more than 3/],
    ['an id that does not match', { id: 'No!' }, /remark: .*pattern/],
  ])('%s is refused with a code', async (_what, change, message) => {
    const refusal = bench.submit(doctor, 'Remarks:keep', { ...remark('r1'), ...change });
    await expect(refusal).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['too many', ['1', '2']],
    ['none', []],
    ['text where a number belongs', ['many']],
  ])('%s are refused with a code', async (_what, args) => {
    await expect(bench.evaluate(doctor, 'Remarks:list', ...args)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  });

  test('a list of texts comes as it is', async () => {
    bench.install(doctor);
    bench.permit({ patient: patient.address, purpose: 'TREAT' });
    await bench.submit(doctor, 'Remarks:keep', remark('r1'));
    const found = await bench.evaluate(doctor, 'Remarks:byIds', ['missing', 'r1']);
    expect(found).toEqual([null, { ...remark('r1'), at: expect.any(String) }]);
  });

  test.each([
    ['no list', {}, /ids: .*array/],
    ['a number in the place of a text', [1], /ids: .*string/],
    ['more than there may be', ['a', 'b', 'c', 'd'], /ids: .*3/],
  ])('%s is refused for a list of texts', async (_what, ids, message) => {
    await expect(bench.evaluate(doctor, 'Remarks:byIds', ids)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a transaction that is not there is refused with a code', async () => {
    await expect(bench.submit(doctor, 'Remarks:forget')).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

test('a contract knows who calls, and what it is itself', async () => {
  await expect(bench.evaluate(doctor, 'Remarks:whoami')).resolves.toBe('dr-a of HospitalAMSP in remarks');
});

test('a transaction that two peers would not agree on is found', async () => {
  await expect(bench.submit(doctor, 'Remarks:roll')).rejects.toThrow(TransactionDiverged);
});

test('a second event of one transaction is refused', async () => {
  await expect(bench.submit(doctor, 'Remarks:shout')).rejects.toThrow(/one event, and B is its second/);
});

test('of two transactions that write the same, the second is invalid', async () => {
  bench.install(doctor);
  bench.permit({ patient: patient.address, purpose: 'TREAT' });
  const both = [
    await bench.endorse(doctor, 'Remarks:keep', remark('r1')),
    await bench.endorse(doctor, 'Remarks:keep', remark('r1')),
  ];
  expect(bench.commit(...both)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
});

test('metadata say everything that the graph needs', async () => {
  const { contracts: found, components } = await bench.metadata();
  expect(Object.keys(found)).toEqual(['Remarks']);
  expect(found['Remarks']?.info?.description).toBe('Remarks that somebody makes on patients who allow it.');
  const byName = Object.fromEntries(found['Remarks']?.transactions.map((one) => [one.name, one]) ?? []);
  expect(byName['keep']).toEqual({
    name: 'keep',
    description: 'Keeps a remark.',
    tag: ['SUBMIT', 'submitTx'],
    parameters: [
      { name: 'remark', description: 'What is remarked.', schema: { $ref: '#/components/schemas/Remark' } },
    ],
    returns: { $ref: '#/components/schemas/KeptRemark' },
  });
  expect(byName['list']).toMatchObject({
    tag: ['EVALUATE'],
    parameters: [{ name: 'weight', schema: { type: 'integer', minimum: 0 } }],
    returns: { type: 'array', items: { $ref: '#/components/schemas/KeptRemark' } },
  });
  expect(components.schemas['KeptRemark']).toEqual({
    $id: 'KeptRemark',
    type: 'object',
    description: 'A remark as it was kept.',
    properties: {
      id: { type: 'string', pattern: '^[a-z0-9-]{1,40}$', description: 'Id, chosen by the author.' },
      patient: { type: 'string', description: 'Chain address of whom it is about.' },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 3, description: 'Words to find it by.' },
      weight: { type: 'integer', minimum: 1, maximum: 5, description: 'How much it matters.' },
      at: { type: 'string', format: 'date-time', description: 'When.' },
    },
    required: ['id', 'patient', 'weight', 'at'],
    additionalProperties: false,
  });
});
