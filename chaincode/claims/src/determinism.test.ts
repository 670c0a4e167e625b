import { expect, test } from '@jest/globals';
import { ClaimsScene, decided } from './testing/claims-scene.js';

test('two peers write the same bytes for one proposal', async () => {
  const scene = await ClaimsScene.open();
  await scene.submitClaims(scene.claim('c1'), scene.claim('c2'));
  const proposal = { at: new Date('2026-03-01T12:00:00.123Z'), nonce: Buffer.alloc(24, 7) };
  const calls = [
    [scene.hospital, 'Claims:Submit', { claims: [scene.claim('c3'), scene.claim('c4')] }],
    [scene.insurer, 'Claims:Adjudicate', { claim: 'c1', items: [decided(1, '5.00'), decided(2, '5.00')] }],
    [scene.hospital, 'Claims:Cancel', { claim: 'c2', reason: 'twice' }],
  ] as const;
  for (const [who, transaction, argument] of calls) {
    const run = () => scene.bench.endorseAt(who, proposal, transaction, argument);
    const [one, other] = [await run(), await run()];
    expect(one.writes.size).toBeGreaterThan(0);
    expect([...one.writes]).toEqual([...other.writes]);
    expect(one.event).toEqual(other.event);
  }
});

test('claims of different providers under one policy do not conflict', async () => {
  const scene = await ClaimsScene.open();
  const other = scene.claim('c2', undefined, { provider: 'hospital-b', use: 'predetermination' });
  await scene.submitClaims(scene.claim('c0', undefined, { use: 'preauthorization' }));
  const [one, two] = await Promise.all([
    scene.bench.endorse(scene.hospital, 'Claims:Submit', { claims: [scene.claim('c1')] }),
    scene.bench.endorse(scene.otherHospital, 'Claims:Submit', { claims: [other] }),
  ]);
  expect(scene.bench.commit(one, two)).toEqual(['VALID', 'VALID']);
});
