import { beforeEach, expect, test } from '@jest/globals';
import { ClaimsScene, decided, line, usd } from './testing/claims-scene.js';

let scene: ClaimsScene;
beforeEach(async () => {
  scene = await ClaimsScene.open();
  await scene.submitClaims(scene.claim('c1'));
});

test('a claim is adjudicated line by line, valuated, and paid its benefit', async () => {
  const first = await scene.adjudicate('c1', [decided(2, '20.00')]);
  expect(first.result).toMatchObject({ state: 'PROCESSED', outcome: 'partial' });
  expect(first.result.benefit).toBeUndefined();
  expect(first.event).toEqual({ name: 'ClaimAdjudicated', payload: [first.result] });
  const second = await scene.adjudicate('c1', [decided(1, '80.50')], 'as agreed');
  expect(second.result).toMatchObject({
    state: 'VALUATED',
    outcome: 'complete',
    benefit: usd('100.50'),
    disposition: 'as agreed',
  });
  const { result, event } = await scene.pay('c1');
  expect(result).toMatchObject({
    state: 'PAID',
    payment: { date: '2026-01-20', identifier: 'pay-1', amount: usd('100.50') },
  });
  expect(event).toEqual({ name: 'ClaimPaid', payload: [result] });
});

test('a claim of which nothing is paid is rejected, with a reason', async () => {
  const nothing = [decided(1, '0.00'), decided(2, '0.00', 'excluded')];
  await expect(scene.adjudicate('c1', nothing)).rejects.toThrow(/^ARGUMENT_INVALID: disposition/);
  const { result, event } = await scene.adjudicate('c1', nothing, 'not insured');
  expect(result).toMatchObject({ state: 'REJECTED', outcome: 'complete', benefit: usd('0.00') });
  expect(event?.name).toBe('ClaimAdjudicated');
});

test('a reason on every line is reason enough', async () => {
  const { result } = await scene.adjudicate('c1', [
    decided(1, '0.00', 'excluded'),
    decided(2, '0.00', 'excluded'),
  ]);
  expect(result.state).toBe('REJECTED');
});

test('an adjudication must be of lines there are, once, within their net', async () => {
  await scene.adjudicate('c1', [decided(2, '1.00')]);
  const copay = { category: 'copay' as const, amount: usd('10.00') };
  const benefit = { category: 'benefit' as const, amount: usd('90.00') };
  const refusals: [Parameters<typeof scene.adjudicate>[1], RegExp][] = [
    [[decided(2, '1.00')], /^CLAIM_STATE_INVALID: items.0.sequence: line 2 is adjudicated/],
    [[decided(1, '1.00'), decided(7, '1.00')], /^ARGUMENT_INVALID: items.1.sequence: there is no line 7/],
    [[decided(1, '1.00'), decided(1, '1.00')], /^ARGUMENT_INVALID: items.1.sequence: 1 appears twice/],
    [[decided(1, '100.01')], /^CLAIM_AMOUNT_INVALID: items.0.adjudication.0.amount.value/],
    [
      [{ sequence: 1, adjudication: [benefit, { ...copay, amount: usd('100.01') }] }],
      /^CLAIM_AMOUNT_INVALID: items.0.adjudication.1.amount.value/,
    ],
    [
      [{ sequence: 1, adjudication: [{ ...benefit, amount: { value: '1.00', currency: 'EUR' } }] }],
      /^CLAIM_AMOUNT_INVALID: items.0.adjudication.0.amount.currency/,
    ],
    [[{ sequence: 1, adjudication: [copay] }], /^ARGUMENT_INVALID: items.0.adjudication: needs exactly one/],
    [
      [{ sequence: 1, adjudication: [benefit, benefit] }],
      /^ARGUMENT_INVALID: items.0.adjudication: needs exactly one/,
    ],
  ];
  for (const [items, message] of refusals)
    await expect(scene.adjudicate('c1', items)).rejects.toThrow(message);
  expect((await scene.adjudicate('c1', [{ sequence: 1, adjudication: [copay, benefit] }])).result.state).toBe(
    'VALUATED',
  );
});

test('a cancelled claim says why', async () => {
  const { result, event } = await scene.cancel('c1');
  expect(result).toMatchObject({ state: 'CANCELLED', outcome: 'complete', disposition: 'entered twice' });
  expect(event).toEqual({ name: 'ClaimCancelled', payload: [result] });
});

