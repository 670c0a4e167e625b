import { type X509Certificate } from 'node:crypto';
import { certificatesIn } from './authority-key.js';

const longestChain = 8;

/** The certificates below which an authority trusts callers: its own chain. */
export class Trust {
  readonly #chain: readonly X509Certificate[];

  constructor(chainPem: string) {
    this.#chain = certificatesIn(chainPem);
  }

  /** Whether the chain leads from the certificate to a root, and everything on the way is valid now. */
  accepts(certificate: X509Certificate): boolean {
    let current = certificate;
    for (let length = 0; length < longestChain; length += 1) {
      if (!isInTime(current)) return false;
      const issuer = this.#chain.find(
        (candidate) => candidate.ca && current.checkIssued(candidate) && current.verify(candidate.publicKey),
      );
      if (issuer === undefined) return false;
      if (issuer.checkIssued(issuer)) return isInTime(issuer);
      current = issuer;
    }
    return false;
  }
}

function isInTime({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}
