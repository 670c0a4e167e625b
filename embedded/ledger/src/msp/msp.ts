import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate, type X509Crl } from '@peculiar/x509';
import { X509Certificate } from 'node:crypto';
import { sha256 } from '../crypto/hash.js';
import { RecentMap } from '../crypto/recent.js';
import { type Identity } from './identity.js';
import { readMspFolder, type MspMaterial } from './msp-folder.js';

const rememberedIdentities = 50_000;
const longestChain = 8;

/** What there is to say of a certificate besides what is in it. */
type Judgement = Pick<Identity, 'role' | 'invalid' | 'unchained'>;

/** One organisation's membership service: says which certificates are its members, and in which role. */
export class Msp {
  readonly #identities = new RecentMap<string, Identity>(rememberedIdentities);
  /** Serial numbers revoked, by the subject key identifier of the CA that revoked them. */
  readonly #revoked: Map<string, Set<string>>;

  private constructor(
    readonly mspId: string,
    readonly material: MspMaterial,
    revoked: Map<string, Set<string>>,
  ) {
    this.#revoked = revoked;
  }

  /** @throws `ConfigurationError` if the folder cannot be used. */
  static async open(mspId: string, folder: string): Promise<Msp> {
    const material = await readMspFolder(folder);
    return new Msp(mspId, material, await revokedSerials(material));
  }

  /**
   * Reads a certificate in PEM and judges it. What is judged here never changes with time, so the judgement is kept.
   * @throws if it is no certificate at all.
   */
  identity(pem: Buffer): Identity {
    const name = pem.toString('latin1');
    const known = this.#identities.get(name);
    if (known !== undefined) return known;
    const certificate = new X509Certificate(pem);
    const base = {
      mspId: this.mspId,
      publicKey: certificate.publicKey,
      fingerprint: sha256(certificate.raw),
      expiresAt: Date.parse(certificate.validTo),
    };
    const identity: Identity = { ...base, ...this.#judge(certificate) };
    this.#identities.set(name, identity);
    return identity;
  }

  #judge(certificate: X509Certificate): Judgement {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      return { invalid: 'only P-256 keys are supported' };
    if (certificate.ca)
      return {
        invalid:
          'an X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity',
        unchained: true,
      };
    const issuer = this.#validIssuer(certificate);
    if (issuer === undefined)
      return {
        invalid: 'could not obtain certification chain: signed by unknown authority',
        unchained: true,
      };
    if (this.#revoked.get(subjectKeyIdentifier(issuer))?.has(normalSerial(certificate.serialNumber)) === true)
      return {
        invalid: 'could not validate identity against certification chain: The certificate has been revoked',
      };
    return this.#roleOf(certificate);
  }

  /** The CA that issued the certificate, if its chain ends in a root and was valid when the certificate began. */
  #validIssuer(certificate: X509Certificate): X509Certificate | undefined {
    const at = Date.parse(certificate.validFrom) + 1000;
    const issuer = this.#issuerOf(certificate, at);
    let current = issuer;
    for (let length = 0; current !== undefined && length < longestChain; length += 1) {
      if (this.material.roots.includes(current)) return issuer;
      current = this.#issuerOf(current, at);
    }
    return undefined;
  }

  #issuerOf(certificate: X509Certificate, at: number): X509Certificate | undefined {
    return [...this.material.roots, ...this.material.intermediates].find(
      (candidate) =>
        candidate.ca &&
        Date.parse(candidate.validFrom) <= at &&
        at <= Date.parse(candidate.validTo) &&
        certificate.checkIssued(candidate) &&
        certificate.verify(candidate.publicKey),
    );
  }

  #roleOf(certificate: X509Certificate): Judgement {
    const units = new PeculiarCertificate(certificate.raw).subjectName.getField('OU');
    const roles = [...new Set(units.flatMap((unit) => this.material.roles.get(unit) ?? []))];
    const [role] = roles;
    const listed = `OUs: [${units.join(' ')}], MSP: [${this.mspId}]`;
    if (role === undefined)
      return {
        invalid: `the identity does not have an OU that resolves to client, peer, orderer, or admin role. ${listed}`,
      };
    if (roles.length > 1)
      return {
        invalid: `the identity must have a client, a peer, an orderer, or an admin OU role to be valid, not a combination of them. ${listed}`,
      };
    return { role };
  }
}

function normalSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+/, '');
}

function subjectKeyIdentifier(certificate: X509Certificate): string {
  const extension = new PeculiarCertificate(certificate.raw).getExtension('2.5.29.14');
  // The extension's value is an OCTET STRING around the identifier.
  return extension === null ? '' : Buffer.from(extension.value).subarray(2).toString('hex');
}

function authorityKeyIdentifier(list: X509Crl): string {
  const extension = list.extensions.find(({ type }) => type === '2.5.29.35');
  if (extension === undefined) return '';
  // SEQUENCE { [0] keyIdentifier }: 30 len 80 len id
  const value = Buffer.from(extension.value);
  return value[2] === 0x80 ? value.subarray(4, 4 + (value[3] ?? 0)).toString('hex') : '';
}

/** Revocations of those lists that the CA they name has really signed. */
async function revokedSerials(material: MspMaterial): Promise<Map<string, Set<string>>> {
  const revoked = new Map<string, Set<string>>();
  for (const list of material.revocationLists) {
    const authority = authorityKeyIdentifier(list);
    const issuer = [...material.roots, ...material.intermediates].find(
      (candidate) => subjectKeyIdentifier(candidate) === authority,
    );
    if (issuer === undefined) continue;
    const signed = await list.verify({ publicKey: new PeculiarCertificate(issuer.raw) });
    if (!signed) continue;
    const serials = revoked.get(authority) ?? new Set<string>();
    for (const entry of list.entries) serials.add(normalSerial(entry.serialNumber));
    revoked.set(authority, serials);
  }
  return revoked;
}
