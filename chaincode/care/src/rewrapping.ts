/** What a change of an encryption key asks of the keys that are wrapped for its owner. */
import { type care } from '@medigraph/schema';
import { demandDistinct, type StatePage } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { type CareContext } from './care-context.js';
import { entryNotFound } from './entry-reader.js';

type Asked = z.output<typeof care.rewrapKeys>;

/** The calling person, or the institution that they say they act for. */
async function ownerOf(ctx: CareContext, institution: string | undefined): Promise<string> {
  if (institution === undefined) return (await ctx.callingPatient()).address;
  return (await ctx.institutionOfCaller(institution)).id;
}

/** The keys of a page of entries that are wrapped for whoever asks, whichever way they came to them. */
export async function keysInPlace(
  ctx: CareContext,
  { patient, institution, pageSize, bookmark }: z.output<typeof care.keysOf>,
): Promise<StatePage<care.KeyInPlace>> {
  const owner = await ownerOf(ctx, institution);
  const page = await ctx.entries.page([patient], pageSize, bookmark);
  const items = await Promise.all(page.items.map(({ id }) => keysOfEntry(ctx, owner, patient, id)));
  return { ...page, items: items.flat() };
}

async function keysOfEntry(
  ctx: CareContext,
  owner: string,
  patient: string,
  entry: string,
): Promise<care.KeyInPlace[]> {
  const [own, consents] = await Promise.all([
    ctx.ownKeys.get(patient, entry),
    ctx.keyHolders.all(patient, entry, owner),
  ]);
  const granted = await Promise.all(consents.map((consent) => ctx.grantedKeys.get(consent, entry)));
  const key = own?.[owner];
  return [
    ...(key === undefined ? [] : [{ entry, key }]),
    ...consents.flatMap((consent, index) => {
      const wrapped = granted[index];
      return wrapped === undefined ? [] : [{ entry, consent, key: wrapped }];
    }),
  ];
}

/**
 * Puts the same keys, wrapped for another key of their owner, in place of those that are there.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND` where the caller has no key.
 */
export async function rewrapKeys(
  ctx: CareContext,
  { institution, keys, left }: Asked,
): Promise<care.Rewrapped> {
  const owner = await ownerOf(ctx, institution);
  demandDistinct(
    keys.map(({ patient, entry, consent = '' }) => `${patient}/${entry}/${consent}`),
    (index) => `keys.${index}`,
  );
  await Promise.all(keys.map((key) => rewrapKey(ctx, owner, key)));
  return { owner, keys: keys.length, ...(left !== undefined && { left }) };
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
