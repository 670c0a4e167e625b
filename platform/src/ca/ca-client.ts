import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { authorizationToken, type CaIdentity } from './ca-identity.js';
import { type CaEndpoint, exchange } from './ca-transport.js';
import { certificateRequest } from './certificate-request.js';
import { CaUnavailableError } from './errors.js';

/** Something that is said of an identity; `ecert` if its certificates say it without being asked. */
export interface CaAttribute {
  readonly name: string;
  readonly value: string;
  readonly ecert?: boolean;
}

/** What a certificate is to be like. */
export interface EnrollmentOptions {
  /** A new key if absent. */
  readonly privateKey?: KeyObject;
  /** `tls` for a certificate of a server or a client of TLS. */
  readonly profile?: 'tls';
  readonly hosts?: readonly string[];
  /** Names of attributes that the certificate must say; those that say themselves if absent. */
  readonly attributes?: readonly string[];
}

/** Somebody who is to be registered. */
export interface CaRegistration {
  /** Enrolment id: the common name of the certificates. */
  readonly name: string;
  /** Made by the authority if absent. */
  readonly secret?: string;
  /** What the certificates say that the owner is; `client` if absent. */
  readonly type?: 'client' | 'peer' | 'admin' | 'orderer';
  readonly affiliation?: string;
  readonly attributes?: readonly CaAttribute[];
  /** How often the secret can be used; any number if absent. */
  readonly maxEnrollments?: number;
}

/** What is to be revoked: one certificate, or somebody with all of theirs. */
export type Revocation = { readonly reason?: string } & (
  { readonly name: string } | { readonly serial: string; readonly aki: string }
);

export interface RevokedCertificate {
  readonly serial: string;
  readonly aki: string;
}

/** What an authority says of itself. */
export interface CaInfo {
  readonly name: string;
  /** PEM: the authority, then those above it. */
  readonly chain: string;
  readonly version: string;
}

const base64 = z.string().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const infoAnswer = z.object({ CAName: z.string(), CAChain: base64, Version: z.string() });
const certificateAnswer = z.object({ Cert: base64 });
const registrationAnswer = z.object({ secret: z.string() });
const revocationAnswer = z.object({
  RevokedCerts: z.array(z.object({ Serial: z.string(), AKI: z.string() })).nullable(),
});
const listAnswer = z.object({ CRL: base64 });

/**
 * A client of a certificate authority with Fabric CA's interface.
 *
 * @example
 * const registrar = await client.enroll('admin', secret);
 * const alice = await client.enroll('alice', await client.register(registrar, { name: 'alice' }));
 */
export class CaClient {
  readonly #endpoint: CaEndpoint;

  constructor(endpoint: CaEndpoint) {
    this.#endpoint = endpoint;
  }

  async info(): Promise<CaInfo> {
    const { CAName, CAChain, Version } = await this.#post('cainfo', {}, infoAnswer);
    return { name: CAName, chain: CAChain, version: Version };
  }

  /**
   * Gets a certificate for a name and its secret.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  enroll(name: string, secret: string, options: EnrollmentOptions = {}): Promise<CaIdentity> {
    const login = Buffer.from(`${name}:${secret}`).toString('base64');
    return this.#enroll('enroll', name, options, `Basic ${login}`);
  }

  /**
   * Gets a certificate for a request that somebody else made: whoever has the key.
   *
   * @param request - PKCS #10 in PEM.
   * @returns PEM.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  async certify(name: string, secret: string, request: string): Promise<string> {
    const login = Buffer.from(`${name}:${secret}`).toString('base64');
    const { Cert } = await this.#post(
      'enroll',
      { certificate_request: request, profile: '' },
      certificateAnswer,
      `Basic ${login}`,
    );
    return Cert;
  }

  /**
   * Gets another certificate for somebody who has one: for the same key unless told otherwise.
   *
   * @param name - Its enrolment id.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  reenroll(name: string, identity: CaIdentity, options: EnrollmentOptions = {}): Promise<CaIdentity> {
    return this.#enroll('reenroll', name, { privateKey: identity.privateKey, ...options }, identity);
  }

  /**
   * Registers somebody. Answers the secret with which they can enroll.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  async register(registrar: CaIdentity, registration: CaRegistration): Promise<string> {
    const { name, secret, type = 'client', affiliation = '', attributes = [], maxEnrollments } = registration;
    const request = {
      id: name,
      type,
      affiliation,
      attrs: attributes,
      ...(secret !== undefined && { secret }),
      ...(maxEnrollments !== undefined && { max_enrollments: maxEnrollments }),
    };
    return (await this.#post('register', request, registrationAnswer, registrar)).secret;
  }

  /**
   * Revokes. Answers what was revoked; the networks learn of it from {@link revocationList}.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  async revoke(
    revoker: CaIdentity,
    { reason = '', ...revocation }: Revocation,
  ): Promise<RevokedCertificate[]> {
    const what = 'name' in revocation ? { id: revocation.name } : revocation;
    const { RevokedCerts } = await this.#post('revoke', { ...what, reason }, revocationAnswer, revoker);
    return (RevokedCerts ?? []).map(({ Serial, AKI }) => ({ serial: Serial, aki: AKI }));
  }

  /**
   * The list of what is revoked, in PEM: it goes into the `crls` of the organisation's MSP.
   * @throws `CaRefusedError`, `CaUnavailableError`
   */
  async revocationList(revoker: CaIdentity): Promise<string> {
    return (await this.#post('gencrl', {}, listAnswer, revoker)).CRL;
  }

  async #enroll(
    path: string,
    name: string,
    options: EnrollmentOptions,
    who: string | CaIdentity,
  ): Promise<CaIdentity> {
    const { hosts, profile = '', attributes } = options;
    const privateKey = options.privateKey ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const request = {
      certificate_request: await certificateRequest(name, privateKey, hosts),
      profile,
      ...(attributes && { attr_reqs: attributes.map((each) => ({ name: each })) }),
    };
    const { Cert } = await this.#post(path, request, certificateAnswer, who);
    return { certificate: Cert, privateKey };
  }

  async #post<T>(
    path: string,
    request: Readonly<Record<string, unknown>>,
    answer: z.ZodType<T>,
    who?: string | CaIdentity,
  ): Promise<T> {
    const { name } = this.#endpoint;
    const uri = `/api/v1/${path}`;
    const body = JSON.stringify({ ...request, ...(name !== undefined && { caname: name }) });
    const authorization =
      typeof who === 'object' ? authorizationToken(who, { method: 'POST', uri, body }) : who;
    const result = answer.safeParse(
      await exchange(this.#endpoint, {
        method: 'POST',
        path: uri,
        body,
        ...(authorization !== undefined && { authorization }),
      }),
    );
    if (result.success) return result.data;
    throw new CaUnavailableError(`${this.#endpoint.url} answered ${path} with something else`, {
      cause: result.error,
    });
  }
}
