import { beforeEach, expect, test } from '@jest/globals';
import { sha256Of } from '@medigraph/chaincode-lib';
import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { contracts } from './index.js';
import { ClaimsScene, line, usd } from './testing/claims-scene.js';

let scene: ClaimsScene;
beforeEach(async () => {
  scene = await ClaimsScene.open();
});

test('a claim that adds up is checked', async () => {
  const { result, event } = await scene.submitClaims(scene.claim('c1'));
  expect(result).toMatchObject([
    {
      id: 'c1',
      state: 'CHECKED',
      outcome: 'partial',
      patient: scene.patient.address,
      providerMspId: 'HospitalAMSP',
      insurer: 'insurer-a',
      insurerMspId: 'InsurerAMSP',
      total: usd('129.16'),
    },
  ]);
  expect(event).toEqual({ name: 'ClaimSubmitted', payload: result });
});

test('amounts are exact where binary floats are not', async () => {
  const items = [
    line(1, '0.10', { quantity: 3, net: usd('0.30') }),
    line(2, '999999999.99', { quantity: 1000, net: usd('999999999990.00') }),
  ];
  const { result } = await scene.submitClaims(scene.claim('c1', items));
  expect(result[0]?.total).toEqual(usd('999999999990.30'));
});

test('what is submitted must be new, covered, ordered, whole and add up', async () => {
  await scene.submitClaims(scene.claim('c1'));
  const one = (...claim: Parameters<typeof scene.claim>) => scene.claim(...claim);
  const eur = { value: '5.00', currency: 'EUR' };
  const refusals: [ReturnType<typeof one>[], RegExp][] = [
    [[one('c1')], /^CLAIM_EXISTS: claim c1/],
    [[one('c2'), one('c2')], /^ARGUMENT_INVALID: claims.1.id: c2 appears twice/],
    [[one('c2', undefined, { coverage: 'x' })], /^COVERAGE_NOT_FOUND: there is no coverage x/],
    [
      [one('c2', [line(1, '5.00', { servicedDate: '2027-01-01' })])],
      /^COVERAGE_NOT_IN_FORCE: claims.0.items.0.servicedDate/,
    ],
    [[one('c2', [line(2, '5.00'), line(2, '6.00')])], /^ARGUMENT_INVALID: claims.0.items.1.sequence/],
    [[one('c2', [line(2, '5.00'), line(1, '6.00')])], /^ARGUMENT_INVALID: claims.0.items.1.sequence/],
    [
      [one('c2', [line(1, '5.00', { net: usd('5.01') })])],
      /^CLAIM_AMOUNT_INVALID: claims.0.items.0.net.value/,
    ],
    [
      [one('c2', [line(1, '5.00', { quantity: 2 })])],
      /^CLAIM_AMOUNT_INVALID: claims.0.items.0.net.value: is 5.00, and quantity times unit price is 10.00/,
    ],
    [[one('c2', [line(1, '5.00')], { total: usd('5.01') })], /^CLAIM_AMOUNT_INVALID: claims.0.total.value/],
    [[one('c2', [line(1, '5.00')], { total: eur })], /^CLAIM_AMOUNT_INVALID: claims.0.total.currency/],
    [[one('c2', [line(1, '5.00', { net: eur })])], /^CLAIM_AMOUNT_INVALID: claims.0.items.0.net.currency/],
    [
      [one('c2', [line(1, '5.00', { unitPrice: eur })])],
      /^CLAIM_AMOUNT_INVALID: claims.0.items.0.unitPrice.currency/,
    ],
    [[one('c2', [line(1, '5')])], /^ARGUMENT_INVALID: claims.0.items.0.unitPrice.value: must be an amount/],
    [
      [one('c2'), one('c3', undefined, { sha256: '0'.repeat(64) })],
      /^ARGUMENT_INVALID: claims.1.sha256: is not the SHA-256 digest of the body/,
    ],
    [[one('c2', undefined, { keys: {} })], /^KEY_MISSING: claims.0.keys/],
    [
      [one('c2', undefined, { keys: { ...one('c2').keys, 'insurer-b': 'a.b.c.d.e' } })],
      /^ARGUMENT_INVALID: claims.0.keys.insurer-b/,
    ],
  ];
  for (const [submitted, message] of refusals)
    await expect(scene.submitClaims(...submitted)).rejects.toThrow(message);
});

