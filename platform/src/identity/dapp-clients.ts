/** OAuth clients of DApps' back ends, at a provider whose administration is open to the platform. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { clientOfDApp, dappOfClient } from '@medigraph/schema/dapps';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { z } from 'zod';
import { DAppClientsUnavailableError } from './errors.js';

/** A client as the platform wants it. */
export interface WantedDAppClient {
  readonly dapp: string;
  /** Name of the DApp. */
  readonly name: string;
  /** Organisation and institution in whose place its publisher stands. */
  readonly mspId: string;
  readonly institution: string;
  /** Key on P-256 with which it authenticates (`private_key_jwt`, RFC 7523); absent for a secret. */
  readonly key?: KeyObject;
}

/** A client that there is. */
export interface DAppClient {
  readonly dapp: string;
  readonly clientId: string;
  /** RFC 7638 thumbprint of its key; absent for one that keeps a secret. */
  readonly kid?: string;
}

/** A client that was just registered. */
export interface RegisteredDAppClient extends DAppClient {
  /** Told this once. */
  readonly secret?: string;
}

/** Registers clients of DApps. All of it throws {@link DAppClientsUnavailableError} if the provider does not answer. */
export interface DAppClients {
  /** Where they get tokens. */
  readonly tokenEndpoint: string;
  /** Registers a client, or another secret or key of the one there is: what it had before counts no more. */
  put(wanted: WantedDAppClient): Promise<RegisteredDAppClient>;
  /** Removing what is not there changes nothing. */
  remove(dapp: string): Promise<void>;
  list(): Promise<DAppClient[]>;
}

/** What such a client may ask for: to read what was granted to it, and to call its own contracts. */
const scopes = ['medigraph', 'system/*.rs'];

const description = z.object({
  id: z.string(),
  publicKey: z.object({ kid: z.string() }).optional(),
  secret: z.string().optional(),
});
const descriptions = z.object({ clients: z.array(description) });
const patienceMs = 10_000;

/** @see EmbeddedDAppClients */
export interface EmbeddedDAppClientsOptions {
  /** Issuer of the embedded provider. */
  readonly issuer: string;
  /** Bearer secret of its administration. */
  readonly secret: string;
  /** Where the provider is reached, if not at its issuer. */
  readonly url?: string;
}

/** Clients of the embedded provider. */
export class EmbeddedDAppClients implements DAppClients {
  readonly #options: EmbeddedDAppClientsOptions;

  constructor(options: EmbeddedDAppClientsOptions) {
    this.#options = options;
  }

  get tokenEndpoint(): string {
    return `${this.#options.issuer}/token`;
  }

  async put({ dapp, name, mspId, institution, key }: WantedDAppClient): Promise<RegisteredDAppClient> {
    const id = clientOfDApp(dapp);
    const publicKey = key === undefined ? undefined : await jwkOf(key);
    const wanted = { kind: 'dapp', id, name, mspId, institution, scopes, publicKey };
    const registered = description.parse(
      await this.#call('PUT', `/clients/${encodeURIComponent(id)}`, wanted),
    );
    const { secret } = registered;
    return { ...clientOf(dapp, registered), ...(secret !== undefined && { secret }) };
  }

  async remove(dapp: string): Promise<void> {
    await this.#call('DELETE', `/clients/${encodeURIComponent(clientOfDApp(dapp))}`, undefined, 404);
  }

  async list(): Promise<DAppClient[]> {
    const { clients } = descriptions.parse(await this.#call('GET', '/clients'));
    return clients.flatMap((one) => {
      const dapp = dappOfClient(one.id);
      return dapp === undefined ? [] : [clientOf(dapp, one)];
    });
  }

  /** @param taken - status that is as good as success. */
  async #call(method: string, path: string, body?: object, taken?: number): Promise<unknown> {
    const { issuer, secret, url = issuer } = this.#options;
    let answer: Response;
    try {
      answer = await fetch(`${url}/admin${path}`, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      const told: unknown = await answer.json();
      if (answer.ok || answer.status === taken) return told;
    } catch (error) {
      throw new DAppClientsUnavailableError('cannot be reached', { cause: error });
    }
    throw new DAppClientsUnavailableError(`answers ${answer.status}`);
  }
}

function clientOf(dapp: string, { id, publicKey }: z.infer<typeof description>): DAppClient {
  return { dapp, clientId: id, ...(publicKey && { kid: publicKey.kid }) };
}

async function jwkOf(key: KeyObject): Promise<object> {
  const { kty, crv, x, y } = await exportJWK(key);
  return { kty, crv, x, y, kid: await calculateJwkThumbprint({ kty, crv, x, y }) };
}

/** A public key on P-256 as SubjectPublicKeyInfo in base64; undefined if the text is none. */
export function p256PublicKey(spki: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}
