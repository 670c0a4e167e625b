import { createHash, randomBytes } from 'node:crypto';
import { type SealedLevel } from '../store/sealed-level.js';
import { account as accountSchema, type Account, type AccountHolder } from './account.js';
import { AccountRefusal } from './refusals.js';

const invitationSeconds = 7 * 86_400;
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The accounts, by subject and by what their holders type. */
export class AccountStore {
  readonly #store: SealedLevel;

  constructor(store: SealedLevel) {
    this.#store = store;
  }

  async find(subject: string): Promise<Account | undefined> {
    const found = await this.#store.get(['account', subject]);
    return found === undefined ? undefined : accountSchema.parse(found);
  }

  async findByUsername(username: string): Promise<Account | undefined> {
    const subject = await this.#store.get(['username', username]);
    return typeof subject === 'string' ? this.find(subject) : undefined;
  }

  /** The account that a passkey signs in to. */
  async findByPasskey(id: string): Promise<Account | undefined> {
    const subject = await this.#store.get(['passkey', id]);
    return typeof subject === 'string' ? this.find(subject) : undefined;
  }

  async *all(): AsyncGenerator<Account> {
    for await (const found of this.#store.list(['account'])) yield accountSchema.parse(found);
  }

  /** @throws {@link AccountRefusal} `ACCOUNT_EXISTS`, `USERNAME_TAKEN`. */
  create(holder: AccountHolder, username?: string): Promise<Account> {
    return this.#store.exclusively(async () => {
      if (await this.find(holder.subject))
        throw new AccountRefusal('ACCOUNT_EXISTS', `There is an account of ${holder.subject} already.`);
      const created: Account = {
        holder,
        ...(username !== undefined && { username }),
        passkeys: [],
        recoveryCodes: [],
        disabled: false,
        createdAt: new Date().toISOString(),
      };
      await this.#requireFree(created);
      await this.#store.write(
        ...(username === undefined ? [] : [{ path: ['username', username] as const, value: holder.subject }]),
        { path: ['account', holder.subject], value: created },
      );
      return created;
    });
  }

  /**
   * Changes an account; `change` sees it as it is at that moment, and answers it as it is to be.
   * @throws {@link AccountRefusal} `ACCOUNT_NOT_FOUND`, `USERNAME_TAKEN`.
   */
  change(subject: string, change: (account: Account) => Account): Promise<Account> {
    return this.#store.exclusively(async () => {
      const before = await this.find(subject);
      if (!before) throw new AccountRefusal('ACCOUNT_NOT_FOUND', `There is no account of ${subject}.`);
      const after = accountSchema.parse(change(before));
      await this.#requireFree(after);
      const names = (of: Account) => (of.username === undefined ? [] : [of.username]);
      const keys = (of: Account) => of.passkeys.map(({ id }) => id);
      await this.#store.write(
        ...names(before).map((name) => ({ path: ['username', name] as const })),
        ...keys(before).map((id) => ({ path: ['passkey', id] as const })),
        ...names(after).map((name) => ({ path: ['username', name] as const, value: subject })),
        ...keys(after).map((id) => ({ path: ['passkey', id] as const, value: subject })),
        { path: ['account', subject], value: after },
      );
      return after;
    });
  }

  /** A code with which the holder claims the account, once, within a week; what was asked for before it is void. */
  async invite(subject: string): Promise<string> {
    const code = randomBytes(24).toString('base64url');
    await this.#store.exclusively(async () => {
      const before = await this.#store.get(['invited', subject]);
      await this.#store.write(
        ...(typeof before === 'string' ? [{ path: ['invitation', before] as const }] : []),
        { path: ['invitation', digest(code)], value: subject, lifetime: invitationSeconds },
        { path: ['invited', subject], value: digest(code), lifetime: invitationSeconds },
      );
    });
    return code;
  }

  /** The account that an invitation is for; undefined if it is unknown, used or run out. */
  async invited(code: string): Promise<Account | undefined> {
    const subject = await this.#store.get(['invitation', digest(code)]);
    return typeof subject === 'string' ? this.find(subject) : undefined;
  }

  /** Ends an invitation; false if somebody was faster. */
  useInvitation(code: string): Promise<boolean> {
    return this.#store.exclusively(async () => {
      const subject = await this.#store.get(['invitation', digest(code)]);
      if (typeof subject !== 'string') return false;
      await this.#store.write({ path: ['invitation', digest(code)] }, { path: ['invited', subject] });
      return true;
    });
  }

  async #requireFree({ username, holder }: Account): Promise<void> {
    if (username === undefined) return;
    const taken = await this.#store.get(['username', username]);
    if (taken !== undefined && taken !== holder.subject)
      throw new AccountRefusal('USERNAME_TAKEN', `${username} is taken.`);
  }
}
