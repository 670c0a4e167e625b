import { jest } from '@jest/globals';
import { createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createEnvelopeService } from '../envelope/index.js';
import { chainAddressOf, type ConnectionProfile } from '../ledger/index.js';
import { testOrganization } from '../testing/organization.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { type Caller, type KeyCustody, openKeyCustody, ScryptWrapper, SealedStore } from './index.js';

const folder = temporaryFolder();
let profile: ConnectionProfile;

beforeAll(async () => {
  const { ca: _, ...withoutCa } = await testOrganization();
  profile = {
    organizations: { PatientsMSP: await testOrganization(), InsurerAMSP: withoutCa },
    channels: {},
  };
});

const open = async (name: string): Promise<KeyCustody> =>
  openKeyCustody({ store: await SealedStore.open({ folder: path.join(folder, name) }), profile });

const callerOf = (caller: Partial<Caller>): Caller => ({
  subject: 'x',
  role: 'patient',
  mspId: 'PatientsMSP',
  scopes: new Set(),
  expiresAt: 0,
  ...caller,
});

function filesBelow(parent: string): string[] {
  return readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('enrolment', () => {
  test('issues a client certificate of the organisation for the person’s own key', async () => {
    const custody = await open('enrol');
    const { identity } = await custody.enrol('PatientsMSP');
    const certificate = new X509Certificate(identity.certificate);
    const ca = new X509Certificate(profile.organizations['PatientsMSP']?.ca?.certificate ?? '');
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subject.split('\n')).toEqual(['OU=client', `CN=${identity.address}`]);
    expect(certificate.publicKey.equals(createPublicKey(identity.privateKey))).toBe(true);
    expect(identity.address).toBe(chainAddressOf(identity.certificate));
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 300 * 86_400_000);
  });

  test('gives everybody another serial number, address and encryption key', async () => {
    const custody = await open('enrol');
    const people = await Promise.all(Array.from({ length: 20 }, () => custody.enrol('PatientsMSP')));
    const distinct = (values: string[]): number => new Set(values).size;
    expect(
      distinct(people.map(({ identity }) => new X509Certificate(identity.certificate).serialNumber)),
    ).toBe(20);
    expect(distinct(people.map(({ identity }) => identity.address))).toBe(20);
    expect(distinct(people.map(({ encryptionKey }) => encryptionKey.kid))).toBe(20);
  });

  test('needs a certificate authority, and an organisation', async () => {
    const custody = await open('enrol');
    await expect(custody.enrol('InsurerAMSP')).rejects.toMatchObject({ code: 'ENROLMENT_UNAVAILABLE' });
    await expect(custody.organization('NobodyMSP')).rejects.toMatchObject({ code: 'ORGANIZATION_UNKNOWN' });
  });
});

