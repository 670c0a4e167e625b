import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { X509Certificate } from 'node:crypto';
import { sha256 } from '../crypto/hash.js';
import { RecentMap } from '../crypto/recent.js';
import { ConfigurationError, reasonOf } from '../errors.js';
import { type OuIdentifier } from '../wire/config-values.js';
import { CertificationTree, chainIdentifier } from './certification-tree.js';
import { type Identity, type NodeRole } from './identity.js';
import { readMspFolder, type MspConfiguration } from './msp-folder.js';
import { Revocations } from './revocations.js';

const rememberedIdentities = 50_000;

/** What there is to say of a certificate besides what is in it. */
type Judgement = Pick<Identity, 'role' | 'certifiers' | 'invalid' | 'unchained'>;

/** An organisational unit that means something, and the chain that its certificates must come from, if that matters. */
interface Unit {
  readonly name: string;
  readonly certifiers: Buffer | undefined;
}

interface NodeUnit extends Unit {
  readonly role: NodeRole;
}

const roles = ['client', 'peer', 'admin', 'orderer'] as const;

/** One organisation's membership service: says which certificates are its members, and in which role. */
export class Msp {
  readonly #identities = new RecentMap<string, Identity>(rememberedIdentities);
  readonly #tree: CertificationTree;
  readonly #revocations: Revocations;
  readonly #admins: ReadonlySet<string>;
  /** Units that stand for roles; undefined if the organisation does not tell roles apart. */
  readonly #nodeUnits: readonly NodeUnit[] | undefined;
  /** Units of which every member must have one; none if it does not matter. */
  readonly #memberUnits: readonly Unit[];

  private constructor(
    readonly configuration: MspConfiguration,
    tree: CertificationTree,
    revocations: Revocations,
  ) {
    this.#tree = tree;
    this.#revocations = revocations;
    const unit = ({ certificate, unit: name }: OuIdentifier): Unit => ({
      name,
      certifiers: certificate.length === 0 ? undefined : tree.identifierOf(certificate),
    });
    const { nodeOus, ouIdentifiers, admins } = configuration;
    const units = roles.flatMap((role) => {
      const identifier = nodeOus?.[role];
      return identifier === undefined ? [] : [{ ...unit(identifier), role }];
    });
    this.#nodeUnits = nodeOus?.enable === true && units.length > 0 ? units : undefined;
    this.#memberUnits = ouIdentifiers.map(unit);
    this.#admins = new Set(admins.map((pem) => fingerprintOf(new X509Certificate(pem)).toString('hex')));
    if (admins.length === 0 && this.#nodeUnits?.some(({ role }) => role === 'admin') !== true)
      throw new Error('administrators must be declared when no admin ou classification is set');
  }

  /** @throws in Fabric's words if it cannot be used. */
  static async of(configuration: MspConfiguration): Promise<Msp> {
    const { rootCerts, intermediateCerts, revocationList } = configuration;
    const tree = CertificationTree.read(rootCerts, intermediateCerts);
    return new Msp(configuration, tree, await Revocations.read(revocationList, tree.authorities));
  }

  /** @throws {@link ConfigurationError} if the folder cannot be used. */
  static async open(mspId: string, folder: string): Promise<Msp> {
    const configuration = await readMspFolder(mspId, folder);
    try {
      return await Msp.of(configuration);
    } catch (error) {
      throw new ConfigurationError(`cannot use the MSP folder ${folder}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  get mspId(): string {
    return this.configuration.name;
  }

  /** True if certificates of the organisation say in their units whether they are a client's, a peer's… */
  get tellsRoles(): boolean {
    return this.#nodeUnits !== undefined;
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
    const fingerprint = fingerprintOf(certificate);
    const units = new PeculiarCertificate(certificate.raw).subjectName.getField('OU');
    const identity: Identity = {
      mspId: this.mspId,
      publicKey: certificate.publicKey,
      fingerprint,
      expiresAt: Date.parse(certificate.validTo),
      units,
      ...(this.#admins.has(fingerprint.toString('hex')) && { namedAdmin: true }),
      ...this.#judge(certificate, units),
    };
    this.#identities.set(name, identity);
    return identity;
  }

  #judge(certificate: X509Certificate, units: readonly string[]): Judgement {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      return { invalid: 'only P-256 keys are supported' };
    if (certificate.ca)
      return {
        invalid:
          'an X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity',
        unchained: true,
      };
    const issuers = this.#tree.issuersOf(certificate);
    const [issuer] = issuers ?? [];
    if (issuers === undefined || issuer === undefined)
      return {
        invalid: 'could not obtain certification chain: signed by unknown authority',
        unchained: true,
      };
    if (this.#revocations.has(certificate, issuer))
      return {
        invalid: 'could not validate identity against certification chain: The certificate has been revoked',
      };
    const certifiers = chainIdentifier(issuers);
    return { certifiers, ...this.#roleOf(units, certifiers) };
  }

  #roleOf(units: readonly string[], certifiers: Buffer): Judgement {
    const comesFrom = (unit: Unit) => unit.certifiers === undefined || unit.certifiers.equals(certifiers);
    const listed = `OUs: [${units.join(' ')}], MSP: [${this.mspId}]`;
    if (
      this.#memberUnits.length > 0 &&
      !this.#memberUnits.some((unit) => units.includes(unit.name) && comesFrom(unit))
    )
      return { invalid: `none of the identity's organizational units are in MSP ${this.mspId}` };
    if (this.#nodeUnits === undefined) return {};
    const found = this.#nodeUnits.filter(({ name }) => units.includes(name));
    const [role] = found;
    if (!found.every(comesFrom)) return { invalid: `certifiersIdentifier does not match: ${listed}` };
    if (role === undefined)
      return {
        invalid: `the identity does not have an OU that resolves to client, peer, orderer, or admin role. ${listed}`,
      };
    if (found.length > 1)
      return {
        invalid: `the identity must have a client, a peer, an orderer, or an admin OU role to be valid, not a combination of them. ${listed}`,
      };
    return { role: role.role };
  }
}

const fingerprintOf = ({ raw }: X509Certificate): Buffer => sha256(raw);
