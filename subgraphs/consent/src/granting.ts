/** A grant of what was asked. */
import { isDeepStrictEqual } from 'node:util';
import { addKeys, behalfOf, type Decider, keysOf, withKeys } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { type z } from 'zod';
import { type ConsentContext } from './context.js';
import { ConsentStateInvalid } from './errors.js';

/** What the patient takes away from a request. */
export type Narrowed = NonNullable<z.infer<typeof care.grantAccess>['narrowed']>;

type Reference = Committed<unknown>['transaction'];
/**
 * Grants what was asked, or less: the consent with as many keys as its transaction carries, the rest after it. A grant
 * that was cut off goes on where it is called again with the same terms.
 * @throws `CONSENT_NOT_FOUND`, `CONSENT_STATE_INVALID`, `CONSENT_NOT_NARROWER`.
 */
export async function grant(
  context: ConsentContext,
  decider: Decider,
  id: string,
  narrowed: Narrowed | undefined,
  idempotencyKey: string | undefined,
): Promise<Reference | undefined> {
  const asked = await context.evaluate<care.Consent>({
    contract: 'Access',
    transaction: 'ReadConsent',
    argument: { consent: id },
  });
  const terms: care.Consent = { ...asked, ...narrowed };
  const resumed = asked.status === 'active';
  if (resumed && !isDeepStrictEqual(terms, asked))
    throw new ConsentStateInvalid(`Consent ${id} is granted on other terms; revoke it first.`);
  const keys = await keysOf(context, decider, terms);
  if (resumed) {
    await addKeys(context, keys, decider.onBehalfOf);
    return undefined;
  }
  return withKeys(context, decider, terms, keys, async (first) => {
    const { transaction } = await context.commit(
      {
        contract: 'Access',
        transaction: 'Grant',
        argument: { ...behalfOf(decider), consent: id, ...(narrowed && { narrowed }), keys: first },
      },
      { idempotencyKey },
    );
    return transaction;
  });
}