describe('keys', () => {
  test('are found again after a restart, for signing and for unwrapping', async () => {
    const { identity, encryptionKey } = await (await open('keys')).enrol('PatientsMSP');
    const institution = await (await open('keys')).encryptionKeyFor('insurer-a');

    const custody = await open('keys');
    const signer = await custody.signerFor(callerOf({ patient: identity.address }));
    expect(signer.certificate).toBe(identity.certificate);
    expect(signer.privateKey.equals(identity.privateKey)).toBe(true);
    expect(await custody.encryptionKeyFor('insurer-a')).toEqual(institution);

    const envelopes = createEnvelopeService();
    const contentKey = randomBytes(32);
    for (const [id, key] of [
      [identity.address, encryptionKey],
      ['insurer-a', institution],
    ] as const) {
      const wrapped = await envelopes.wrap(contentKey, { id, key });
      const [decryptionKey] = await custody.decryptionKeys(id);
      if (!decryptionKey) throw new Error('There is no key.');
      expect(Buffer.from(await envelopes.unwrap(wrapped, decryptionKey))).toEqual(contentKey);
    }
  });

  test('of an institution are made once, whoever asks at the same time', async () => {
    const custodies = await Promise.all(Array.from({ length: 8 }, () => open('race')));
    const keys = await Promise.all(custodies.map((custody) => custody.encryptionKeyFor('hospital-a')));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
  });

  test('that are not kept here are not found', async () => {
    const custody = await open('keys');
    await expect(custody.signerFor(callerOf({ patient: 'f'.repeat(40) }))).rejects.toMatchObject({
      code: 'KEY_NOT_FOUND',
    });
    expect(await custody.decryptionKeys('f'.repeat(40))).toEqual([]);
    expect(await custody.decryptionKeys('hospital-z')).toEqual([]);
    await expect(custody.nextInstitutionKey('hospital-z')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  test('of an institution are followed by the ones that were to, and destroyed when nothing needs them', async () => {
    const [custody, other] = [await open('follow'), await open('follow')];
    const { kid } = await custody.encryptionKeyFor('hospital-a');
    const files = new Set(filesBelow(path.join(folder, 'follow')));
    const [next, same] = await Promise.all([
      custody.nextInstitutionKey('hospital-a'),
      other.nextInstitutionKey('hospital-a'),
    ]);
    expect(same).toEqual(next);
    expect(next.kid).not.toBe(kid);
    const [current] = await custody.decryptionKeys('hospital-a');
    await custody.adoptInstitutionKey('hospital-a', kid);
    expect(await custody.decryptionKeys('hospital-a')).toEqual([current]);
    await custody.adoptInstitutionKey('hospital-a', next.kid);
    expect(await other.encryptionKeyFor('hospital-a')).toEqual(next);
    const kept = await other.decryptionKeys('hospital-a');
    expect(kept.map((key) => current && key.equals(current))).toEqual([false, true]);
    if (!current || !kept[0]) throw new Error('There is no key.');
    await custody.discardFormerKeys('hospital-a', current);
    expect(await custody.decryptionKeys('hospital-a')).toHaveLength(2);
    await custody.discardFormerKeys('hospital-a', kept[0]);
    for (const one of [custody, await open('follow')])
      expect(await one.encryptionKeyFor('hospital-a')).toEqual(next);
    expect(await custody.decryptionKeys('hospital-a')).toHaveLength(1);
    expect(filesBelow(path.join(folder, 'follow')).length).toBe(files.size);
    expect(await (await open('follow')).decryptionKeys('hospital-a')).toHaveLength(1);
  });

  test('of the organisation sign for everybody but patients', async () => {
    const custody = await open('keys');
    const signer = await custody.signerFor(callerOf({ role: 'insurer', mspId: 'InsurerAMSP' }));
    expect(signer.certificate).toBe(profile.organizations['InsurerAMSP']?.client.certificate);
  });
});

describe('keyed hashes', () => {
  test('are the same after a restart, and differ by label, value and master key', async () => {
    const custody = await open('hash');
    const hash = custody.keyedHash('patient', '123');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await open('hash')).keyedHash('patient', '123')).toBe(hash);
    expect(custody.keyedHash('entry', '123')).not.toBe(hash);
    expect(custody.keyedHash('patient', '124')).not.toBe(hash);
    expect((await open('other')).keyedHash('patient', '123')).not.toBe(hash);
  });
});

describe('the sealed store', () => {
  test('shows no key in the clear, and nothing to other users', async () => {
    const { identity } = await (await open('sealed')).enrol('PatientsMSP');
    const scalar = identity.privateKey.export({ format: 'jwk' }).d ?? '';
    const secrets = [Buffer.from(scalar, 'base64url'), Buffer.from(scalar), Buffer.from('PRIVATE KEY')];
    for (const file of filesBelow(path.join(folder, 'sealed'))) {
      expect(statSync(file).mode & 0o077).toBe(0);
      for (const secret of secrets) expect(readFileSync(file).includes(secret)).toBe(false);
    }
  });

  test('does not open with another master key or passphrase', async () => {
    const place = path.join(folder, 'foreign');
    await SealedStore.open({ folder: place, masterKey: '11'.repeat(32) });
    for (const wrong of [
      { masterKey: '22'.repeat(32) },
      { wrapper: new ScryptWrapper('correct horse battery') },
      {},
    ]) {
      await expect(SealedStore.open({ folder: place, ...wrong })).rejects.toMatchObject({
        code: 'KEY_UNREADABLE',
      });
    }
    await expect(SealedStore.open({ folder: place, masterKey: '11'.repeat(32) })).resolves.toBeDefined();
  });

  test('opens with its passphrase again', async () => {
    const options = {
      folder: path.join(folder, 'passphrase'),
      wrapper: new ScryptWrapper('correct horse battery'),
    };
    await (await SealedStore.open(options)).write('name', Buffer.from('secret'));
    expect(await (await SealedStore.open(options)).read('name')).toEqual(Buffer.from('secret'));
    const wrong = { ...options, wrapper: new ScryptWrapper('correct horse buttery') };
    await expect(SealedStore.open(wrong)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
  });

  test('refuses a file that was altered, cut short or put in the place of another', async () => {
    const place = path.join(folder, 'altered');
    const store = await SealedStore.open({ folder: place });
    const before = new Set(filesBelow(place));
    await store.write('one', Buffer.from('secret of one'));
    const [one = ''] = filesBelow(place).filter((file) => !before.has(file));
    await store.write('two', Buffer.from('secret of two'));
    const [two = ''] = filesBelow(place).filter((file) => !before.has(file) && file !== one);
    const original = readFileSync(one);

    for (const content of [
      Buffer.from(original.map((byte, index) => (index === 20 ? byte ^ 1 : byte))),
      original.subarray(0, 30),
      Buffer.alloc(0),
      readFileSync(two),
    ]) {
      writeFileSync(one, content);
      await expect(store.read('one')).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    }
    writeFileSync(one, original);
    expect(await store.read('one')).toEqual(Buffer.from('secret of one'));
  });

  test('ignores what a killed process left half-written', async () => {
    const place = path.join(folder, 'killed');
    const store = await SealedStore.open({ folder: place });
    await store.write('name', Buffer.from('first'));
    for (const file of filesBelow(place)) writeFileSync(`${file}.killed.tmp`, randomBytes(10));
    await store.write('name', Buffer.from('second'));
    expect(await (await SealedStore.open({ folder: place })).read('name')).toEqual(Buffer.from('second'));
  });
});

test('a certificate that is about to expire is renewed for the same key', async () => {
  const custody = await open('renew');
  const { identity } = await custody.enrol('PatientsMSP');
  const { ca } = profile.organizations['PatientsMSP'] ?? {};
  expect(ca).toBeDefined();
  jest.useFakeTimers({
    now: Date.now() + 350 * 86_400_000,
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
  });
  try {
    const renewed = await (await open('renew')).signerFor(callerOf({ patient: identity.address }));
    expect(renewed.address).toBe(identity.address);
    expect(renewed.certificate).not.toBe(identity.certificate);
    expect(Date.parse(new X509Certificate(renewed.certificate).validTo)).toBeGreaterThan(
      Date.parse(new X509Certificate(identity.certificate).validTo),
    );
    const again = await (await open('renew')).signerFor(callerOf({ patient: identity.address }));
    expect(again.certificate).toBe(renewed.certificate);
  } finally {
    jest.useRealTimers();
  }
});

test('an enrolled key is P-256', async () => {
  const { identity } = await (await open('curve')).enrol('PatientsMSP');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  expect(identity.privateKey.asymmetricKeyDetails).toEqual(privateKey.asymmetricKeyDetails);
});
