/**
 * Who may see which entry, and who may write. The patient sees all of their own; an institution those it holds; it and
 * other persons those authorised ones that a consent in force covers and no standing refusal takes away. Every way in (query, list, reference from another subgraph,
 * subscription) asks here; what an entry says is decided by the ledger itself when it is opened.
 */
import { letsRead, openedBy, type RequestContext } from '@medigraph/platform/graph';
import { type care, type PurposeOfUse, type Role, type SmartInteraction } from '@medigraph/schema';
import { type RecordsContext } from './context.js';

/** Who acts for an institution that holds records. */
export const recordKeepers: readonly Role[] = ['hospital', 'practitioner', 'researcher'];

/** Statuses in which a grantee may know of an entry. */
export const readable = ['final', 'amended'];

/**
 * Query for the entries of a patient that the caller may see at that instant; undefined if there can be none.
 * @param interaction - what the scopes of the token must open: reading one, or looking through them
 */
export async function visibleEntries(
  context: RequestContext,
  patient: string,
  now: string,
  interaction: SmartInteraction = 'read',
): Promise<object | undefined> {
  const visible = await entriesWithin(context, patient, now);
  const types = context.scopes.typesFor(interaction);
  if (visible === undefined || types === undefined) return visible;
  return { $and: [visible, { resourceType: { $in: [...types] } }] };
}

/** {@link visibleEntries}, whatever the scopes of the token. */
async function entriesWithin(
  context: RequestContext,
  patient: string,
  now: string,
): Promise<object | undefined> {
  const viewer = await context.viewer();
  if (viewer.patient === patient) return { patient };
  const relationship = await context.relationshipWith(patient);
  const opened = openedBy(relationship?.consents ?? [], now, viewer.acting);
  const settled = openedBy((relationship?.consents ?? []).filter(letsAuthorize), now, viewer.acting);
  const granted = eitherOf(
    opened && { $and: [{ status: { $in: readable } }, opened] },
    settled && { $and: [{ status: 'preliminary' }, settled] },
  );
  if (viewer.institution === undefined) return granted && { patient, ...granted };
  return { patient, $or: [{ institution: viewer.institution }, ...(granted ? [granted] : [])] };
}

/** Does it let a person authorise entries in the patient's name? They see what waits for that. */
const letsAuthorize = ({ decision, delegation }: care.Consent): boolean =>
  decision === 'deny' || delegation?.acts.includes('authorize') === true;

function eitherOf(...filters: readonly (object | undefined)[]): object | undefined {
  const $or = filters.filter((one) => one !== undefined);
  return $or.length === 0 ? undefined : { $or };
}

/**
 * Whether the caller has anything to see of a patient's entries, or will have without being granted it anew: their own,
 * those held, those that the patient lets them store, those that a consent in force covers.
 */
export async function accessStands(context: RecordsContext, patient: string, now: string): Promise<boolean> {
  const { patient: person, institution, acting } = await context.viewer();
  if (person === patient) return true;
  const relationship = await context.relationshipWith(patient);
  if (relationship?.storage === true) return true;
  if (relationship?.consents.some((consent) => letsRead(consent, now, acting))) return true;
  if (institution === undefined) return false;
  return (await context.index.entries.exists({ patient, institution })) !== null;
}

/**
 * When {@link accessStands} ends by time alone: as the last consent in force runs out. Undefined if it does not, as for the
 * patient, whoever may store and whoever holds an entry.
 */
export async function accessEndsAt(
  context: RecordsContext,
  patient: string,
  now: string,
): Promise<number | undefined> {
  const { patient: person, institution, acting } = await context.viewer();
  if (person === patient) return undefined;
  const relationship = await context.relationshipWith(patient);
  if (relationship?.storage === true) return undefined;
  if (institution !== undefined && (await context.index.entries.exists({ patient, institution })))
    return undefined;
  // Whether they have run out is what is asked here.
  const granted = (relationship?.consents ?? []).filter((consent) =>
    letsRead({ ...consent, period: {} }, now, acting),
  );
  // Who has nothing waits for what may come.
  if (granted.length === 0 || granted.some(({ period }) => period.end === undefined)) return undefined;
  return Math.max(...granted.map(({ period }) => Date.parse(period.end ?? now)));
}

const usualPurpose: Readonly<Record<Role, PurposeOfUse>> = {
  patient: 'PATRQT',
  practitioner: 'TREAT',
  hospital: 'TREAT',
  insurer: 'COVAUTH',
  researcher: 'HRESCH',
  regulator: 'PUBHLTH',
  operator: 'TREAT',
  contributor: 'TREAT',
  dapp: 'TREAT',
};

/** For what a caller of that role opens entries, if they do not say. */
export function purposeOf(role: Role): PurposeOfUse {
  return usualPurpose[role];
}
