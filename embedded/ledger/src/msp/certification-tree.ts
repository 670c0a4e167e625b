import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { X509Certificate } from 'node:crypto';
import { sha256 } from '../crypto/hash.js';

const longestChain = 8;

/** The authorities of an organisation: roots, and the intermediates below them. */
export class CertificationTree {
  readonly #roots: readonly X509Certificate[];
  readonly #all: readonly X509Certificate[];
  /** Authorities that have issued other authorities: Fabric lets only the leaves of the tree issue identities. */
  readonly #inner: ReadonlySet<X509Certificate>;

  private constructor(roots: readonly X509Certificate[], intermediates: readonly X509Certificate[]) {
    this.#roots = roots;
    this.#all = [...roots, ...intermediates];
    this.#inner = new Set(intermediates.flatMap((certificate) => this.#chain(certificate) ?? []));
  }

  /** @throws in Fabric's words if they are no authorities. */
  static read(rootPems: readonly Buffer[], intermediatePems: readonly Buffer[]): CertificationTree {
    if (rootPems.length === 0) throw new Error('expected at least one CA certificate');
    const roots = rootPems.map(readCertificate);
    const intermediates = intermediatePems.map(readCertificate);
    for (const { ca, serialNumber } of [...roots, ...intermediates])
      if (!ca)
        throw new Error(`CA Certificate did not have the CA attribute, (SN: ${serialNumber.toLowerCase()})`);
    const tree = new CertificationTree(roots, intermediates);
    for (const certificate of intermediates)
      if (tree.#chain(certificate) === undefined)
        throw new Error(
          `CA Certificate is not valid, (SN: ${BigInt(`0x${certificate.serialNumber}`)}): could not obtain certification chain`,
        );
    return tree;
  }

  get authorities(): readonly X509Certificate[] {
    return this.#all;
  }

  /** The authority that issued an identity, and those above it to a root; undefined if there is no such chain. */
  issuersOf(certificate: X509Certificate): readonly X509Certificate[] | undefined {
    const chain = this.#chain(certificate);
    const [issuer] = chain ?? [];
    return issuer === undefined || this.#inner.has(issuer) ? undefined : chain;
  }

  /**
   * Name of the chain that begins with this authority, as units are tied to it.
   * @throws in Fabric's words if it is none of the organisation's.
   */
  identifierOf(pem: Buffer): Buffer {
    const certificate = readCertificate(pem);
    const known = this.#all.find(({ raw }) => raw.equals(certificate.raw));
    if (known === undefined)
      throw new Error('Failed adding OU. Certificate not in root or intermediate certs.');
    return chainIdentifier(this.#roots.includes(known) ? [known] : [known, ...(this.#chain(known) ?? [])]);
  }

  /** The chain above a certificate as it was when the certificate began. */
  #chain(certificate: X509Certificate): readonly X509Certificate[] | undefined {
    const at = Date.parse(certificate.validFrom) + 1000;
    const chain: X509Certificate[] = [];
    let current = this.#issuerOf(certificate, at);
    while (current !== undefined && chain.length < longestChain) {
      chain.push(current);
      if (this.#roots.includes(current)) return chain;
      current = this.#issuerOf(current, at);
    }
    return undefined;
  }

  #issuerOf(certificate: X509Certificate, at: number): X509Certificate | undefined {
    return this.#all.find(
      (candidate) =>
        candidate.ca &&
        Date.parse(candidate.validFrom) <= at &&
        at <= Date.parse(candidate.validTo) &&
        certificate.checkIssued(candidate) &&
        certificate.verify(candidate.publicKey),
    );
  }
}

/** Names a chain of authorities. */
export const chainIdentifier = (chain: readonly X509Certificate[]): Buffer =>
  sha256(...chain.map(({ raw }) => raw));

export function subjectKeyIdentifier(certificate: X509Certificate): string {
  const extension = new PeculiarCertificate(certificate.raw).getExtension('2.5.29.14');
  // The extension's value is an OCTET STRING around the identifier.
  return extension === null ? '' : Buffer.from(extension.value).subarray(2).toString('hex');
}

function readCertificate(pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new Error('could not decode pem bytes', { cause: error });
  }
}
