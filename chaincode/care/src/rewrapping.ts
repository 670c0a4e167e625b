import { type care } from '@medigraph/schema';
import { demandDistinct } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { type CareContext } from './care-context.js';
import { entryNotFound } from './entry-reader.js';

type Asked = z.output<typeof care.rewrapKeys>;

/**
 * Puts the same keys, wrapped for another key of their owner, in place of those that are there.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND` where the caller has no key.
 */
export async function rewrapKeys(ctx: CareContext, { institution, keys }: Asked): Promise<number> {
  const owner =
    institution === undefined
      ? (await ctx.callingPatient()).address
      : (await ctx.institutionOfCaller(institution)).id;
  demandDistinct(
    keys.map(({ patient, entry, consent = '' }) => `${patient}/${entry}/${consent}`),
    (index) => `keys.${index}`,
  );
  await Promise.all(keys.map((key) => rewrapKey(ctx, owner, key)));
  return keys.length;
}

async function rewrapKey(
  ctx: CareContext,
  owner: string,
  { patient, entry, consent, key }: Asked['keys'][number],
): Promise<void> {
  if (consent === undefined) {
    const own = await ctx.ownKeys.get(patient, entry);
    if (own?.[owner] === undefined) throw entryNotFound(entry);
    await ctx.ownKeys.put({ ...own, [owner]: key }, patient, entry);
    return;
  }
  const [held, granted] = await Promise.all([
    ctx.keyHolders.get(patient, entry, owner, consent),
    ctx.grantedKeys.get(consent, entry),
  ]);
  if (held === undefined || granted === undefined) throw entryNotFound(entry);
  await ctx.grantedKeys.put(key, consent, entry);
}
