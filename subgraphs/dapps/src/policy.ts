/**
 * Who may see what of the registry. What runs, or ran, is everybody's to see. A version that does not run yet, or was refused, is its
 * publisher's organisation's, and the operators' and regulators' who review it. An installation is its holder's. Every way in (query,
 * list, reference from another subgraph, subscription, package) asks here.
 */
import { type RequestContext } from '@medigraph/platform/graph';
import { type Role } from '@medigraph/schema';
import { type DAppBook } from './read-model.js';

/** Who reviews DApps for their organisation. */
export const reviewers: readonly Role[] = ['operator', 'regulator'];

/** Who may act for a publisher that stands in their institution's place. */
export const publishing: readonly Role[] = [
  'operator',
  'hospital',
  'practitioner',
  'insurer',
  'researcher',
  'regulator',
];

/** Versions that everybody may see. */
export const publicStatuses = ['active', 'superseded', 'revoked'] as const;

/** Who looks, as the registry sees it. */
export interface Onlooker {
  readonly reviews: boolean;
  /** Publishers of their organisation. */
  readonly publishers: readonly string[];
}

type RegistryContext = RequestContext & { readonly book: DAppBook };

export async function onlookerOf({ caller, book }: RegistryContext): Promise<Onlooker> {
  const { role, mspId } = caller;
  if (!publishing.includes(role)) return { reviews: false, publishers: [] };
  const own = await book.publishers.find({ mspId }).select('_id').lean<{ _id: string }[]>().exec();
  return { reviews: reviewers.includes(role), publishers: own.map(({ _id }) => _id) };
}

/** Query for the versions that someone may see. */
export function visibleReleases({ reviews, publishers }: Onlooker): object {
  if (reviews) return {};
  return { $or: [{ status: { $in: publicStatuses } }, { publisher: { $in: publishers } }] };
}

/** Query for the DApps that someone may see. */
export function visibleDApps({ reviews, publishers }: Onlooker): object {
  if (reviews) return {};
  return { $or: [{ status: { $ne: 'submitted' } }, { publisher: { $in: publishers } }] };
}

/** Query for the versions whose package someone may have. */
export function visiblePackages({ reviews, publishers }: Onlooker): object {
  if (reviews) return {};
  return { $or: [{ status: { $in: ['active', 'superseded'] } }, { publisher: { $in: publishers } }] };
}

/** Query for the installations that someone may see: their own, and to the back end of a DApp those of it; undefined if there can be none. */
export async function visibleInstallations(context: RegistryContext): Promise<object | undefined> {
  const { dapp } = await context.viewer();
  if (dapp !== undefined) return { dapp: dapp.id };
  const holders = await holdersOf(context);
  return holders.length === 0 ? undefined : { holder: { $in: holders } };
}

/** In whose name the caller installs: their own, their institution's, or as an operator those of the organisation. */
async function holdersOf(context: RegistryContext): Promise<string[]> {
  const { role, patient, institution } = await context.viewerOf('Consent');
  if (patient !== undefined) return [patient];
  if (role !== 'operator' || !context.scopes.allows('Consent', 'read'))
    return institution === undefined ? [] : [institution];
  const { mspId } = context.caller;
  const own = await context.relations.institutions.find({ mspId }).lean<{ _id: string }[]>().exec();
  return own.map(({ _id }) => _id);
}
