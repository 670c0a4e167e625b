import { type claims } from '@medigraph/schema';
import { type ClaimsContext } from './claims-context.js';

type Line = Pick<claims.ClaimItem, 'sequence' | 'duplicateKeyHash'>;
type Lines = Pick<claims.Claim, 'id' | 'use'> & { readonly items: readonly Line[] };

/** A preauthorisation and the claim that follows it are no duplicates: lines are compared within one use. */
const keyOf = (use: string, hash: string) => `${use}/${hash}`;

/**
 * The register of live lines: of equal lines within one use, the oldest is the original and the others are flagged.
 * Lines of cancelled and rejected claims are taken out, so that a corrected claim is not held against its first version.
 */
export class DuplicateLines {
  readonly #ctx: ClaimsContext;
  readonly #live = new Map<string, string[]>();

  private constructor(ctx: ClaimsContext) {
    this.#ctx = ctx;
  }

  /** Reads what the register says of the claims' lines. */
  static async of(ctx: ClaimsContext, claimed: readonly Lines[]): Promise<DuplicateLines> {
    const register = new DuplicateLines(ctx);
    const keys = new Map(
      claimed.flatMap(({ use, items }) =>
        items.map(({ duplicateKeyHash: hash }) => [keyOf(use, hash), [use, hash]] as const),
      ),
    );
    await Promise.all(
      [...keys].map(async ([key, [use, hash]]) =>
        register.#live.set(key, (await ctx.lines.get(use, hash)) ?? []),
      ),
    );
    return register;
  }

  /** Enters a line; answers the `claim/sequence` of the original if it is a duplicate. */
  enter({ id, use }: Pick<Lines, 'id' | 'use'>, line: Line): string | undefined {
    const key = keyOf(use, line.duplicateKeyHash);
    const live = this.#live.get(key) ?? [];
    this.#live.set(key, [...live, `${id}/${line.sequence}`]);
    return live[0];
  }

  /** Takes a claim's lines out. */
  remove({ id, use, items }: Lines): void {
    for (const { sequence, duplicateKeyHash } of items) {
      const key = keyOf(use, duplicateKeyHash);
      const live = this.#live.get(key) ?? [];
      this.#live.set(
        key,
        live.filter((line) => line !== `${id}/${sequence}`),
      );
    }
  }

  /** Writes the register back. */
  async save(): Promise<void> {
    await Promise.all(
      [...this.#live].map(([key, live]) => {
        const [use = '', hash = ''] = key.split('/');
        return live.length > 0 ? this.#ctx.lines.put(live, use, hash) : this.#ctx.lines.delete(use, hash);
      }),
    );
  }
}
