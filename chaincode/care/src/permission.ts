import { type care } from '@medigraph/schema';
import { type z } from 'zod';
import { speaksFor } from './acting.js';
import { type CareContext } from './care-context.js';
import { admits, isForReading } from './consent-rules.js';
import { isInForce } from './entry-reader.js';

type Question = z.infer<typeof care.permits>;

/** May whoever asks know the answer, whatever it is? */
async function mayAsk(ctx: CareContext, { patient, grantee, actor }: Question): Promise<boolean> {
  const dapp = ctx.callingDApp;
  // Who calls a DApp did not ask this: the DApp did, and it may know of itself alone.
  if (dapp !== undefined) return actor?.kind === 'application' && actor.id === dapp;
  if (await speaksFor(ctx, patient)) return true;
  return grantee !== undefined && (await ctx.institutionsOfCaller([grantee])).has(grantee);
}

/** Is a consent about the purpose and the actor that were asked for, whichever way it decides? */
function isAbout({ provision }: care.Consent, { purpose, actor }: Question): boolean {
  return provision.purpose.includes(purpose) && admits(provision, actor) && isForReading(provision);
}

/** Does it open the category, or all of them? */
function opens({ provision }: care.Consent, { category }: Question): boolean {
  return !provision.category || (category !== undefined && provision.category.includes(category));
}

/** Does a refusal shut the category, or any of them? One of single entries or of a time span leaves the others open. */
function shuts({ provision }: care.Consent, { category }: Question): boolean {
  const { category: shut, data, dataPeriod } = provision;
  return !data && !dataPeriod && (!shut || category === undefined || shut.includes(category));
}

/** What the ledger's consents answer: a standing refusal goes before every permission of the same grantee. */
export async function permissionFor(ctx: CareContext, asked: Question): Promise<care.Permission> {
  const denied: care.Permission = { permitted: false };
  if (!(await mayAsk(ctx, asked))) return denied;
  if ((await ctx.patients.get(asked.patient))?.status !== 'active') return denied;
  const consents = await ctx.consents.all(...parties(asked));
  const about = consents.filter((one) => isAbout(one, asked));
  const refusals = about.filter(
    (one) =>
      one.status === 'active' && one.decision === 'deny' && ctx.within(one.period) && shuts(one, asked),
  );
  const refused = new Set(refusals.map(({ grantee }) => grantee));
  const permitting = about
    .filter(isInForce(ctx))
    .find((one) => opens(one, asked) && !refused.has(one.grantee));
  return permitting ? { permitted: true, consent: permitting.id } : denied;
}

const parties = ({ patient, grantee }: Question): string[] =>
  grantee === undefined ? [patient] : [patient, grantee];
