/** From events of the ledger to what the audit trail says of them: who did what about a patient, when, and why. */
import { type KnownEvent, type ReadModelDocument } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care, primitives, type PurposeOfUse } from '@medigraph/schema';

/** FHIR AuditEvent.action. */
export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E';

export interface AuditDocument extends ReadModelDocument {
  readonly event: string;
  readonly action: AuditAction;
  readonly recorded: string;
  readonly patient: string;
  /** Institution id, a person's address, or the MSP id of an organisation that acted as such. */
  readonly agent: string;
  readonly by?: care.ConsentActor;
  readonly purpose: readonly PurposeOfUse[];
  readonly entries: readonly { readonly entry: string; readonly consent?: string }[];
  readonly consent?: string;
  readonly reason?: string;
  readonly transaction: TransactionReference;
}

/** Events of which the audit trail tells, and what each of them did. */
export const auditActions = {
  ConsentRequested: 'C',
  ConsentGranted: 'U',
  ConsentDenied: 'U',
  ConsentRevoked: 'D',
  EntryOpened: 'R',
  GlassBroken: 'E',
  KeysDisclosed: 'E',
  GlassReviewed: 'U',
} as const satisfies Record<string, AuditAction>;
type AuditedEvent = KnownEvent<keyof typeof auditActions>;

type Particulars = Pick<
  AuditDocument,
  'agent' | 'by' | 'purpose' | 'entries' | 'consent' | 'reason' | 'recorded'
>;

/** What the trail says of an event. */
export function auditOf(event: AuditedEvent): AuditDocument {
  const { type, item, position, transaction } = event;
  return {
    _id: `${transaction.id}.${position.index}`,
    event: type,
    action: auditActions[type],
    patient: item.patient,
    transaction,
    ...particularsOf(event),
  };
}

function particularsOf(event: AuditedEvent): Particulars {
  const { timestamp: recorded } = event;
  switch (event.type) {
    case 'EntryOpened': {
      const { actor: agent, by, purpose, entries } = event.item;
      return { agent, by, purpose: [purpose], entries, recorded };
    }
    case 'GlassBroken': {
      const { id: consent, institution: agent, by, purpose, reason } = event.item;
      return { agent, by, purpose: [purpose], entries: [], consent, reason, recorded };
    }
    case 'KeysDisclosed': {
      const { emergency: consent, custodian: agent, entries } = event.item;
      return { agent, purpose: [], entries: entries.map((entry) => ({ entry })), consent, recorded };
    }
    case 'GlassReviewed': {
      const { id: consent, purpose, review, institution } = event.item;
      const { by, comment: reason, reviewer: agent = institution } = review ?? {};
      return { agent, by, purpose: [purpose], entries: [], consent, reason, recorded };
    }
    default:
      return { ...ofConsent(event.type, event.item), recorded };
  }
}

function ofConsent(
  type: 'ConsentRequested' | 'ConsentGranted' | 'ConsentDenied' | 'ConsentRevoked',
  { id: consent, patient, grantor = patient, grantee, provision, reason }: care.Consent,
): Omit<Particulars, 'recorded'> {
  const agent = type === 'ConsentRequested' ? grantee : grantor;
  return { agent, purpose: provision.purpose, entries: [], consent, reason };
}

/** Is an agent a person, by the shape of their name? No institution may look like one. */
export const isPerson = (agent: string): boolean => primitives.chainAddress.safeParse(agent).success;
