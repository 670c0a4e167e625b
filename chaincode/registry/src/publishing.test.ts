import { beforeEach, expect, test } from '@jest/globals';
import { packageOf, RegistryScene, SigningKey } from './testing/registry-scene.js';

let scene: RegistryScene;
beforeEach(async () => {
  scene = await RegistryScene.open();
});

const claims = (version: string, sha256 = packageOf(version)) => ({
  dapp: 'diary',
  version,
  package: sha256,
});

test('a signed version is on the ledger, and waits', async () => {
  const { result, event } = await scene.publish('1.0.0');
  expect(result).toMatchObject({ dapp: 'diary', version: '1.0.0', publisher: 'acme', status: 'submitted' });
  expect(event).toEqual({ name: 'DAppPublished', payload: [result] });
  for (const mspId of ['PatientsMSP', 'OutsideMSP'])
    await expect(
      scene.evaluate(await scene.bench.enrol(mspId), 'DApps:ReadDApp', { dapp: 'diary' }),
    ).rejects.toThrow(/^DAPP_NOT_FOUND/);
  expect(
    await scene.evaluate(scene.care.insurer, 'DApps:ReadRelease', { dapp: 'diary', version: '1.0.0' }),
  ).toEqual(result);
});

test('a publisher stands in the place of an institution of its organisation', async () => {
  const register = (who = scene.care.insurer, institution = 'hospital-a', id = 'evil') =>
    scene.submit(who, 'DApps:RegisterPublisher', { id, name: 'E', institution, key: scene.key.spki });
  await expect(register()).rejects.toThrow(/^CALLER_FORBIDDEN/);
  await expect(register(scene.care.insurer, 'nowhere')).rejects.toThrow(/^INSTITUTION_NOT_FOUND/);
  await expect(register(scene.publisher, 'hospital-a', 'acme')).rejects.toThrow(/^PUBLISHER_EXISTS/);
});

test('another organisation cannot publish in a publisher’s name, whatever it has signed', async () => {
  await expect(scene.submit(scene.care.insurer, 'DApps:Publish', scene.publication('1.0.0'))).rejects.toThrow(
    /^PUBLISHER_IMPERSONATED/,
  );
  await expect(
    scene.submit(scene.publisher, 'DApps:Publish', scene.publication('1.0.0', { publisher: 'nobody' })),
  ).rejects.toThrow(/^PUBLISHER_NOT_FOUND/);
});

test('the id of a DApp belongs to whoever published it first', async () => {
  await scene.publish('1.0.0');
  const key = new SigningKey();
  await scene.submit(scene.care.insurer, 'DApps:RegisterPublisher', {
    id: 'other',
    name: 'Other',
    institution: 'insurer-a',
    key: key.spki,
  });
  await expect(
    scene.submit(
      scene.care.insurer,
      'DApps:Publish',
      scene.publication('2.0.0', { publisher: 'other' }, key.sign(claims('2.0.0'))),
    ),
  ).rejects.toThrow(/^DAPP_TAKEN/);
});

test.each([
  ['another digest', () => scene.key.sign(claims('1.0.0', packageOf('altered'))), 'SIGNATURE_INVALID'],
  ['another version', () => scene.key.sign(claims('1.0.1')), 'SIGNATURE_INVALID'],
  ['a stranger’s key', () => new SigningKey().sign(claims('1.0.0')), 'PUBLISHER_KEY_UNKNOWN'],
  [
    'a stranger’s key under the publisher’s kid',
    () => new SigningKey().sign(claims('1.0.0'), { kid: scene.key.kid }),
    'SIGNATURE_INVALID',
  ],
  ['no algorithm', () => scene.key.sign(claims('1.0.0'), { alg: 'none' }), 'SIGNATURE_INVALID'],
  [
    'a header that would have to be understood',
    () => scene.key.sign(claims('1.0.0'), { b64: false, crit: ['b64'] }),
    'SIGNATURE_INVALID',
  ],
  ['another type', () => scene.key.sign(claims('1.0.0'), { typ: 'JWT' }), 'SIGNATURE_INVALID'],
  ['something that is no JWS', () => 'a.b.c', 'SIGNATURE_INVALID'],
])('a signature with %s is refused', async (_case, signature, code) => {
  await expect(
    scene.submit(scene.publisher, 'DApps:Publish', scene.publication('1.0.0', {}, signature())),
  ).rejects.toThrow(new RegExp(`^${code}`));
});

test('a revoked key signs nothing more, and a new one does', async () => {
  const next = new SigningKey();
  await scene.submit(scene.publisher, 'DApps:AddPublisherKey', { publisher: 'acme', key: next.spki });
  await expect(
    scene.submit(scene.publisher, 'DApps:AddPublisherKey', { publisher: 'acme', key: next.spki }),
  ).rejects.toThrow(/^PUBLISHER_KEY_EXISTS/);
  const revoke = () =>
    scene.submit(scene.publisher, 'DApps:RevokePublisherKey', { publisher: 'acme', kid: scene.key.kid });
  await revoke();
  await expect(revoke()).rejects.toThrow(/^PUBLISHER_KEY_REVOKED/);
  await expect(scene.publish('1.0.0')).rejects.toThrow(/^PUBLISHER_KEY_REVOKED/);
  await scene.submit(
    scene.publisher,
    'DApps:Publish',
    scene.publication('1.0.0', {}, next.sign(claims('1.0.0'))),
  );
});

test('a replay and a downgrade are refused, each with its code', async () => {
  await scene.publish('1.2.0');
  await expect(scene.publish('1.2.0')).rejects.toThrow(/^RELEASE_EXISTS/);
  for (const lower of ['1.1.9', '1.2.0-rc.1'])
    await expect(scene.publish(lower)).rejects.toThrow(/^RELEASE_NOT_HIGHER/);
  await scene.publish('1.10.0');
});

test('a version that would leave behind what was written is refused: when it is published, and before it runs', async () => {
  const elsewhere = (version: string) => scene.publication(version, { channel: 'research' });
  await scene.publish('1.0.0');
  await scene.submit(scene.publisher, 'DApps:Publish', elsewhere('1.0.1'));
  for (const version of ['1.0.0', '1.0.1']) {
    await scene.check(version);
    await scene.approve(version);
  }
  const activate = (version: string) =>
    scene.submit(scene.care.insurer, 'DApps:Activate', { dapp: 'diary', version });
  await activate('1.0.0');
  await expect(activate('1.0.1')).rejects.toThrow(/^CHANNEL_CHANGED/);
  await expect(scene.submit(scene.publisher, 'DApps:Publish', elsewhere('1.0.2'))).rejects.toThrow(
    /^CHANNEL_CHANGED/,
  );
  await scene.run('1.0.2');
});
