/** What a change of an encryption key asks of the keys of claims that are wrapped for its owner. */
import { type claims } from '@medigraph/schema';
import { ContractError, demand, demandDistinct } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { type ClaimsContext } from './claims-context.js';

type Rewrapped = claims.ClaimsEvents['KeysRewrapped'];

/**
 * The party that the caller is: themself, or an institution that is their organisation's on this channel.
 * @throws {@link ContractError} `CALLER_FORBIDDEN`.
 */
async function callingParty(ctx: ClaimsContext, institution: string | undefined): Promise<string> {
  if (institution === undefined) {
    const patient = await ctx.addressOfPatient();
    if (patient === undefined)
      throw new ContractError('CALLER_FORBIDDEN', 'only a registered patient or an institution has keys');
    return patient;
  }
  const { mspId, isPerson } = ctx.caller;
  const party = await ctx.parties.get(institution);
  demand(
    !isPerson && party?.mspId === mspId,
    'CALLER_FORBIDDEN',
    `you do not act for institution ${institution} on this channel`,
  );
  return institution;
}

/** Of these claims, the keys that are wrapped for the caller. */
export async function keysOfClaims(
  ctx: ClaimsContext,
  { institution, claims: ids }: z.output<typeof claims.keysOfClaims>,
): Promise<claims.KeyOfClaim[]> {
  const owner = await callingParty(ctx, institution);
  const keys = await Promise.all(ids.map((id) => ctx.keys.get(id)));
  return ids.flatMap((claim, index) => {
    const key = keys[index]?.[owner];
    return key === undefined ? [] : [{ claim, key }];
  });
}

/**
 * Puts the same keys, wrapped for another key of their owner, in place of those that are there.
 * @throws {@link ContractError} `CLAIM_NOT_FOUND` where the caller has no key.
 */
export async function rewrapClaimKeys(
  ctx: ClaimsContext,
  { institution, keys, left }: z.output<typeof claims.rewrapClaimKeys>,
): Promise<Rewrapped> {
  const owner = await callingParty(ctx, institution);
  demandDistinct(
    keys.map(({ claim }) => claim),
    (index) => `keys.${index}.claim`,
  );
  await Promise.all(
    keys.map(async ({ claim, key }) => {
      const known = await ctx.keys.get(claim);
      if (known?.[owner] === undefined)
        throw new ContractError('CLAIM_NOT_FOUND', `there is no claim ${claim} of yours`);
      await ctx.keys.put({ ...known, [owner]: key }, claim);
    }),
  );
  return { owner, keys: keys.length, ...(left !== undefined && { left }) };
}
