import { CaClient, type CaIdentity, CaRefusedError } from '../ca/index.js';
import { type ConnectionProfile } from '../ledger/index.js';
import { type RequestedKey } from './certificate-request.js';
import { issueClientCertificate, needsRenewal } from './enrolment.js';
import { EnrolmentUnavailableError } from './errors.js';

/** What makes clients of an organisation. */
export interface EnrolmentAuthority {
  /**
   * A client certificate, named after the key's chain address. To ask again is to get another for the same key.
   * @param request - The key's own, PKCS #10 in PEM.
   * @returns PEM.
   */
  certify(key: RequestedKey, request: string): Promise<string>;
  /** Takes back every certificate of a key that acts no more. */
  revoke(address: string): Promise<void>;
}

type Organization = ConnectionProfile['organizations'][string];
type Served = NonNullable<ConnectionProfile['certificateAuthorities']>[string];

/** With the key of the organisation's CA, for networks that serve none: what it issued it cannot take back. */
class KeyAuthority implements EnrolmentAuthority {
  readonly #ca: NonNullable<Organization['ca']>;

  constructor(ca: NonNullable<Organization['ca']>) {
    this.#ca = ca;
  }

  certify({ address, publicKey }: RequestedKey): Promise<string> {
    return issueClientCertificate(this.#ca, address, publicKey);
  }

  revoke(): Promise<void> {
    return Promise.resolve();
  }
}

/** Through the organisation's CA server, as its registrar. */
class ServedAuthority implements EnrolmentAuthority {
  readonly #client: CaClient;
  readonly #registrar: { readonly name: string; readonly secret: string };
  readonly #secretOf: (address: string) => string;
  #enrolled: Promise<CaIdentity> | undefined;

  constructor(
    name: string,
    { url, tlsCaCertificate, registrar }: Served & { registrar: { name: string; secret: string } },
    secretOf: (address: string) => string,
  ) {
    this.#client = new CaClient({ url, name, tlsCaCertificate });
    this.#registrar = registrar;
    this.#secretOf = secretOf;
  }

  async certify({ address }: RequestedKey, request: string): Promise<string> {
    // The secret follows from the address, so that what was cut off between the two calls can be done again.
    const secret = this.#secretOf(address);
    const refusal = await this.#register(address, secret);
    try {
      return await this.#client.certify(address, secret, request);
    } catch (error) {
      throw refusal ?? error;
    }
  }

  async revoke(address: string): Promise<void> {
    await this.#client.revoke(await this.#identity(), { name: address, reason: 'superseded' });
  }

  /** The refusal, which may only say that it is registered already. */
  async #register(name: string, secret: string): Promise<CaRefusedError | undefined> {
    try {
      await this.#client.register(await this.#identity(), { name, secret, type: 'client' });
      return undefined;
    } catch (error) {
      if (error instanceof CaRefusedError) return error;
      throw error;
    }
  }

  async #identity(): Promise<CaIdentity> {
    const { name, secret } = this.#registrar;
    this.#enrolled ??= this.#client.enroll(name, secret);
    try {
      const identity = await this.#enrolled;
      if (!needsRenewal(identity.certificate)) return identity;
      this.#enrolled = this.#client.enroll(name, secret);
      return await this.#enrolled;
    } catch (error) {
      this.#enrolled = undefined;
      throw error;
    }
  }
}

/**
 * What enrols the clients of an organisation: its CA server where the profile names one with a registrar, else the key of
 * its CA. The first authority that the profile names for an organisation issues identities.
 * @param secretOf - Enrolment secret of a chain address; the same each time.
 * @throws {@link EnrolmentUnavailableError} if there is neither.
 */
export function enrolmentAuthorityOf(
  profile: ConnectionProfile,
  mspId: string,
  secretOf: (address: string) => string,
): EnrolmentAuthority {
  for (const [name, authority] of Object.entries(profile.certificateAuthorities ?? {})) {
    const { registrar } = authority;
    if (authority.mspId === mspId && registrar)
      return new ServedAuthority(name, { ...authority, registrar }, secretOf);
  }
  const ca = Object.hasOwn(profile.organizations, mspId) ? profile.organizations[mspId]?.ca : undefined;
  if (!ca) throw new EnrolmentUnavailableError(mspId);
  return new KeyAuthority(ca);
}
