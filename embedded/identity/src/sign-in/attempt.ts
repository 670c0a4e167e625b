import { z } from 'zod';
import { type SealedLevel } from '../store/sealed-level.js';

/** How far somebody has come in signing in for one authorisation request. */
const attempt = z.strictObject({
  /** Whose account, once something of it was proved. */
  subject: z.string().optional(),
  methods: z.array(z.enum(['pwd', 'otp', 'hwk', 'swk', 'user'])),
  /** That a passkey is to sign next; good once. */
  challenge: z.string().optional(),
  /** Somebody said that the one who signed in here before is not them. */
  restarted: z.boolean().optional(),
  /** Of an authenticator app that is being set up. */
  totpSecret: z.string().optional(),
});
export type Attempt = z.infer<typeof attempt>;

const lifetime = 3600;
const nothing: Attempt = { methods: [] };

/** The attempts that are under way, by the id of their interaction. */
export class Attempts {
  readonly #store: SealedLevel;

  constructor(store: SealedLevel) {
    this.#store = store;
  }

  async read(interaction: string): Promise<Attempt> {
    const found = await this.#store.get(['attempt', interaction]);
    return found === undefined ? nothing : attempt.parse(found);
  }

  async write(interaction: string, value: Attempt): Promise<void> {
    await this.#store.write({ path: ['attempt', interaction], value, lifetime });
  }

  /** Takes the challenge, which is thereby used up. */
  takeChallenge(interaction: string): Promise<string | undefined> {
    return this.#store.exclusively(async () => {
      const { challenge, ...rest } = await this.read(interaction);
      await this.write(interaction, rest);
      return challenge;
    });
  }

  async end(interaction: string): Promise<void> {
    await this.#store.write({ path: ['attempt', interaction] });
  }
}
