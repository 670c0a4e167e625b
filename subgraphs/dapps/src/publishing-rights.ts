/** Who may act for a publisher, as far as the platform asks before the peers do. */
import { Forbidden } from '@medigraph/platform/graph';
import { type DAppsContext } from './context.js';
import { DAppNotFound, PublisherImpersonated } from './errors.js';
import { publishing } from './policy.js';
import { type DAppDocument } from './read-model.js';

/**
 * Everyone of an organisation signs as one, so which institution of it someone acts for is asked here; which organisation, by peers.
 * @throws `FORBIDDEN`
 */
export async function requireMember(context: DAppsContext, institution: string): Promise<void> {
  context.requireRole(...publishing);
  if (context.caller.role === 'operator') return;
  if ((await context.requireInstitution(...publishing)) !== institution)
    throw new Forbidden(`You do not act for institution ${institution.slice(0, 128)}.`);
}

/** @throws `FORBIDDEN`, `PUBLISHER_IMPERSONATED` */
export async function requirePublisher(context: DAppsContext, id: string): Promise<void> {
  context.requireRole(...publishing);
  const publisher = await context.loaders.publishers.load(id);
  // Of one that the read model does not know yet, peers say whose it is.
  if (publisher === undefined) return;
  if (publisher.mspId !== context.caller.mspId) throw new PublisherImpersonated(publisher._id);
  await requireMember(context, publisher.institution);
}

export async function requirePublisherOf(context: DAppsContext, dapp: string): Promise<void> {
  context.requireRole(...publishing);
  const found = await context.loaders.dapps.load(dapp);
  if (found) await requirePublisher(context, found.publisher);
}

/** Whether the caller acts for the publisher of a DApp. */
export async function publishes(context: DAppsContext, dapp: string): Promise<boolean> {
  const { role, mspId } = context.caller;
  if (!publishing.includes(role)) return false;
  const found = await context.loaders.dapps.load(dapp);
  const publisher = found && (await context.loaders.publishers.load(found.publisher));
  if (publisher?.mspId !== mspId) return false;
  return role === 'operator' || (await context.viewer()).institution === publisher.institution;
}

/**
 * A DApp whose publisher the caller acts for, where no peer is asked that would say so.
 * @throws `FORBIDDEN`, `DAPP_NOT_FOUND`, `PUBLISHER_IMPERSONATED`
 */
export async function requireOwnDApp(context: DAppsContext, dapp: string): Promise<DAppDocument> {
  context.requireRole(...publishing);
  const found = await context.loaders.dapps.load(dapp);
  if (!found) throw new DAppNotFound(dapp);
  if (!(await publishes(context, dapp))) throw new PublisherImpersonated(found.publisher);
  return found;
}

/** Whether the caller may know how a DApp runs: its publisher, and whoever reviews it. */
export async function seesOperation(context: DAppsContext, dapp: string): Promise<boolean> {
  return (await context.onlooker()).reviews || (await publishes(context, dapp));
}
