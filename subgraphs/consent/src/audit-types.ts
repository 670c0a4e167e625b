/** The graph's type of what is on the audit trail. */
import { connectionOf, purposeOfUseEnum, TransactionType } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type PurposeOfUse } from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { type AuditAction } from './audit-trail.js';
import { ConsentActor, Institution, OpenedEntry, Patient } from './types.js';

const auditActionEnum: Readonly<Record<AuditAction, AuditAction>> = {
  C: 'C',
  R: 'R',
  U: 'U',
  D: 'D',
  E: 'E',
};
registerEnumType(auditActionEnum, {
  name: 'AuditEventAction',
  description: 'FHIR AuditEvent.action: create, read, update, delete, execute.',
});

@ObjectType('AuditEvent', {
  description: 'FHIR AuditEvent: who did what about a patient’s records, when and why.',
})
export class AuditEvent {
  @Field(() => ID, { description: 'Id of the event.' })
  id!: string;

  @Field(() => String, { description: 'Name of the ledger event (FHIR AuditEvent.subtype).' })
  event!: string;

  @Field(() => auditActionEnum, { description: 'What was done.' })
  action!: AuditAction;

  @Field(() => dateTimeScalar, { description: 'When.' })
  recorded!: string;

  @Field(() => Patient, { description: 'Whose records.' })
  patient!: Patient;

  @Field(() => Institution, { nullable: true, description: 'Institution that did it; null if a person did.' })
  institution?: Institution;

  @Field(() => ConsentActor, {
    nullable: true,
    description: 'Who of the institution, if the certificate said.',
  })
  by?: ConsentActor;

  @Field(() => Patient, { nullable: true, description: 'Person who did it, the patient or on their behalf.' })
  person?: Patient;

  @Field(() => String, {
    nullable: true,
    description: 'Organisation (MSP id) that did it as such: the one that enrolled the patient.',
  })
  organization?: string;

  @Field(() => [purposeOfUseEnum], { description: 'For what (FHIR AuditEvent.purposeOfEvent).' })
  purposeOfEvent!: PurposeOfUse[];

  @Field(() => [OpenedEntry], {
    description: 'The entries that it is about, each with the consent that allowed it.',
  })
  entries!: OpenedEntry[];

  @Field(() => ID, { nullable: true, description: 'The consent or emergency access that it is about.' })
  consent?: string;

  @Field(() => String, { nullable: true, description: 'Why, as whoever did it said.' })
  reason?: string;

  @Field(() => TransactionType, { description: 'The transaction, and where it stands.' })
  transaction!: TransactionReference;
}

export const AuditEventConnection = connectionOf(AuditEvent, 'AuditEvent');
