import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hash, type Identity, type Signer, signers } from '@hyperledger/fabric-gateway';
import { msp } from '@hyperledger/fabric-protos';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** Somebody who signs. */
export interface Signatory {
  readonly mspId: string;
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

export const identityOf = ({ mspId, certificate }: Signatory): Identity => ({
  mspId,
  credentials: certificate,
});

export const signerOf = ({ key }: Signatory): Signer => signers.newPrivateKeySigner(key);

export const sign = (signatory: Signatory, bytes: Uint8Array): Promise<Uint8Array> =>
  signerOf(signatory)(hash.sha256(bytes));

/** The creator field of a header. */
export function creatorOf({ mspId, certificate }: Signatory): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(certificate);
  return identity.serializeBinary();
}

async function onlyFile(folder: string): Promise<Buffer> {
  const [name = ''] = await readdir(folder);
  return readFile(path.join(folder, name));
}

/** The identity of an MSP folder. */
export async function readSignatory(mspId: string, folder: string): Promise<Signatory> {
  const [certificate, key] = await Promise.all(
    ['signcerts', 'keystore'].map((part) => onlyFile(path.join(folder, part))),
  );
  return { mspId, certificate: certificate ?? new Uint8Array(), key: createPrivateKey(key ?? '') };
}

/** What is wrong with a certificate that is issued for a scenario. */
export interface CertificateFaults {
  /** Role of the holder; none if empty. */
  readonly role?: string;
  readonly expired?: boolean;
  /** Signed by a stranger who says that he is the organisation's authority. */
  readonly foreign?: boolean;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const importKey = (key: KeyObject, use: 'sign' | 'verify') => {
  const type = use === 'sign' ? 'pkcs8' : 'spki';
  return webcrypto.subtle.importKey(type, key.export({ format: 'der', type }), algorithm, true, [use]);
};

const minute = 60_000;

/** A new identity from the authority of an organisation. */
export async function issueIdentity(
  mspId: string,
  authority: { readonly certificate: string; readonly privateKey: string },
  { role = 'client', expired = false, foreign = false }: CertificateFaults = {},
): Promise<Signatory> {
  const issuer = new X509Certificate(authority.certificate);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuerKey = foreign
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : createPrivateKey(authority.privateKey);
  const from = issuer.notBefore.getTime();
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: `4${randomBytes(15).toString('hex')}`,
      subject: `CN=somebody${role && `, OU=${role}`}`,
      issuer: issuer.subject,
      // Fabric checks the chain at the certificate's own beginning: the authority must be valid by then.
      notBefore: new Date(from + 1_000),
      notAfter: new Date(expired ? from + minute : Date.now() + 60 * minute),
      publicKey: await importKey(pair.publicKey, 'verify'),
      signingKey: await importKey(issuerKey, 'sign'),
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    },
    webcrypto as Crypto,
  );
  return { mspId, certificate: Buffer.from(`${certificate.toString('pem')}\n`), key: pair.privateKey };
}
