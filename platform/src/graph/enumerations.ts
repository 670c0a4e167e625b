/** GraphQL enums over the platform's vocabulary: a code `care-plan` is `CARE_PLAN` in the graph and itself inside. */
import {
  acquisitionMethods,
  adjudicationCategories,
  claimOutcomes,
  claimStates,
  claimUses,
  consentActions,
  consentActorKinds,
  consentDecisions,
  consentStatuses,
  contributorKinds,
  delegatedActs,
  emergencyOutcomes,
  entryCategories,
  entryClasses,
  entryStatuses,
  institutionKinds,
  personalRelationships,
  provenanceAgentKinds,
  purposesOfUse,
  resourceTypes,
  trustLevels,
} from '@medigraph/schema';
import { registerEnumType } from 'type-graphql';

/** Registers an enum of codes; what the graph calls a code stands for it. */
export function enumerationOf<Code extends string>(
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
export const provenanceAgentKindEnum = enumerationOf(
  'ProvenanceAgentKind',
  'Who brought an entry: the PATIENT, an INSTITUTION, one of its practitioners or programs, or a DEVICE.',
  provenanceAgentKinds,
);
export const acquisitionMethodEnum = enumerationOf(
  'AcquisitionMethod',
  'How an entry came: ENTERED here, IMPORTED from another system, MEASURED by a device, CONTRIBUTED by a third party’s program.',
  acquisitionMethods,
);
export const trustLevelEnum = enumerationOf(
  'TrustLevel',
  'How far an entry is to be trusted: HIGH if an institution vouches for it, SUBSTANTIAL if a certified device or program brought it, LOW if the person says so, NONE if it was taken back.',
  trustLevels,
);
export const contributorKindEnum = enumerationOf(
  'ContributorKind',
  'A DEVICE, which measures, or an APPLICATION of a third party, such as a laboratory’s or a pharmacy’s.',
  contributorKinds,
);
