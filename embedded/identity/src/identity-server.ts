import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Provider } from 'oidc-provider';
import { AccountStore } from './accounts/account-store.js';
import { ClaimEndpoints } from './accounts/claim-endpoints.js';
import { AdminEndpoints } from './admin/admin-endpoints.js';
import { assetRoutes } from './assets.js';
import { ClientStore } from './clients/client-store.js';
import { HttpServer, type HttpServerParts } from './http/http-server.js';
import { RequestLimit } from './http/request-limit.js';
import { Routes } from './http/routes.js';
import { AccountEndpoints } from './own-account/account-endpoints.js';
import { BrowserSession } from './own-account/browser-session.js';
import { SigningKeys } from './keys/signing-keys.js';
import { type Log } from './log.js';
import { createProvider } from './provider/create-provider.js';
import { ProtocolPages } from './provider/protocol-pages.js';
import { Attempts } from './sign-in/attempt.js';
import { GuessGuard } from './sign-in/guess-guard.js';
import { Interactions } from './sign-in/interactions.js';
import { Passkeys } from './sign-in/passkeys.js';
import { SignInEndpoints } from './sign-in/sign-in-endpoints.js';
import { SealedLevel } from './store/sealed-level.js';
import { SecretKeys } from './store/secret-keys.js';

export interface IdentityServerOptions {
  readonly dataFolder: string;
  /** 32 bytes in hex: what is kept is sealed with a key derived from it, another opens the administration. */
  readonly key: string;
  /** Bearer secret that opens the administration, too: for whoever must not have the key. */
  readonly administration?: string;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Address that people and programs know it by; by default that of the listener on `localhost`. */
  readonly issuer?: string;
  /** Audience of access tokens. */
  readonly audience?: string;
  /** A proxy stands in front: it ends TLS and says whom it speaks for. */
  readonly behindProxy?: boolean;
  /** How many requests that could be guesses one address may send a minute. */
  readonly guessesPerMinute?: number;
  readonly log: Log;
}

/** A running provider. */
export interface IdentityServer {
  readonly issuer: string;
  readonly port: number;
  close(): Promise<void>;
}

const rotateAfterMs = 30 * 86_400_000;
const lookEveryMs = 3_600_000;

/**
 * Serves an OpenID Connect provider.
 * @throws `IdentityConfigurationError`, `IdentityStartError`, `IdentityUnreadableError`.
 */
export async function startIdentityServer(options: IdentityServerOptions): Promise<IdentityServer> {
  const { dataFolder, host = '127.0.0.1', port = 0, audience = 'medigraph', log } = options;
  const secrets = new SecretKeys(options.key);
  const store = await SealedLevel.open(dataFolder, secrets);
  let parts: HttpServerParts | undefined;
  const server = new HttpServer(() => parts ?? notYet());
  let rotation: NodeJS.Timeout | undefined;
  const close = async () => {
    clearInterval(rotation);
    await server.close();
    await store.close();
  };
  try {
    const keys = await SigningKeys.open(store);
    const taken = await server.listen(host, port);
    const issuer = options.issuer ?? `http://localhost:${taken}`;
    const accounts = new AccountStore(store);
    const clients = new ClientStore(store, issuer);
    const make = (): Provider => {
      const provider = createProvider({
        issuer,
        audience,
        store,
        accounts,
        clients,
        keys: keys.all,
        cookieKey: secrets.cookies,
        pages: new ProtocolPages(),
      });
      provider.proxy = options.behindProxy ?? false;
      provider.on('server_error', (_context, error) =>
        log.warn('protocol.failed', { reason: error.message }),
      );
      provider.on('grant.error', (_context, error) =>
        log.warn('grant.refused', { reason: error.error_detail }),
      );
      return provider;
    };
    let provider = make();
    let protocol = provider.callback();
    const rotateKeys = async () => {
      await keys.rotate();
      provider = make();
      protocol = provider.callback();
      log.info('keys.rotated', { kid: keys.all[0].kid });
    };
    rotation = setInterval(() => {
      if (keys.age > rotateAfterMs) void rotateKeys();
    }, lookEveryMs).unref();
    const signingIn = {
      accounts,
      attempts: new Attempts(store),
      guard: new GuessGuard(store),
      passkeys: new Passkeys(accounts, issuer),
      log,
    };
    const signIn = new SignInEndpoints({
      ...signingIn,
      interactions: new Interactions(() => provider, accounts),
      clients,
    });
    const ownAccount = new AccountEndpoints({
      ...signingIn,
      issuer,
      session: new BrowserSession(() => provider, accounts),
    });
    const administration = new AdminEndpoints({
      accounts,
      clients,
      secrets: [secrets.administration, ...(options.administration ? [options.administration] : [])],
      issuer,
      rotateKeys,
      log,
    });
    parts = {
      issuer,
      routes: new Routes([
        ...signIn.routes,
        ...ownAccount.routes,
        ...new ClaimEndpoints(accounts, log).routes,
        ...administration.routes,
        ...assetRoutes,
      ]),
      protocol: (request: IncomingMessage, response: ServerResponse) => void protocol(request, response),
      limit: new RequestLimit(options.guessesPerMinute ?? 120),
      behindProxy: options.behindProxy ?? false,
      log,
    };
    return { issuer, port: taken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function notYet(): never {
  throw new Error('the provider is not ready yet');
}