test('a preauthorisation is valuated, never paid', async () => {
  await scene.submitClaims(scene.claim('pre', undefined, { use: 'preauthorization' }));
  await scene.adjudicate('pre', [decided(1, '1.00'), decided(2, '1.00')]);
  await expect(scene.pay('pre')).rejects.toThrow(/^CLAIM_STATE_INVALID: claim pre is a preauthorization/);
});

type Step = 'adjudicate' | 'pay' | 'cancel';
const all = [decided(1, '100.00'), decided(2, '29.16')];
const ways: Record<string, { reach: () => Promise<unknown>; legal: readonly Step[] }> = {
  CHECKED: { reach: () => Promise.resolve(), legal: ['adjudicate', 'cancel'] },
  ENTERED: {
    reach: async () => {
      await scene.cancel('c1');
      await scene.submitClaims(scene.claim('c0', [line(1, '100.00')]));
      await scene.submitClaims(scene.claim('flagged'));
    },
    legal: ['adjudicate', 'cancel'],
  },
  PROCESSED: { reach: () => scene.adjudicate('c1', [decided(1, '1.00')]), legal: ['adjudicate'] },
  VALUATED: { reach: () => scene.adjudicate('c1', all), legal: ['pay'] },
  REJECTED: {
    reach: () => scene.adjudicate('c1', [decided(1, '0.00'), decided(2, '0.00')], 'no'),
    legal: [],
  },
  PAID: {
    reach: async () => {
      await scene.adjudicate('c1', all);
      await scene.pay('c1');
    },
    legal: [],
  },
  CANCELLED: { reach: () => scene.cancel('c1'), legal: [] },
};

test.each(Object.keys(ways))('from %s only what its state allows', async (state) => {
  const way = ways[state];
  if (!way) throw new Error(`no way to ${state}`);
  await way.reach();
  const id = state === 'ENTERED' ? 'flagged' : 'c1';
  const { claim } = await scene.evaluate(scene.insurer, 'Claims:ReadClaim', { claim: id });
  expect(claim.state).toBe(state);
  const tries: Record<Step, () => Promise<unknown>> = {
    adjudicate: () => scene.adjudicate(id, [decided(2, '1.00')]),
    pay: () => scene.pay(id),
    cancel: () => scene.cancel(id),
  };
  for (const step of ['pay', 'adjudicate', 'cancel'] as const)
    if (!way.legal.includes(step))
      await expect(tries[step]()).rejects.toThrow(
        new RegExp(`^CLAIM_STATE_INVALID: claim ${id} is ${state}`),
      );
  const [first] = way.legal;
  if (first) await tries[first]();
});

test('the three parties read a claim; to anyone else there is none', async () => {
  const submitted = scene.claim('c1');
  const read = (who: typeof scene.patient, claim: string) =>
    scene.evaluate(who, 'Claims:ReadClaim', { claim });
  for (const who of [scene.patient, scene.hospital, scene.insurer])
    expect(await read(who, 'c1')).toMatchObject({
      claim: { id: 'c1' },
      body: submitted.body,
      keys: submitted.keys,
    });
  for (const who of [scene.otherPatient, scene.otherHospital, scene.regulator])
    for (const id of ['c1', 'absent'])
      await expect(read(who, id)).rejects.toThrow(`CLAIM_NOT_FOUND: there is no claim ${id} of yours`);
});

test('who may do what to a claim', async () => {
  const tries = {
    adjudicate: ['Claims:Adjudicate', { claim: 'c1', items: all }],
    pay: ['Claims:Pay', { claim: 'c1', payment: { date: '2026-01-20', identifier: 'p' } }],
    cancel: ['Claims:Cancel', { claim: 'c1', reason: 'x' }],
  } as const;
  const refused = (who: typeof scene.patient, step: Step) => {
    const [name, argument] = tries[step];
    return scene.bench.submit(who, name, argument).then(
      () => 'done',
      (error: unknown) => /[A-Z_]+(?=:)/.exec((error as Error).message)?.[0],
    );
  };
  const { patient, hospital, insurer, otherPatient, otherHospital, regulator } = scene;
  for (const step of ['adjudicate', 'pay', 'cancel'] as const)
    for (const who of [otherPatient, otherHospital, regulator])
      expect(await refused(who, step)).toBe('CLAIM_NOT_FOUND');
  for (const [who, step] of [
    [patient, 'adjudicate'],
    [patient, 'pay'],
    [patient, 'cancel'],
    [hospital, 'adjudicate'],
    [hospital, 'pay'],
    [insurer, 'cancel'],
  ] as const)
    expect(await refused(who, step)).toBe('CALLER_FORBIDDEN');
});
