import { type Role } from '@medigraph/schema';
import { type KoaContextWithOIDC } from 'oidc-provider';
import { type AccountHolder } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { type ClientStore } from '../clients/client-store.js';
import { scopesOfRole } from './scopes.js';

type Claims = Record<string, unknown>;

/** What tokens say of a person. */
export const claimsOfHolder = ({
  subject,
  role,
  mspId,
  institution,
  practitioner,
  patient,
}: AccountHolder): Claims & { sub: string } => ({
  sub: subject,
  role,
  msp_id: mspId,
  ...(institution !== undefined && { institution }),
  ...(practitioner !== undefined && { practitioner }),
  ...(patient !== undefined && { patient }),
});

/** How the person whom a token is for signed in; what grants it remembers that. */
function authenticationOf(context: KoaContextWithOIDC): Claims {
  const { AuthorizationCode, RefreshToken, DeviceCode } = context.oidc.entities;
  const source = RefreshToken ?? AuthorizationCode ?? DeviceCode;
  return {
    ...(source?.acr !== undefined && { acr: source.acr }),
    ...(source?.amr !== undefined && { amr: source.amr }),
    ...(source?.authTime !== undefined && { auth_time: source.authTime }),
  };
}

interface TokenOf {
  readonly kind?: string;
  readonly accountId?: string;
  readonly clientId?: string;
}

/** Completes the claims of access tokens: who calls, how they signed in, and only scopes that mean something for them. */
export class TokenClaims {
  constructor(
    readonly accounts: AccountStore,
    readonly clients: ClientStore,
  ) {}

  async complete(context: KoaContextWithOIDC, token: TokenOf, claims: Claims): Promise<void> {
    const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
    const caller = await this.#callerOf(token);
    if (!caller) throw new Error(`there is nobody whom a token of ${token.clientId ?? 'a client'} is for`);
    Object.assign(claims, caller.claims, token.kind === 'AccessToken' ? authenticationOf(context) : {});
    claims['scope'] = scopesOfRole(scopes, caller.role).join(' ');
  }

  async #callerOf({ accountId, clientId }: TokenOf): Promise<{ role: Role; claims: Claims } | undefined> {
    if (accountId !== undefined) {
      const holder = (await this.accounts.find(accountId))?.holder;
      return holder && { role: holder.role, claims: claimsOfHolder(holder) };
    }
    const program = clientId === undefined ? undefined : (await this.clients.find(clientId))?.description;
    if (program?.kind !== 'service' && program?.kind !== 'dapp') return undefined;
    const { id, mspId, institution } = program;
    const role = program.kind === 'dapp' ? 'dapp' : program.role;
    return { role, claims: { sub: `${institution}/${id}`, role, msp_id: mspId, institution } };
  }
}
