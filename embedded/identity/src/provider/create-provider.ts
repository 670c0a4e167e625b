import { type Account } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { type ClientStore } from '../clients/client-store.js';
import { isFirstParty } from '../clients/client.js';
import { signingAlgorithm, type SigningKey } from '../keys/signing-keys.js';
import { contextClasses } from '../sign-in/authentication.js';
import { ProviderRecords } from '../store/provider-records.js';
import { type SealedLevel } from '../store/sealed-level.js';
import { policyOf } from './interaction-policy.js';
import { type ProtocolPages } from './protocol-pages.js';
import { openScopes } from './scopes.js';
import { claimsOfHolder, TokenClaims } from './token-claims.js';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';

/** Resource indicator of the graph; tokens that name none are for it. */
export const graphResource = 'urn:medigraph:graph';

/** Seconds. Access tokens cannot be called back, so they are short. */
export const lifetimes = {
  accessToken: 600,
  authorizationCode: 60,
  deviceCode: 600,
  idToken: 3_600,
  refreshToken: 14 * 86_400,
  interaction: 3_600,
  session: 12 * 3_600,
  grant: 180 * 86_400,
} as const;

export interface ProviderParts {
  readonly issuer: string;
  readonly audience: string;
  readonly store: SealedLevel;
  readonly accounts: AccountStore;
  readonly clients: ClientStore;
  /** The one that signs comes first. */
  readonly keys: readonly SigningKey[];
  readonly cookieKey: string;
  readonly pages: ProtocolPages;
}

/** Every scope that the request is about: asked for now, or granted by what is exchanged for a token. */
function scopesOf({ oidc }: KoaContextWithOIDC): Set<string> {
  const { AuthorizationCode, RefreshToken, DeviceCode } = oidc.entities;
  const granted = [AuthorizationCode, RefreshToken, DeviceCode].flatMap((each) => [...(each?.scopes ?? [])]);
  const asked = typeof oidc.params?.['scope'] === 'string' ? oidc.params['scope'].split(' ') : [];
  return new Set([...granted, ...asked]);
}

/** A grant of everything that is asked for: to applications of the platform itself, which people are not asked about. */
async function grantWhole(context: KoaContextWithOIDC): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { oidc } = context;
  if (!oidc.client || !oidc.account) return undefined;
  const known = oidc.session?.grantIdFor(oidc.client.clientId);
  const grant =
    (known === undefined ? undefined : await oidc.provider.Grant.find(known)) ??
    new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.account.accountId });
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  for (const [indicator, server] of Object.entries(oidc.resourceServers ?? {}))
    grant.addResourceScope(indicator, [...server.scopes].join(' '));
  await grant.save();
  return grant;
}

/** True for what was granted by a sign-in that the account's holder has ended since. */
function isSignedOut({ signedOutBefore = 0 }: Account, token: object | undefined): boolean {
  const at = token && 'authTime' in token ? token.authTime : undefined;
  return typeof at === 'number' && at < signedOutBefore;
}

function configurationOf(parts: ProviderParts): Configuration {
  const { accounts, clients, pages, issuer, audience } = parts;
  const claims = new TokenClaims(accounts, clients);
  const secure = issuer.startsWith('https:');
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    adapter: (model: string) => new ProviderRecords(parts.store, clients, model),
    jwks: { keys: [...parts.keys] },
    acrValues: [...contextClasses],
    claims: {
      openid: ['sub', 'role', 'msp_id', 'institution', 'practitioner', 'patient'],
      profile: ['preferred_username'],
      acr: null,
      amr: null,
      auth_time: null,
    },
    scopes: ['openid', 'offline_access', 'profile'],
    // ID tokens say at once who somebody is: an access token is for the graph and does not open the userinfo endpoint.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: signingAlgorithm },
    enabledJWA: { idTokenSigningAlgValues: [signingAlgorithm] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    cookies: {
      keys: [parts.cookieKey],
      names: { session: 'medigraph_session', interaction: 'medigraph_sign_in', resume: 'medigraph_resume' },
      long: cookie,
      short: cookie,
    },
    ttl: {
      AccessToken: lifetimes.accessToken,
      ClientCredentials: lifetimes.accessToken,
      AuthorizationCode: lifetimes.authorizationCode,
      DeviceCode: lifetimes.deviceCode,
      IdToken: lifetimes.idToken,
      RefreshToken: lifetimes.refreshToken,
      Interaction: lifetimes.interaction,
      Session: lifetimes.session,
      Grant: lifetimes.grant,
    },
    interactions: {
      policy: policyOf(clients, accounts),
      url: (_context, { uid }) => `/interaction/${uid}`,
    },
    findAccount: async (_context, subject, token) => {
      const account = await accounts.find(subject);
      if (!account || account.disabled || isSignedOut(account, token)) return undefined;
      return {
        accountId: subject,
        claims: () => ({
          ...claimsOfHolder(account.holder),
          preferred_username: account.username,
        }),
      };
    },
    loadExistingGrant: async (context) => {
      const { oidc } = context;
      const client = oidc.client && (await clients.find(oidc.client.clientId));
      if (client && isFirstParty(client)) return grantWhole(context);
      const id = oidc.result?.consent?.grantId ?? oidc.session?.grantIdFor(oidc.client?.clientId ?? '');
      return id === undefined ? undefined : oidc.provider.Grant.find(id);
    },
    formats: {
      customizers: {
        jwt: async (context, token, { payload }) => {
          await claims.complete(context, token, payload);
          return undefined;
        },
      },
    },
    features: {
      devInteractions: { enabled: false },
      // The graph does not check proofs of possession: a token that needs one would be taken without.
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        charset: 'base-20',
        mask: '****-****',
        userCodeInputSource: (context, _form, _out, error) => pages.deviceCode(context, error),
        userCodeConfirmSource: (context, _form, client, _info, code) =>
          pages.deviceConfirm(context, client, code),
        successSource: (context) => pages.deviceDone(context),
      },
      pushedAuthorizationRequests: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context) => pages.signOut(context),
        postLogoutSuccessSource: (context) => pages.signedOut(context),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => graphResource,
        useGrantedResource: () => true,
        getResourceServerInfo: async (context, resource, client) => {
          if (resource !== graphResource) throw new errors.InvalidTarget();
          const known = await clients.find(client.clientId);
          return {
            scope: openScopes(scopesOf(context), known?.description.scopes ?? []).join(' '),
            audience,
            accessTokenTTL: lifetimes.accessToken,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: signingAlgorithm } },
          };
        },
      },
    },
    renderError: (context, out) => pages.failed(context, out),
  };
}

/** The OpenID Connect provider; made anew when its keys change, since everything else of it is in the store. */
export const createProvider = (parts: ProviderParts): Provider =>
  new Provider(parts.issuer, configurationOf(parts));
