/** GraphQL enums over the platform's vocabulary: a code `care-plan` is `CARE_PLAN` in the graph and itself inside. */
import {
  adjudicationCategories,
  claimOutcomes,
  claimStates,
  claimUses,
  consentActions,
  consentActorKinds,
  consentDecisions,
  consentStatuses,
  delegatedActs,
  emergencyOutcomes,
  entryCategories,
  entryClasses,
  entryStatuses,
  institutionKinds,
  personalRelationships,
  purposesOfUse,
  resourceTypes,
} from '@medigraph/schema';
import { registerEnumType } from 'type-graphql';

function enumerationOf<Code extends string>(
  name: string,
  description: string,
  codes: readonly Code[],
): Readonly<Record<string, Code>> {
  const values = Object.fromEntries(codes.map((code) => [code.toUpperCase().replaceAll('-', '_'), code]));
  registerEnumType(values, { name, description });
  return values;
}

export const purposeOfUseEnum = enumerationOf(
  'PurposeOfUse',
  'Why data is used: HL7 v3 PurposeOfUse.',
  purposesOfUse,
);
export const entryClassEnum = enumerationOf(
  'EntryClass',
  'Who vouches for an entry: an institution (CLINICAL) or the person (PERSONAL).',
  entryClasses,
);
/** Their names are FHIR's own, as they stand in resources. */
export const resourceTypeEnum = Object.fromEntries(resourceTypes.map((type) => [type, type]));
registerEnumType(resourceTypeEnum, { name: 'ResourceType', description: 'FHIR R4 resource types.' });
export const entryCategoryEnum = enumerationOf(
  'EntryCategory',
  'What kind of record an entry is.',
  entryCategories,
);
export const entryStatusEnum = enumerationOf(
  'EntryStatus',
  'FHIR R4 CompositionStatus: PRELIMINARY is proposed, FINAL authorised by the patient, ENTERED_IN_ERROR retracted.',
  entryStatuses,
);
export const consentStatusEnum = enumerationOf(
  'ConsentStatus',
  'FHIR R5 ConsentState: DRAFT is requested, ACTIVE granted, INACTIVE revoked, NOT_DONE denied.',
  consentStatuses,
);
export const consentDecisionEnum = enumerationOf(
  'ConsentDecision',
  'FHIR R5 ConsentProvisionType.',
  consentDecisions,
);
export const consentActionEnum = enumerationOf(
  'ConsentAction',
  'FHIR consentaction: ACCESS is to read, DISCLOSE to pass keys on in an emergency and to read nothing.',
  consentActions,
);
export const consentActorKindEnum = enumerationOf(
  'ConsentActorKind',
  'Whom of a grantee a consent names: someone who works there, or a program.',
  consentActorKinds,
);
export const personalRelationshipEnum = enumerationOf(
  'PersonalRelationship',
  'HL7 v3 RoleCode: parent, guardian, healthcare power of attorney, family member.',
  personalRelationships,
);
export const delegatedActEnum = enumerationOf(
  'DelegatedAct',
  'What is done in a patient’s name: to DECIDE about consents, to AUTHORIZE storage and entries.',
  delegatedActs,
);
export const emergencyOutcomeEnum = enumerationOf(
  'EmergencyOutcome',
  'What the review of an emergency access came to.',
  emergencyOutcomes,
);
export const institutionKindEnum = enumerationOf(
  'InstitutionKind',
  'What an institution does.',
  institutionKinds,
);
export const claimUseEnum = enumerationOf('ClaimUse', 'FHIR R4 Claim.use.', claimUses);
export const claimStateEnum = enumerationOf(
  'ClaimState',
  'openIMIS claim states, and CANCELLED for a claim that its provider took back.',
  claimStates,
);
export const claimOutcomeEnum = enumerationOf(
  'ClaimOutcome',
  'FHIR R4 ClaimResponse.outcome.',
  claimOutcomes,
);
export const adjudicationCategoryEnum = enumerationOf(
  'AdjudicationCategory',
  'HL7 adjudication value codes.',
  adjudicationCategories,
);
