import { operateScope, wholeScope } from '@medigraph/schema';
import * as openid from 'openid-client';
import {
  ClientError,
  type Configuration,
  discovery,
  initiateDeviceAuthorization,
  None,
  pollDeviceAuthorizationGrant,
  refreshTokenGrant,
  ResponseBodyError,
  tokenRevocation,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client';
import { CommandError } from '../errors.js';
import { type Session, type SessionFile } from './session-file.js';

/** What the embedded provider knows the command line as. */
export const defaultClientId = 'medigraph-cli';
const scope = `openid offline_access ${wholeScope} ${operateScope}`;
const secondFactor = 'urn:medigraph:acr:mfa';
/** A token that ends sooner is renewed first. */
const marginMs = 30_000;

/** Marked deprecated by its library so that it stands out; used for a provider on this machine alone. */
const allowLoopback = Reflect.get(openid, 'allowInsecureRequests');

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** What a person must do elsewhere to sign in here. */
export interface SignInElsewhere {
  readonly address: string;
  readonly code: string;
  /** The address with the code in it already. */
  readonly addressWithCode: string | undefined;
}

export interface SignInOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Asks for the second factor too. */
  readonly mfa: boolean;
  readonly onCode: (elsewhere: SignInElsewhere) => void;
  readonly signal: AbortSignal;
}

/** @throws `SIGN_IN_UNAVAILABLE`. */
async function providerOf(issuer: string, clientId: string): Promise<Configuration> {
  const address = new URL(issuer);
  try {
    return await discovery(address, clientId, undefined, None(), {
      execute: isLoopback(address) ? [allowLoopback] : [],
    });
  } catch (error) {
    throw new CommandError('SIGN_IN_UNAVAILABLE', `${issuer} is no identity provider that answers`, {
      cause: error,
    });
  }
}

const sessionOf = (
  { issuer, clientId }: Pick<Session, 'issuer' | 'clientId'>,
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
): Session => ({
  issuer,
  clientId,
  accessToken: tokens.access_token,
  expiresAt: Date.now() + (tokens.expiresIn() ?? 0) * 1000,
  refreshToken: tokens.refresh_token,
  idToken: tokens.id_token,
});

/**
 * Signs a person in who has a browser elsewhere (RFC 8628).
 * @throws `SIGN_IN_REFUSED`, `SIGN_IN_UNAVAILABLE`.
 */
export async function signIn(options: SignInOptions): Promise<Session> {
  const { issuer, clientId, mfa, onCode, signal } = options;
  const provider = await providerOf(issuer, clientId);
  try {
    const device = await initiateDeviceAuthorization(provider, {
      scope,
      ...(mfa && { acr_values: secondFactor }),
    });
    onCode({
      address: device.verification_uri,
      code: device.user_code,
      addressWithCode: device.verification_uri_complete,
    });
    return sessionOf(options, await pollDeviceAuthorizationGrant(provider, device, undefined, { signal }));
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof ResponseBodyError)
    return new CommandError('SIGN_IN_REFUSED', error.error_description ?? error.error, { cause: error });
  if (error instanceof ClientError)
    return new CommandError('SIGN_IN_UNAVAILABLE', error.message, { cause: error });
  return error;
}

/**
 * The session on this machine, renewed if its token is about to end.
 * @throws `NOT_SIGNED_IN` if nobody is signed in any more.
 */
export function currentSession(file: SessionFile): Promise<Session> {
  return file.exclusively(async () => {
    const session = await file.read();
    if (!session)
      throw new CommandError('NOT_SIGNED_IN', 'Nobody is signed in. Sign in with: medigraph login');
    if (session.expiresAt - Date.now() > marginMs) return session;
    if (session.refreshToken === undefined) throw ended();
    const provider = await providerOf(session.issuer, session.clientId);
    try {
      const renewed = sessionOf(session, await refreshTokenGrant(provider, session.refreshToken));
      const kept = { ...renewed, refreshToken: renewed.refreshToken ?? session.refreshToken };
      await file.write(kept);
      return kept;
    } catch (error) {
      if (!(error instanceof ResponseBodyError)) throw refusal(error);
      await file.remove();
      throw ended({ cause: error });
    }
  });
}

const ended = (options?: ErrorOptions): CommandError =>
  new CommandError('NOT_SIGNED_IN', 'The session has ended. Sign in again with: medigraph login', options);

/** Gives the session back, so that nobody can use it any more, and forgets it; false if there was none. */
export function signOut(file: SessionFile): Promise<boolean> {
  return file.exclusively(async () => {
    const session = await file.read();
    if (!session) return false;
    await file.remove();
    if (session.refreshToken !== undefined) {
      const provider = await providerOf(session.issuer, session.clientId);
      await tokenRevocation(provider, session.refreshToken).catch((error: unknown) => {
        throw refusal(error);
      });
    }
    return true;
  });
}
