/** The back end of a DApp, as its publisher runs one: a client that is no code of ours, at a provider that runs in this process. */
import { randomBytes, type webcrypto } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type IdentityServer, silentLog, startIdentityServer } from '@medigraph/embedded-identity';
import { administrationSecretOf } from '@medigraph/embedded-identity/administration';
import * as openid from 'openid-client';

/** Everything is on the loopback here. The library marks this deprecated so that it stands out elsewhere. */
const allowLoopback = Reflect.get(openid, 'allowInsecureRequests');

/** The embedded provider with its data. */
export class Provider {
  readonly #folder: string;
  readonly #server: IdentityServer;
  /** Of its administration. */
  readonly secret: string;

  private constructor(folder: string, server: IdentityServer, key: string) {
    this.#folder = folder;
    this.#server = server;
    this.secret = administrationSecretOf(key);
  }

  static async start(): Promise<Provider> {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-provider-'));
    const key = randomBytes(32).toString('hex');
    return new Provider(folder, await startIdentityServer({ dataFolder: folder, key, log: silentLog }), key);
  }

  get issuer(): string {
    return this.#server.issuer;
  }

  /** An access token for client credentials: a secret, or a key that signs (`private_key_jwt`). */
  async token(
    clientId: string,
    credential: string | { readonly key: webcrypto.CryptoKey; readonly kid: string },
  ): Promise<string> {
    const authentication =
      typeof credential === 'string' ? openid.ClientSecretPost(credential) : openid.PrivateKeyJwt(credential);
    const client = await openid.discovery(new URL(this.issuer), clientId, undefined, authentication, {
      execute: [allowLoopback],
    });
    const { access_token: token } = await openid.clientCredentialsGrant(client, {
      scope: 'medigraph system/*.rs',
    });
    return token;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
