import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  type JsonGeneralNames,
} from '@peculiar/x509';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Refusal, refusalCode } from '../refusal.js';
import { firstPemBlock } from './pem.js';

/** Most characters of a part of a name (RFC 5280, appendix A), and what Fabric CA calls the part. */
const lengths: readonly (readonly [oid: string, name: string, limit: number])[] = [
  ['2.5.4.3', 'CN', 64],
  ['2.5.4.5', 'serial number', 64],
  ['2.5.4.11', 'organizational unit name', 64],
  ['2.5.4.10', 'organization name', 64],
  ['2.5.4.6', 'country name', 2],
  ['2.5.4.7', 'locality name', 128],
  ['2.5.4.8', 'state name', 128],
];

const smallestRsaBits = 2048;
const curves: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1'];
const basicConstraints = '2.5.29.19';
const subjectAlternativeName = '2.5.29.17';

/** A certificate signing request, as far as a certificate is made from it. */
export class SigningRequest {
  readonly #request: Pkcs10CertificateRequest;

  private constructor(request: Pkcs10CertificateRequest) {
    this.#request = request;
  }

  /** @throws {@link Refusal} if the text is no request. */
  static parse(pem: string): SigningRequest {
    const block = firstPemBlock(pem);
    if (block === undefined) throw new Refusal(400, refusalCode.badRequest, 'CSR Decode failed');
    if (!/^(NEW )?CERTIFICATE REQUEST$/.test(block.type)) {
      // The words of the library with which Fabric CA signs.
      throw Refusal.unknown('{"code":9300,"message":"not a certificate or csr"}');
    }
    try {
      return new SigningRequest(new Pkcs10CertificateRequest(new Uint8Array(block.content)));
    } catch (error) {
      throw Refusal.unknown(`the certificate request cannot be read: ${(error as Error).message}`);
    }
  }

  /** The first value of a part of the subject, by its object identifier or usual letters. */
  subject(part: string): string {
    return this.subjects(part)[0] ?? '';
  }

  subjects(part: string): readonly string[] {
    return this.#request.subjectName.getField(part);
  }

  /** Names and addresses that it asks for. */
  get alternativeNames(): JsonGeneralNames {
    const extension = this.#request.getExtension(subjectAlternativeName);
    return extension instanceof SubjectAlternativeNameExtension ? extension.names.toJSON() : [];
  }

  /** Whether it asks for the certificate of an authority. @throws {@link Refusal} 400. */
  get asksForAuthority(): boolean {
    const extension = this.#request.getExtension(basicConstraints);
    if (extension === null) return false;
    if (extension instanceof BasicConstraintsExtension) return extension.ca;
    throw new Refusal(400, refusalCode.badRequest, 'Failed parsing CSR constraints');
  }

  get publicKey(): ArrayBuffer {
    return this.#request.publicKey.rawData;
  }

  /** @throws {@link Refusal} 400 if a part of the subject is longer than a certificate may have it. */
  checkLengths(): void {
    for (const [oid, name, limit] of lengths) {
      const long = this.subjects(oid).find((value) => value.length > limit);
      if (long === undefined) continue;
      throw new Refusal(
        400,
        refusalCode.requestInput,
        `CSR input validation failed: The ${name} '${long.slice(0, 256)}' exceeds the maximum character limit of ${limit}`,
      );
    }
  }

  /** @throws {@link Refusal} if its key is too weak, or did not sign it. */
  async checkKey(): Promise<void> {
    const key = keyObject(this.publicKey);
    if (key === undefined || !isStrong(key)) {
      throw new Refusal(
        400,
        refusalCode.badRequest,
        'The public key must be on the curve P-256, P-384 or P-521, or RSA of at least 2048 bits',
      );
    }
    const signed = await this.#request.verify().catch(() => false);
    if (!signed)
      throw Refusal.unknown('Certificate signing failure: the request is not signed with its own key');
  }
}

function keyObject(spki: ArrayBuffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'ec') return curves.includes(asymmetricKeyDetails?.namedCurve);
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= smallestRsaBits;
}
