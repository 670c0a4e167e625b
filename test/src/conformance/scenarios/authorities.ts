import 'reflect-metadata';
import { X509Certificate, X509Crl } from '@peculiar/x509';
import { authorizationToken, type CaIdentity, exchange } from '@medigraph/platform/ca';
import { validationName, refused } from '../answer.js';
import { type Consortium } from '../consortium.js';
import { type Signatory } from '../fabric/identity.js';
import { group, scenario } from '../scenario.js';

const attributesOid = '1.2.3.4.5.6.7.8.1';

const notAuthentic = refused('401/20', 'Authentication failure');
const notAuthorized = refused('403/71', 'Authorization failure');

const signatoryOf = ({ certificate, privateKey }: CaIdentity): Signatory => ({
  mspId: 'HospitalAMSP',
  certificate: Buffer.from(certificate),
  key: privateKey,
});

const serialsOf = ({ certificate }: CaIdentity) =>
  new X509Certificate(certificate).serialNumber.toLowerCase().replace(/^0+/, '');

/** Somebody new of the hospital. */
async function enrolled(
  { authority }: Consortium,
  name: string,
  more: Partial<Parameters<typeof authority.client.register>[1]> = {},
): Promise<CaIdentity> {
  const { client } = authority;
  return client.enroll(name, await client.register(await authority.registrar(), { name, ...more }));
}

async function put(consortium: Consortium, identity: CaIdentity, key: string): Promise<string> {
  const contract = consortium.hospital.gateway(signatoryOf(identity)).getNetwork('care').getContract('probe');
  const commit = await contract.submitAsync('put', { arguments: [key, '1'] });
  return validationName((await commit.getStatus()).code);
}

