import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Account, accountHolder, hasSecondFactor, username } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { AccountRefusal, type AccountRefusalCode } from '../accounts/refusals.js';
import { clientDescription } from '../clients/client.js';
import { type ClientStore } from '../clients/client-store.js';
import { type Exchange } from '../http/exchange.js';
import { type Route } from '../http/routes.js';
import { type Log } from '../log.js';

export interface AdminParts {
  readonly accounts: AccountStore;
  readonly clients: ClientStore;
  /** Bearer secrets, each of which opens the administration. */
  readonly secrets: readonly string[];
  readonly issuer: string;
  readonly rotateKeys: () => Promise<void>;
  readonly log: Log;
}

const newAccount = z.strictObject({ holder: accountHolder, username: username.optional() });
const changedAccount = z.strictObject({
  disabled: z.boolean().optional(),
  /** Forgets authenticator app, passkeys and recovery codes: for somebody who lost them all. */
  forgetSecondFactor: z.literal(true).optional(),
});

const statusOf: Readonly<Record<AccountRefusalCode, number>> = {
  ACCOUNT_EXISTS: 409,
  ACCOUNT_NOT_FOUND: 404,
  USERNAME_TAKEN: 409,
  INVITATION_INVALID: 410,
  CLIENT_EXISTS: 409,
  CLIENT_NOT_FOUND: 404,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Accounts, clients and keys for whoever runs the provider: JSON, opened by a bearer secret. */
export class AdminEndpoints {
  readonly #parts: AdminParts;

  constructor(parts: AdminParts) {
    this.#parts = parts;
  }

  get routes(): Route[] {
    const { accounts, clients, rotateKeys } = this.#parts;
    const invitation = async (subject: string) => ({
      invitation: `${this.#parts.issuer}/claim/${await accounts.invite(subject)}`,
    });
    return [
      this.#route('GET', '/admin/accounts', async () => {
        const all = [];
        for await (const each of accounts.all()) all.push(described(each));
        return { accounts: all };
      }),
      this.#route('POST', '/admin/accounts', async (exchange) => {
        const wanted = parsed(newAccount, await exchange.json());
        const { subject } = (await accounts.create(wanted.holder, wanted.username)).holder;
        return { subject, ...(await invitation(subject)) };
      }),
      this.#route('POST', '/admin/accounts/:subject/invitation', async (_exchange, { subject = '' }) => {
        if (!(await accounts.find(subject)))
          throw new AccountRefusal('ACCOUNT_NOT_FOUND', `There is no account of ${subject}.`);
        return invitation(subject);
      }),
      this.#route('PATCH', '/admin/accounts/:subject', async (exchange, { subject = '' }) => {
        const { disabled, forgetSecondFactor } = parsed(changedAccount, await exchange.json());
        const changed = await accounts.change(subject, ({ totp, ...now }) => ({
          ...now,
          ...(forgetSecondFactor ? { passkeys: [], recoveryCodes: [] } : { totp }),
          ...(disabled !== undefined && { disabled }),
        }));
        return described(changed);
      }),
      this.#route('GET', '/admin/clients', async () => {
        const all = [];
        for await (const { description } of clients.all()) all.push(description);
        return { clients: all };
      }),
      this.#route('POST', '/admin/clients', async (exchange) => {
        const { description, secret } = await clients.create(
          parsed(clientDescription, await exchange.json()),
        );
        return { ...description, ...(secret !== undefined && { secret }) };
      }),
      this.#route('PUT', '/admin/clients/:id', async (exchange, { id = '' }) => {
        const wanted = parsed(clientDescription, await exchange.json());
        if (wanted.id !== id) throw new AccountRefusal('BAD_REQUEST', 'id: must be that of the address');
        const { description, secret } = await clients.replace(wanted);
        return { ...description, ...(secret !== undefined && { secret }) };
      }),
      this.#route('DELETE', '/admin/clients/:id', (_exchange, { id = '' }) => clients.remove(id)),
      this.#route('POST', '/admin/keys/rotation', () => rotateKeys()),
    ];
  }

  #route(
    method: Route['method'],
    path: string,
    handle: (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<unknown>,
  ): Route {
    return {
      method,
      path,
      handle: async (exchange, parameters) => {
        try {
          this.#requireAdministrator(exchange);
          exchange.answer(200, (await handle(exchange, parameters)) ?? {});
          this.#parts.log.info('administration', { method, path, ...parameters });
        } catch (error) {
          if (!(error instanceof AccountRefusal)) throw error;
          exchange.answer(statusOf[error.code], { code: error.code, message: error.message });
        }
      },
    };
  }

  #requireAdministrator({ request }: Exchange): void {
    const given = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    // All of them are compared, so that the time says nothing of which was close.
    const fits = this.#parts.secrets.map((secret) => timingSafeEqual(digest(given), digest(secret)));
    if (!fits.includes(true))
      throw new AccountRefusal('UNAUTHENTICATED', 'The administration needs its bearer secret.');
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AccountRefusal('BAD_REQUEST', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** An account without its secrets. */
const described = (account: Account): Record<string, unknown> => ({
  ...account.holder,
  username: account.username,
  claimed: account.password !== undefined,
  secondFactor: hasSecondFactor(account),
  disabled: account.disabled,
  createdAt: account.createdAt,
});
