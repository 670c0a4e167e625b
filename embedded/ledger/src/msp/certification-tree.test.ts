import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { CertificationTree } from './certification-tree.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;

interface Holder {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** A certificate of this authority, or one of its own. */
async function issue(name: string, authority: Holder | undefined, ca: boolean): Promise<Holder> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `40${randomBytes(8).toString('hex')}`,
    subject: `CN=${name}`,
    issuer: authority?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    publicKey: keys.publicKey,
    signingKey: authority?.key ?? keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey };
}

const pemOf = ({ certificate }: Holder) => Buffer.from(certificate.toString('pem'));
const nodeOf = (holder: Holder) => new X509Certificate(pemOf(holder));

describe('the authorities of an organisation', () => {
  let root: Holder;
  let intermediate: Holder;
  let lower: Holder;

  beforeAll(async () => {
    root = await issue('root', undefined, true);
    intermediate = await issue('intermediate', root, true);
    lower = await issue('lower', intermediate, true);
  });

  const issuersOf = async (tree: CertificationTree, authority: Holder) =>
    tree.issuersOf(nodeOf(await issue('somebody', authority, false)))?.map(({ subject }) => subject);

  test('a root that has nobody below it issues identities', async () => {
    const tree = CertificationTree.read([pemOf(root)], []);
    expect(await issuersOf(tree, root)).toEqual(['CN=root']);
    expect(await issuersOf(tree, intermediate)).toBeUndefined();
  });

  test('only the leaves of a tree issue identities: no root that has intermediates, no intermediate that has others', async () => {
    const one = CertificationTree.read([pemOf(root)], [pemOf(intermediate)]);
    expect(await issuersOf(one, root)).toBeUndefined();
    expect(await issuersOf(one, intermediate)).toEqual(['CN=intermediate', 'CN=root']);
    const two = CertificationTree.read([pemOf(root)], [pemOf(intermediate), pemOf(lower)]);
    expect(await issuersOf(two, root)).toBeUndefined();
    expect(await issuersOf(two, intermediate)).toBeUndefined();
    expect(await issuersOf(two, lower)).toEqual(['CN=lower', 'CN=intermediate', 'CN=root']);
  });

  test('one root of two that has no intermediates goes on issuing', async () => {
    const other = await issue('other', undefined, true);
    const tree = CertificationTree.read([pemOf(root), pemOf(other)], [pemOf(intermediate)]);
    expect(await issuersOf(tree, other)).toEqual(['CN=other']);
    expect(await issuersOf(tree, root)).toBeUndefined();
  });

  test('what is no authority, or has none above it here, is refused', async () => {
    const somebody = await issue('somebody', root, false);
    expect(() => CertificationTree.read([], [])).toThrow('expected at least one CA certificate');
    expect(() => CertificationTree.read([pemOf(root)], [pemOf(somebody)])).toThrow(
      'CA Certificate did not have the CA attribute',
    );
    expect(() => CertificationTree.read([pemOf(root)], [pemOf(lower)])).toThrow(
      'could not obtain certification chain',
    );
  });
});
