import { beforeEach, expect, test } from '@jest/globals';
import { type care } from '@medigraph/schema';
import { RegistryScene } from './testing/registry-scene.js';

let scene: RegistryScene;
beforeEach(async () => {
  scene = await RegistryScene.open();
  await scene.run('1.0.0');
});

const terms = {
  grantee: 'hospital-a',
  period: { end: '2026-01-20T00:00:00.000Z' },
  provision: {
    purpose: ['PATRQT'],
    category: ['observation'],
    actor: { kind: 'application', id: 'diary' },
  } as care.Provision,
};

async function offer(id: string, changes: Partial<typeof terms> = {}): Promise<string> {
  await scene.care.submit(scene.care.patient, 'Access:Offer', {
    consents: [{ id, ...terms, ...changes, keys: [] }],
  });
  return id;
}
const install = (consent: string, who = scene.care.patient) =>
  scene.submit(who, 'DApps:Install', { dapp: 'diary', grants: [{ scope: 'labs', consent }] });

test('a patient installs with a consent for each scope', async () => {
  const { result } = await install(await offer('c1'));
  expect(result).toMatchObject({
    holder: scene.care.patient.address,
    holderKind: 'patient',
    version: '1.0.0',
    status: 'active',
  });
  const read = (who = scene.care.patient) =>
    scene.evaluate(who, 'DApps:Installed', { dapp: 'diary', holder: scene.care.patient.address });
  expect(await read()).toEqual({ installed: true, installation: result });
  for (const who of [scene.care.otherPatient, scene.care.insurer, scene.publisher])
    expect(await read(who)).toEqual({ installed: false });
});

test.each([
  ['to another institution', { grantee: 'insurer-a' }],
  ['for every application', { provision: { ...terms.provision, actor: undefined } }],
  [
    'for another application',
    { provision: { ...terms.provision, actor: { kind: 'application', id: 'other' } } },
  ],
  ['for another purpose', { provision: { ...terms.provision, purpose: ['PATRQT', 'TREAT'] } }],
  ['to another category', { provision: { ...terms.provision, category: ['observation', 'document'] } }],
  ['to all categories', { provision: { ...terms.provision, category: undefined } }],
  ['for too long', { period: { end: '2026-03-01T00:00:00.000Z' } }],
  ['for ever', { period: {} }],
])('a consent %s is none for the scope', async (_case, changes) => {
  const consent = await offer('c1', changes as Partial<typeof terms>);
  await expect(install(consent)).rejects.toThrow(/^GRANT_INVALID: scope labs/);
});

test('another’s consent, a withdrawn one and none at all are refused', async () => {
  await offer('c1');
  await expect(install('c1', scene.care.otherPatient)).rejects.toThrow(/^CONSENT_NOT_FOUND/);
  await scene.care.submit(scene.care.patient, 'Access:Revoke', { consent: 'c1' });
  await expect(install('c1')).rejects.toThrow(/^GRANT_INVALID/);
  const grant = (grants: { scope: string; consent?: string }[]) =>
    scene.submit(scene.care.patient, 'DApps:Install', { dapp: 'diary', grants });
  await expect(grant([{ scope: 'labs' }])).rejects.toThrow(/^GRANT_INVALID/);
  await expect(grant([])).rejects.toThrow(/^SCOPE_REQUIRED/);
  await expect(grant([{ scope: 'labs' }, { scope: 'genome' }])).rejects.toThrow(/^SCOPE_UNKNOWN/);
  await expect(grant([{ scope: 'labs' }, { scope: 'labs' }])).rejects.toThrow(/^ARGUMENT_INVALID/);
});

test('an institution installs for itself, without consents', async () => {
  const grants = [{ scope: 'labs' }];
  const argument = { dapp: 'diary', institution: 'insurer-a', grants };
  await expect(scene.submit(scene.publisher, 'DApps:Install', argument)).rejects.toThrow(/^CALLER_FORBIDDEN/);
  const { result } = await scene.submit(scene.care.insurer, 'DApps:Install', argument);
  expect(result).toMatchObject({ holder: 'insurer-a', holderKind: 'institution' });
});

test('who has it installed rates it, the last time counts, and nobody else does', async () => {
  const rate = (stars: number, who = scene.care.patient) =>
    scene.submit(who, 'DApps:Rate', { dapp: 'diary', stars });
  await expect(rate(5)).rejects.toThrow(/^INSTALLATION_NOT_FOUND/);
  await install(await offer('c1'));
  await rate(2);
  expect((await rate(5)).result).toMatchObject({ stars: 5, version: '1.0.0' });
  await expect(rate(1, scene.care.otherPatient)).rejects.toThrow(/^INSTALLATION_NOT_FOUND/);
  await scene.submit(scene.care.patient, 'DApps:Uninstall', { dapp: 'diary' });
  await expect(rate(1)).rejects.toThrow(/^INSTALLATION_NOT_FOUND/);
});

test('nobody rates what their own organisation publishes', async () => {
  const own = { dapp: 'diary', institution: 'hospital-a' };
  await scene.submit(scene.publisher, 'DApps:Install', { ...own, grants: [{ scope: 'labs' }] });
  await expect(scene.submit(scene.publisher, 'DApps:Rate', { ...own, stars: 5 })).rejects.toThrow(
    /^CALLER_FORBIDDEN/,
  );
});

test('what has ended as announced is installed by nobody, and changed by whoever has it', async () => {
  await install(await offer('c1'));
  const endsAt = new Date(scene.bench.now.getTime() + 60_000).toISOString();
  await scene.submit(scene.publisher, 'DApps:Deprecate', { dapp: 'diary', reason: 'No time', endsAt });
  const anew = { dapp: 'diary', institution: 'insurer-a', grants: [{ scope: 'labs' }] };
  await scene.submit(scene.care.insurer, 'DApps:Install', anew);
  await scene.submit(scene.care.insurer, 'DApps:Uninstall', { dapp: 'diary', institution: 'insurer-a' });
  scene.bench.advance(60_000);
  await expect(scene.submit(scene.care.insurer, 'DApps:Install', anew)).rejects.toThrow(/^DAPP_ENDED/);
  expect((await install('c1')).result.status).toBe('active');
});

test('what was revoked is installed nowhere', async () => {
  await install(await offer('c1'));
  await scene.submit(scene.care.regulator, 'DApps:Revoke', {
    dapp: 'diary',
    reason: 'leaks',
    regulator: 'regulator',
  });
  expect(
    await scene.evaluate(scene.care.patient, 'DApps:Installed', {
      dapp: 'diary',
      holder: scene.care.patient.address,
    }),
  ).toEqual({ installed: false });
  await expect(install('c1')).rejects.toThrow(/^DAPP_REVOKED/);
});
