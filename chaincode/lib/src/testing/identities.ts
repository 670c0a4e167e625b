import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { sha256Of } from '../digest.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const oneDay = 86_400_000;

/** Where Fabric's authorities put attributes: JSON in an extension of the certificate. */
const attributesOid = '1.2.3.4.5.6.7.8.1';

/** What a certificate says of its owner beside the name. */
export interface EnrolmentOptions {
  /** NodeOU, such as `client` or `admin`; `client` unless said. */
  readonly organizationalUnit?: string;
  /** Attributes that the authority vouches for, by name. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A certified signer of one organisation. */
export interface BenchIdentity {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
  /** Chain address of the key. */
  readonly address: string;
  /** SubjectPublicKeyInfo in base64. */
  readonly publicKey: string;
  /** ECDSA over SHA-256, R and S of 32 bytes each. */
  readonly sign: (content: Uint8Array) => Promise<Uint8Array>;
}

/** A certification authority of one organisation, with which it enrols its people. */
export class BenchAuthority {
  readonly #mspId: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;
  #issued = 0;

  private constructor(mspId: string, keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#mspId = mspId;
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(mspId: string): Promise<BenchAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=ca,O=${mspId}`,
      ...validity(),
      signingAlgorithm: algorithm,
      keys: keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new BenchAuthority(mspId, keys, certificate);
  }

  /** @param name Common name; undefined for that of a person, the address of their key. */
  async enrol(
    name: string | undefined,
    { organizationalUnit = 'client', attributes }: EnrolmentOptions = {},
  ): Promise<BenchIdentity> {
    this.#issued += 1;
    const keys = await generateKeys();
    const publicKey = await webcrypto.subtle.exportKey('spki', keys.publicKey);
    const address = sha256Of(new Uint8Array(publicKey)).slice(0, 40);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (this.#issued + 1).toString(16).padStart(4, '0'),
      subject: `CN=${name ?? address},OU=${organizationalUnit},O=${this.#mspId}`,
      issuer: this.#certificate.subject,
      ...validity(),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: attributes && [
        new x509.Extension(attributesOid, false, Buffer.from(JSON.stringify({ attrs: attributes }))),
      ],
    });
    const pem = certificate.toString('pem');
    return {
      mspId: this.#mspId,
      certificate: pem,
      address,
      publicKey: Buffer.from(publicKey).toString('base64'),
      sign: async (content) =>
        new Uint8Array(await webcrypto.subtle.sign(algorithm, keys.privateKey, content)),
    };
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - oneDay), notAfter: new Date(now + oneDay) };
}