export const authorities = group(
  'certificate authorities',
  [
    scenario(
      'an authority says what it is called, and whose certificates lead to it',
      async ({ authority }) => {
        const { name, chain } = await authority.client.info();
        return [name, chain.match(/BEGIN CERTIFICATE/g)?.length];
      },
      ['ca.hospital-a.example', 2],
    ),
    scenario(
      'who is enrolled as a client transacts at once',
      async (consortium) => put(consortium, await enrolled(consortium, 'ca-client'), 'ca-client'),
      'VALID',
    ),
    scenario(
      'who renews a certificate transacts with the new one',
      async (consortium) => {
        const { client } = consortium.authority;
        const renewed = await client.reenroll('ca-renewed', await enrolled(consortium, 'ca-renewed'));
        return put(consortium, renewed, 'ca-renewed');
      },
      'VALID',
    ),
    scenario(
      'a certificate says type, affiliation and what is to be said of its owner',
      async (consortium) => {
        const { certificate } = await enrolled(consortium, 'ca-said', {
          type: 'peer',
          affiliation: 'ward.day',
          attributes: [
            { name: 'said', value: '<1>', ecert: true },
            { name: 'kept', value: '2' },
          ],
        });
        const read = new X509Certificate(certificate);
        const extension = read.getExtension(attributesOid);
        return [
          read.subjectName.getField('OU').join(),
          extension && Buffer.from(extension.value).toString(),
          [...read.extensions].map(({ type, critical }) => `${type}${critical ? ' critical' : ''}`),
        ];
      },
      [
        'day,peer,ward',
        '{"attrs":{"hf.Affiliation":"ward.day","hf.EnrollmentID":"ca-said","hf.Type":"peer","said":"\\u003c1\\u003e"}}',
        ['2.5.29.15 critical', '2.5.29.19 critical', '2.5.29.14', '2.5.29.35', attributesOid],
      ],
    ),
    scenario(
      'a certificate for TLS is for servers and clients, and names its hosts',
      async (consortium) => {
        const { client } = consortium.authority;
        const secret = await client.register(await consortium.authority.registrar(), { name: 'ca-tls' });
        const { certificate } = await client.enroll('ca-tls', secret, {
          profile: 'tls',
          hosts: ['ca-tls.example', '127.0.0.1'],
        });
        return [...new X509Certificate(certificate).extensions]
          .filter(({ type }) => ['2.5.29.15', '2.5.29.37', '2.5.29.17'].includes(type))
          .map(({ type, value }) => `${type} ${Buffer.from(value).toString('hex')}`);
      },
      [
        '2.5.29.15 030203a8',
        '2.5.29.37 301406082b0601050507030106082b06010505070302',
        '2.5.29.17 3016820e63612d746c732e6578616d706c6587047f000001',
      ],
    ),
    scenario('a wrong password', ({ authority }) => authority.client.enroll('admin', 'wrong'), notAuthentic),
    scenario(
      'a name that there is not',
      ({ authority }) => authority.client.enroll('nobody', 'x'),
      notAuthentic,
    ),
    scenario(
      'a secret that has been used as often as it may be',
      async ({ authority }) => {
        const { client } = authority;
        const secret = await client.register(await authority.registrar(), {
          name: 'ca-once',
          maxEnrollments: 1,
        });
        await client.enroll('ca-once', secret);
        return client.enroll('ca-once', secret);
      },
      notAuthentic,
    ),
    scenario(
      'a name that is registered already',
      async ({ authority }) => {
        const registrar = await authority.registrar();
        await authority.client.register(registrar, { name: 'ca-twice' });
        return authority.client.register(registrar, { name: 'ca-twice' });
      },
      refused('409/74', "Identity 'ca-twice' is already registered"),
    ),
    scenario(
      'somebody who may not register others',
      async (consortium) =>
        consortium.authority.client.register(await enrolled(consortium, 'ca-plain'), { name: 'ca-friend' }),
      notAuthorized,
    ),
    scenario(
      'an affiliation that there is not',
      async ({ authority }) =>
        authority.client.register(await authority.registrar(), { name: 'ca-lost', affiliation: 'nowhere' }),
      notAuthorized,
    ),
    scenario(
      'an attribute that only the authority sets',
      async ({ authority }) =>
        authority.client.register(await authority.registrar(), {
          name: 'ca-forger',
          attributes: [{ name: 'hf.EnrollmentID', value: 'admin' }],
        }),
      notAuthorized,
    ),
    scenario(
      'an attribute that is asked for and not there',
      async ({ authority }) => {
        const secret = await authority.client.register(await authority.registrar(), { name: 'ca-asker' });
        return authority.client.enroll('ca-asker', secret, { attributes: ['missing'] });
      },
      refused(
        '500/0',
        'Failed to find requested attributes: The following required attributes are missing: [missing]',
      ),
    ),
    scenario(
      'a token that was made for another request',
      async ({ authority }) => {
        const registrar = await authority.registrar();
        const [uri, body] = ['/api/v1/register', '{"id":"ca-replayed"}'];
        const authorization = authorizationToken(registrar, {
          method: 'POST',
          uri,
          body: '{"id":"ca-other"}',
        });
        return exchange(authority.endpoint, { method: 'POST', path: uri, body, authorization });
      },
      notAuthentic,
    ),
    scenario(
      'a certificate that the authority knows nothing of',
      async (consortium) => {
        const { certificate, key } = await consortium.hospital.issue();
        const stranger = { certificate: Buffer.from(certificate).toString(), privateKey: key };
        return consortium.authority.client.register(stranger, { name: 'ca-stranger' });
      },
      notAuthentic,
    ),
    scenario(
      'a request to an authority that there is not',
      async ({ authority }) =>
        exchange(authority.endpoint, { method: 'POST', path: '/api/v1/cainfo', body: '{"caname":"nobody"}' }),
      refused('404/19', "CA 'nobody' does not exist"),
    ),
    scenario(
      'who is revoked renews nothing and enrolls no more',
      async (consortium) => {
        const { client, registrar } = consortium.authority;
        const secret = await client.register(await registrar(), { name: 'ca-revoked' });
        const identity = await client.enroll('ca-revoked', secret);
        await client.revoke(await registrar(), { name: 'ca-revoked', reason: 'keycompromise' });
        return [
          await consortium.refusalOf(client.reenroll('ca-revoked', identity)),
          await consortium.refusalOf(client.enroll('ca-revoked', secret)),
        ];
      },
      [notAuthentic, notAuthentic],
    ),
    scenario(
      'the list of what is revoked has its serial numbers, is signed, and good for a day',
      async (consortium) => {
        const { client, registrar } = consortium.authority;
        const identity = await enrolled(consortium, 'ca-listed');
        await client.revoke(await registrar(), { name: 'ca-listed' });
        const pem = await client.revocationList(await registrar());
        const list = new X509Crl(pem);
        const { chain } = await client.info();
        const serials = list.entries.map(({ serialNumber }) => serialNumber.toLowerCase().replace(/^0+/, ''));
        return [
          pem.split('\n', 1)[0],
          serials.includes(serialsOf(identity)),
          await list.verify({ publicKey: new X509Certificate(chain) }),
          (list.nextUpdate?.getTime() ?? 0) - list.thisUpdate.getTime(),
        ];
      },
      ['-----BEGIN X509 CRL-----', true, true, 86_400_000],
    ),
    scenario(
      "somebody who may not revoke, another's certificate",
      async (consortium) => {
        const one = await enrolled(consortium, 'ca-one');
        await enrolled(consortium, 'ca-another');
        return consortium.authority.client.revoke(one, { name: 'ca-another' });
      },
      notAuthorized,
    ),
  ],
  { needs: 'authorities' },
);
