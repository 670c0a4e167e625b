import { type care } from '@medigraph/schema';

/**
 * What makes a consent findable beside its grantee: that it waits for the patient, that it refuses instead of permitting,
 * or that its grantee discloses keys in an emergency. There are few of each, however many consents there are.
 */
export type ConsentMark = 'pending' | 'refusing' | 'disclosing';

/** The mark that a consent bears as it stands. */
export function markOf({ status, decision, provision }: care.Consent): ConsentMark | undefined {
  if (status === 'draft') return 'pending';
  if (status !== 'active') return undefined;
  if (decision === 'deny') return 'refusing';
  return provision.action === 'disclose' ? 'disclosing' : undefined;
}