test('an institution submits for the organisation that first did', async () => {
  await scene.submitClaims(scene.claim('c1'));
  await expect(
    scene.submit(scene.otherHospital, 'Claims:Submit', { claims: [scene.claim('c2')] }),
  ).rejects.toThrow('CALLER_FORBIDDEN: institution hospital-a is provider for HospitalAMSP');
});

test('equal lines are flagged, within a batch and across claims, and the claim waits to be checked', async () => {
  const { result } = await scene.submitClaims(
    scene.claim('c1', [line(1, '5.00')]),
    scene.claim('c2', [line(1, '5.00'), line(2, '6.00')]),
  );
  expect(result.map(({ state }) => state)).toEqual(['CHECKED', 'ENTERED']);
  expect(result[1]?.items.map(({ duplicateOf }) => duplicateOf)).toEqual(['c1/1', undefined]);
  const later = await scene.submitClaims(scene.claim('c3', [line(2, '6.00')]));
  expect(later.result[0]).toMatchObject({ state: 'ENTERED', items: [{ duplicateOf: 'c2/2' }] });
});

test('lines of one claim can be duplicates of each other', async () => {
  const duplicateKeyHash = sha256Of('same');
  const { result } = await scene.submitClaims(
    scene.claim('c1', [line(1, '5.00', { duplicateKeyHash }), line(2, '5.00', { duplicateKeyHash })]),
  );
  expect(result[0]?.items.map(({ duplicateOf }) => duplicateOf)).toEqual([undefined, 'c1/1']);
});

test('a claim is no duplicate of its preauthorisation', async () => {
  await scene.submitClaims(scene.claim('pre', undefined, { use: 'preauthorization' }));
  expect((await scene.submitClaims(scene.claim('c1'))).result[0]?.state).toBe('CHECKED');
});

test('cancelled and rejected claims are nothing to be a duplicate of; what remains is', async () => {
  const lines = [line(1, '5.00')];
  await scene.submitClaims(scene.claim('c1', lines));
  await scene.submitClaims(scene.claim('c2', lines));
  await scene.cancel('c1');
  const third = await scene.submitClaims(scene.claim('c3', lines));
  expect(third.result[0]?.items[0]?.duplicateOf).toBe('c2/1');
  await scene.cancel('c3');
  await scene.adjudicate('c2', [
    { sequence: 1, adjudication: [{ category: 'benefit', amount: usd('0.00'), reason: 'not covered' }] },
  ]);
  expect((await scene.submitClaims(scene.claim('c4', lines))).result[0]?.state).toBe('CHECKED');
});

test('a person is no provider, known or not', async () => {
  const people = [await scene.enrolPatient(), await scene.bench.enrol('PatientsMSP')];
  for (const who of people)
    await expect(
      scene.submit(who, 'Claims:Submit', {
        claims: [scene.claim('c1', undefined, { provider: 'dr-nobody' })],
      }),
    ).rejects.toThrow('CALLER_FORBIDDEN: a person acts for no institution');
});

test('a person is no insurer of a channel that has none yet', async () => {
  const bench = new ContractBench({ contracts, channel: 'claims-new', chaincode: 'claims' });
  const person = await bench.enrol('PatientsMSP');
  const policy = { id: 'p', beneficiary: person.address, insurer: 'mine', period: {}, currency: 'USD' };
  await expect(bench.submit(person, 'Coverage:RegisterPolicies', { policies: [policy] })).rejects.toThrow(
    /^CALLER_FORBIDDEN/,
  );
});
