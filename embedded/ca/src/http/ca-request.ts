import { type X509Certificate } from 'node:crypto';
import { type Authority } from '../authority.js';
import { Caller } from '../identities/caller.js';
import { Refusal, refusalCode } from '../refusal.js';
import { normalHex } from '../store/records.js';
import { verifyToken } from '../token.js';
import { Fields } from './fields.js';
import { type Query } from './query.js';

/** What arrived, and the authorities that it can be for. */
export interface Received {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly uri: string;
  readonly query: Query;
  readonly authorization: string | undefined;
  readonly body: Buffer;
  /** What stands in the path in the place of a variable. */
  readonly variable: string;
  readonly authorities: ReadonlyMap<string, Authority>;
}

/** Somebody who has shown a certificate of the authority. */
export interface CertifiedCaller {
  readonly caller: Caller;
  readonly certificate: { readonly serial: string; readonly aki: string };
}

/** A request to an authority. What is wrong with it shows when it is asked for, in the order in which Fabric CA looks. */
export class CaRequest {
  readonly #received: Received;
  #fields: Fields | undefined;
  /** Sets a header of the answer. */
  location: string | undefined;

  constructor(received: Received) {
    this.#received = received;
  }

  get method(): string {
    return this.#received.method;
  }

  get query(): Query {
    return this.#received.query;
  }

  get variable(): string {
    return this.#received.variable;
  }

  /** The body's fields. @throws {@link Refusal} 400 if there is none. */
  get fields(): Fields {
    if (this.#received.body.length === 0) {
      throw new Refusal(400, refusalCode.emptyBody, 'Empty request body');
    }
    return (this.#fields ??= Fields.parse(this.#received.body));
  }

  /** Name by which the authority was asked for: in the query, in the body, or the first one's. */
  get authorityName(): string {
    const named = this.query.string('ca');
    if (named !== '') return named;
    const inBody = this.#received.body.length > 0 ? this.fields.string('caname') : '';
    const [first = ''] = this.#received.authorities.keys();
    return inBody === '' ? first : inBody;
  }

  /** @throws {@link Refusal} 404. */
  get authority(): Authority {
    const name = this.authorityName;
    const found = this.#received.authorities.get(name);
    if (found !== undefined) return found;
    throw new Refusal(404, refusalCode.caNotFound, `CA '${name}' does not exist`);
  }

  /** The header by which a caller says who it is. @throws {@link Refusal} 401. */
  get authorization(): string {
    const { authorization } = this.#received;
    if (authorization !== undefined && authorization !== '') return authorization;
    throw new Refusal(401, refusalCode.noAuthorization, 'No authorization header');
  }

  /** Who has signed the request, with a certificate that the authority issued and that is good. @throws {@link Refusal} 401. */
  async authenticate(): Promise<CertifiedCaller> {
    const token = this.authorization;
    const { trust, store } = this.authority;
    const owner = this.#owner(token);
    if (!trust.accepts(owner)) {
      throw Refusal.authentication(refusalCode.untrustedCertificate, 'Untrusted certificate');
    }
    const record = await store.certificate(owner.serialNumber, this.authority.key.identifier);
    if (record === undefined || !samePem(record.pem, owner)) {
      throw Refusal.authentication(
        refusalCode.callerCertificateNotFound,
        `Certificate not found with serial '${normalHex(owner.serialNumber)}'`,
      );
    }
    if (record.revoked !== undefined) {
      throw Refusal.authentication(
        refusalCode.certificateRevoked,
        'The certificate in the authorization header is a revoked certificate',
      );
    }
    const identity = await store.identity(record.id);
    if (identity === undefined) {
      throw Refusal.authentication(refusalCode.gettingUser, 'Failed to get user');
    }
    return { caller: new Caller(identity), certificate: record };
  }

  #owner(token: string): X509Certificate {
    try {
      return verifyToken(token, this.#received);
    } catch (error) {
      throw Refusal.authentication(
        refusalCode.invalidToken,
        `Invalid token in authorization header: ${(error as Error).message}`,
      );
    }
  }
}

const samePem = (pem: string, { raw }: X509Certificate) =>
  pem.replace(/-----[^-]+-----|\s/g, '') === raw.toString('base64');
