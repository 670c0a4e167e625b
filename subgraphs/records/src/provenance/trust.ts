import { type care, type ProvenanceAgentKind, type TrustLevel } from '@medigraph/schema';

const trustOfAgent: Readonly<Record<ProvenanceAgentKind, TrustLevel>> = {
  institution: 'high',
  practitioner: 'high',
  device: 'substantial',
  application: 'substantial',
  patient: 'low',
};

/**
 * How far an entry is to be trusted: what an institution vouches for most, what a certified device or program brought less, what
 * the person says least. It follows from who brought it and how it stands; nobody claims it.
 */
export function trustOf({
  class: entryClass,
  status,
  provenance,
}: Pick<care.Entry, 'class' | 'status' | 'provenance'>): TrustLevel {
  if (status === 'entered-in-error') return 'none';
  // An institution answers for what its programs write in its name.
  if (entryClass === 'clinical') return 'high';
  return provenance === undefined ? 'low' : trustOfAgent[provenance.agent.kind];
}
