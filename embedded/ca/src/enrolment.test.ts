import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate, X509Crl } from '@peculiar/x509';
import { type CaClient, type CaIdentity } from '@medigraph/platform/ca';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { TestAuthorities } from './testing/test-authorities.js';

const attributesOid = '1.2.3.4.5.6.7.8.1';

function attributesOf({ certificate }: CaIdentity): unknown {
  const extension = new PeculiarCertificate(certificate).getExtension(attributesOid);
  return extension && JSON.parse(Buffer.from(extension.value).toString());
}

describe('an authority', () => {
  let authorities: TestAuthorities;
  let client: CaClient;
  let registrar: CaIdentity;

  beforeAll(async () => {
    authorities = await TestAuthorities.start();
    client = await authorities.client();
    registrar = await authorities.registrar();
  });
  afterAll(() => authorities.stop());

  const enrolled = async (name: string, more: Parameters<CaClient['register']>[1] = { name }) =>
    client.enroll(name, await client.register(registrar, more));

  it('tells its name and its chain', async () => {
    const { name, chain } = await client.info();
    expect(name).toBe('ca.hospital-a.example');
    expect(chain).toBe(await authorities.read('ca/ca-chain.pem'));
  });

  it('makes an identity that the MSP of its organisation accepts, with type and affiliation as units', async () => {
    const { certificate, privateKey } = await enrolled('alice', {
      name: 'alice',
      affiliation: 'ward.day',
      attributes: [
        { name: 'role', value: 'nurse', ecert: true },
        { name: 'hidden', value: '1' },
      ],
    });
    const issued = new X509Certificate(certificate);
    const authority = new X509Certificate(
      await authorities.read('msp/intermediatecerts/ca.hospital-a.example-cert.pem'),
    );
    expect(issued.checkIssued(authority) && issued.verify(authority.publicKey)).toBe(true);
    expect(issued.publicKey.equals(createPublicKey(privateKey))).toBe(true);
    expect(new PeculiarCertificate(certificate).subjectName.getField('OU').sort()).toEqual([
      'client',
      'day',
      'ward',
    ]);
    expect(attributesOf({ certificate, privateKey })).toEqual({
      attrs: { 'hf.Affiliation': 'ward.day', 'hf.EnrollmentID': 'alice', 'hf.Type': 'client', role: 'nurse' },
    });
  });

  it('says in a certificate the attributes that are asked for, or makes none', async () => {
    const secret = await client.register(registrar, {
      name: 'asker',
      attributes: [{ name: 'hidden', value: '1' }],
    });
    const identity = await client.enroll('asker', secret, { attributes: ['hidden'] });
    expect(attributesOf(identity)).toEqual({ attrs: { hidden: '1' } });
    await expect(client.enroll('asker', secret, { attributes: ['other'] })).rejects.toMatchObject({
      status: 500,
      message: 'Failed to find requested attributes: The following required attributes are missing: [other]',
    });
  });

  it('renews a certificate for the same key', async () => {
    const first = await enrolled('renewed');
    const second = await client.reenroll('renewed', first);
    expect(second.certificate).not.toBe(first.certificate);
    expect(new X509Certificate(second.certificate).publicKey.equals(createPublicKey(first.privateKey))).toBe(
      true,
    );
  });

  it('serves the TLS authority beside it, with an identity store of its own', async () => {
    const tls = await authorities.client('tlsca.hospital-a.example');
    const admin = await tls.enroll('admin', await authorities.read('tlsca/registrar.secret'));
    const secret = await tls.register(admin, { name: 'peer1', type: 'peer' });
    const { certificate } = await tls.enroll('peer1', secret, {
      profile: 'tls',
      hosts: ['peer1.hospital-a.example', '127.0.0.1'],
    });
    const issued = new X509Certificate(certificate);
    expect(
      issued.verify(
        new X509Certificate(await authorities.read('tlsca/tlsca.hospital-a.example-cert.pem')).publicKey,
      ),
    ).toBe(true);
    expect([issued.checkHost('peer1.hospital-a.example'), issued.checkIP('127.0.0.1')]).toEqual([
      'peer1.hospital-a.example',
      '127.0.0.1',
    ]);
    await expect(client.register(admin, { name: 'stranger' })).rejects.toMatchObject({
      status: 401,
      reason: 20,
    });
  });

  it('lets a secret be used as often as was said, and no more at the same time', async () => {
    const secret = await client.register(registrar, { name: 'twice', maxEnrollments: 2 });
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => client.enroll('twice', secret)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await expect(client.enroll('twice', secret)).rejects.toMatchObject({ status: 401, reason: 20 });
  });

  it('registers a name once, also when it is asked twice at the same time', async () => {
    const tries = await Promise.allSettled([1, 2, 3].map(() => client.register(registrar, { name: 'once' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('tries no password any more after ten wrong ones', async () => {
    const secret = await client.register(registrar, { name: 'locked' });
    await Promise.allSettled(Array.from({ length: 12 }, () => client.enroll('locked', 'wrong')));
    await expect(client.enroll('locked', secret)).rejects.toMatchObject({
      status: 401,
      reason: 73,
      message: 'Incorrect password entered 10 times, max incorrect password limit of 10 reached',
    });
  });

  it('revokes somebody: no token, no enrolment, and both certificates on the list', async () => {
    const secret = await client.register(registrar, { name: 'gone' });
    const identity = await client.enroll('gone', secret);
    await client.reenroll('gone', identity);
    const revoked = await client.revoke(registrar, { name: 'gone', reason: 'keycompromise' });
    expect(revoked).toHaveLength(2);
    await expect(client.reenroll('gone', identity)).rejects.toMatchObject({ status: 401, reason: 20 });
    await expect(client.enroll('gone', secret)).rejects.toMatchObject({ status: 401, reason: 20 });
    const list = new X509Crl(await client.revocationList(registrar));
    const authority = new PeculiarCertificate(await authorities.read('ca/ca.hospital-a.example-cert.pem'));
    expect(await list.verify({ publicKey: authority })).toBe(true);
    const serials = list.entries.map(({ serialNumber }) => serialNumber.replace(/^0+/, ''));
    expect(serials).toEqual(expect.arrayContaining(revoked.map(({ serial }) => serial)));
  });

  it('lets only those revoke and list who may, and everybody their own', async () => {
    const [one, other] = [await enrolled('one'), await enrolled('other')];
    await expect(client.revoke(one, { name: 'other' })).rejects.toMatchObject({ status: 403, reason: 71 });
    await expect(client.revocationList(one)).rejects.toMatchObject({ status: 403, reason: 71 });
    expect(await client.revoke(other, { name: 'other' })).toHaveLength(1);
  });

  it('finds everything again when it starts anew', async () => {
    const identity = await enrolled('kept');
    await client.revoke(registrar, { name: 'kept' });
    await authorities.restart();
    client = await authorities.client();
    await expect(client.reenroll('kept', identity)).rejects.toMatchObject({ status: 401 });
    await expect(client.register(registrar, { name: 'kept' })).rejects.toMatchObject({
      status: 409,
      reason: 74,
    });
    await expect(enrolled('after')).resolves.toBeDefined();
  });
});
