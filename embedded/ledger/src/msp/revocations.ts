import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate, X509Crl } from '@peculiar/x509';
import { type X509Certificate } from 'node:crypto';
import { subjectKeyIdentifier } from './certification-tree.js';

/** Which certificates the authorities of an organisation have taken back. */
export class Revocations {
  /** Serial numbers, by the subject key identifier of the authority. */
  readonly #serials: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(serials: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#serials = serials;
  }

  /**
   * Reads revocation lists; one that the authority it names has not signed counts for nothing.
   * @throws if one cannot be read.
   */
  static async read(lists: readonly Buffer[], authorities: readonly X509Certificate[]): Promise<Revocations> {
    const serials = new Map<string, Set<string>>();
    for (const list of lists.map(readList)) {
      const authority = authorityKeyIdentifier(list);
      const issuer = authorities.find((candidate) => subjectKeyIdentifier(candidate) === authority);
      if (issuer === undefined) continue;
      const signed = await list.verify({ publicKey: new PeculiarCertificate(issuer.raw) });
      if (!signed) continue;
      const revoked = serials.get(authority) ?? new Set<string>();
      for (const entry of list.entries) revoked.add(normalSerial(entry.serialNumber));
      serials.set(authority, revoked);
    }
    return new Revocations(serials);
  }

  has(certificate: X509Certificate, issuer: X509Certificate): boolean {
    if (this.#serials.size === 0) return false;
    const revoked = this.#serials.get(subjectKeyIdentifier(issuer));
    return revoked?.has(normalSerial(certificate.serialNumber)) === true;
  }
}

/** RFC 5280 wants `nextUpdate`; without it the parser overlooks the entries, and a revocation must not be overlooked. */
function readList(content: Buffer): X509Crl {
  let list: X509Crl;
  try {
    list = content.includes('-----BEGIN')
      ? new X509Crl(content.toString('utf8'))
      : new X509Crl(new Uint8Array(content));
  } catch (error) {
    throw new Error('could not parse RevocationList', { cause: error });
  }
  if (list.nextUpdate === undefined) throw new Error('a revocation list has no nextUpdate');
  return list;
}

function normalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+/, '');
}

function authorityKeyIdentifier(list: X509Crl): string {
  const extension = list.extensions.find(({ type }) => type === '2.5.29.35');
  if (extension === undefined) return '';
  // SEQUENCE { [0] keyIdentifier }: 30 len 80 len id
  const value = Buffer.from(extension.value);
  return value[2] === 0x80 ? value.subarray(4, 4 + (value[3] ?? 0)).toString('hex') : '';
}
