import { expect, test } from '@jest/globals';
import { type BenchIdentity } from '@medigraph/chaincode-lib/testing';
import { rotationOf } from '@medigraph/chaincode-care/testing';
import { ClaimsScene } from './testing/claims-scene.js';

const rotate = async ({ care }: ClaimsScene, from: BenchIdentity, to: BenchIdentity) =>
  care.submit(from, 'Registration:RotateKey', await rotationOf(from, to, care.patient.address));

test('a claim stays its patient’s when another key has followed theirs, and is nothing to the key that went', async () => {
  const scene = await ClaimsScene.open();
  await scene.submitClaims(scene.claim('c1'));
  const read = (who: BenchIdentity, claim = 'c1') => scene.evaluate(who, 'Claims:ReadClaim', { claim });
  const { claim } = await read(scene.patient);

  const [second, third] = [await scene.bench.enrol('PatientsMSP'), await scene.bench.enrol('PatientsMSP')];
  await expect(read(third)).rejects.toThrow(/^CLAIM_NOT_FOUND/);
  await rotate(scene, scene.patient, second);
  expect((await read(second)).claim).toEqual(claim);
  await rotate(scene, second, third);
  await scene.submitClaims(scene.claim('c2'));
  for (const id of ['c1', 'c2']) {
    expect((await read(third, id)).claim.patient).toBe(scene.patient.address);
    for (const who of [scene.patient, second, scene.otherPatient])
      await expect(read(who, id)).rejects.toThrow(`CLAIM_NOT_FOUND: there is no claim ${id} of yours`);
  }
});

test('claims are nothing to a patient whose registration was ended, and stay the other parties’', async () => {
  const scene = await ClaimsScene.open();
  await scene.submitClaims(scene.claim('c1'));
  await scene.care.submit(scene.patient, 'Registration:Deactivate', {});
  const read = (who: BenchIdentity) => scene.evaluate(who, 'Claims:ReadClaim', { claim: 'c1' });
  await expect(read(scene.patient)).rejects.toThrow(/^CLAIM_NOT_FOUND/);
  for (const who of [scene.hospital, scene.insurer]) expect((await read(who)).claim.id).toBe('c1');
});

test('each party wraps its own keys of claims anew, and nobody else’s', async () => {
  const scene = await ClaimsScene.open();
  await scene.submitClaims(scene.claim('c1'), scene.claim('c2'));
  const next = await scene.bench.enrol('PatientsMSP');
  await rotate(scene, scene.patient, next);
  const rewrap = (who: BenchIdentity, institution?: string) =>
    scene.submit(who, 'Claims:RewrapKeys', {
      institution,
      keys: [{ claim: 'c1', key: 'n.e.w.e.r' }],
      left: 1,
    });
  const keysOf = (who: BenchIdentity, institution?: string) =>
    scene.evaluate(who, 'Claims:KeysOf', { institution, claims: ['c1', 'c2', 'none'] });
  const parties = [
    [next, undefined, scene.patient.address],
    [scene.hospital, 'hospital-a', 'hospital-a'],
    [scene.insurer, 'insurer-a', 'insurer-a'],
  ] as const;
  for (const [who, institution, owner] of parties) {
    expect(await keysOf(who, institution)).toEqual([
      { claim: 'c1', key: 'a.b.c.d.e' },
      { claim: 'c2', key: 'a.b.c.d.e' },
    ]);
    const { event } = await rewrap(who, institution);
    expect(event).toEqual({ name: 'KeysRewrapped', payload: [{ owner, keys: 1, left: 1 }] });
    expect(await keysOf(who, institution)).toEqual([
      { claim: 'c1', key: 'n.e.w.e.r' },
      { claim: 'c2', key: 'a.b.c.d.e' },
    ]);
  }
  const forbidden = /^CALLER_FORBIDDEN/;
  expect(await keysOf(scene.otherPatient)).toEqual([]);
  await expect(rewrap(scene.otherPatient)).rejects.toThrow(/^CLAIM_NOT_FOUND/);
  for (const call of [rewrap, keysOf]) {
    await expect(call(scene.patient)).rejects.toThrow(forbidden);
    await expect(call(next, 'hospital-a')).rejects.toThrow(forbidden);
    await expect(call(scene.otherHospital, 'hospital-a')).rejects.toThrow(forbidden);
    await expect(call(scene.hospital)).rejects.toThrow(forbidden);
  }
});
