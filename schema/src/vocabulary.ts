/**
 * Codes the platform speaks, each from a published code system.
 *
 * FHIR codes are those of R4 (Consent: R5); purposes are from HL7 v3 PurposeOfUse; claim states are openIMIS's.
 */

/** {@link https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html | HL7 v3 PurposeOfUse}. */
export const purposesOfUse = [
  'TREAT',
  'ETREAT',
  'BTG',
  'HPAYMT',
  'COVAUTH',
  'ELIGVER',
  'CLMATTCH',
  'HRESCH',
  'CLINTRCH',
  'PUBHLTH',
  'PATRQT',
] as const;
export type PurposeOfUse = (typeof purposesOfUse)[number];

/** Who vouches for an entry: an institution (`clinical`) or the person (`personal`). */
export const entryClasses = ['clinical', 'personal'] as const;
export type EntryClass = (typeof entryClasses)[number];

/** Who may have brought an entry. */
export const provenanceAgentKinds = [
  'patient',
  'institution',
  'practitioner',
  'application',
  'device',
] as const;
export type ProvenanceAgentKind = (typeof provenanceAgentKinds)[number];

/** How an entry came: written here, taken over from another system, measured by a device, brought by a third party's program. */
export const acquisitionMethods = ['entered', 'imported', 'measured', 'contributed'] as const;
export type AcquisitionMethod = (typeof acquisitionMethods)[number];

/** How far an entry is to be trusted, as eIDAS has its levels of assurance; `none` of what was taken back. */
export const trustLevels = ['none', 'low', 'substantial', 'high'] as const;
export type TrustLevel = (typeof trustLevels)[number];

/** What a patient may let write about them. */
export const contributorKinds = ['device', 'application'] as const;
export type ContributorKind = (typeof contributorKinds)[number];

/** What kind of record an entry is. The only hint of its content that the ledger shows. */
export const entryCategories = [
  'identity',
  'encounter',
  'observation',
  'condition',
  'medication',
  'procedure',
  'report',
  'immunization',
  'allergy',
  'care-plan',
  'device',
  'imaging',
  'document',
  'other',
] as const;
export type EntryCategory = (typeof entryCategories)[number];

/** FHIR R4 CompositionStatus: proposed, authorised, amended, retracted. */
export const entryStatuses = ['preliminary', 'final', 'amended', 'entered-in-error'] as const;
export type EntryStatus = (typeof entryStatuses)[number];

/** FHIR R5 ConsentState. */
export const consentStatuses = [
  'draft',
  'active',
  'inactive',
  'not-done',
  'entered-in-error',
  'unknown',
] as const;
export type ConsentStatus = (typeof consentStatuses)[number];

/** FHIR R5 ConsentProvisionType. */
export const consentDecisions = ['permit', 'deny'] as const;
export type ConsentDecision = (typeof consentDecisions)[number];

/** FHIR consentaction, as far as it is told apart here: to read, or to pass keys on in an emergency. */
export const consentActions = ['access', 'disclose'] as const;
export type ConsentAction = (typeof consentActions)[number];

/** Whom of a grantee a consent may name: a person who works there, or a program. */
export const consentActorKinds = ['practitioner', 'application'] as const;
export type ConsentActorKind = (typeof consentActorKinds)[number];

/** HL7 v3 RoleCode: parent, guardian, healthcare power of attorney, family member. */
export const personalRelationships = ['PRN', 'GUARD', 'HPOWATT', 'FAMMEMB'] as const;
export type PersonalRelationship = (typeof personalRelationships)[number];

/** What may be done in a patient's name: decide about consents, and authorise storage and entries. */
export const delegatedActs = ['decide', 'authorize'] as const;
export type DelegatedAct = (typeof delegatedActs)[number];

/** HL7 v3 PurposeOfUse, those for which the glass is broken. */
export const emergencyPurposes = ['BTG', 'ETREAT'] as const;
export type EmergencyPurpose = (typeof emergencyPurposes)[number];

/** What a review of an emergency access comes to. */
export const emergencyOutcomes = ['justified', 'unjustified'] as const;
export type EmergencyOutcome = (typeof emergencyOutcomes)[number];

export const institutionKinds = ['hospital', 'insurer', 'research', 'regulator'] as const;
export type InstitutionKind = (typeof institutionKinds)[number];

/** FHIR R4 Claim.use. */
export const claimUses = ['claim', 'preauthorization', 'predetermination'] as const;
export type ClaimUse = (typeof claimUses)[number];

/** openIMIS claim states, and CANCELLED for a claim its provider took back. */
export const claimStates = [
  'ENTERED',
  'CHECKED',
  'PROCESSED',
  'VALUATED',
  'PAID',
  'REJECTED',
  'CANCELLED',
] as const;
export type ClaimState = (typeof claimStates)[number];

/** FHIR R4 ClaimResponse.outcome. */
export const claimOutcomes = ['queued', 'partial', 'complete', 'error'] as const;
export type ClaimOutcome = (typeof claimOutcomes)[number];

/** The FHIR outcome that each claim state means. */
export const outcomeOfState: Readonly<Record<ClaimState, ClaimOutcome>> = {
  ENTERED: 'queued',
  CHECKED: 'partial',
  PROCESSED: 'partial',
  VALUATED: 'complete',
  PAID: 'complete',
  REJECTED: 'complete',
  CANCELLED: 'complete',
};

/** {@link https://terminology.hl7.org/CodeSystem-adjudication.html | HL7 adjudication value codes} in use here. */
export const adjudicationCategories = [
  'submitted',
  'eligible',
  'copay',
  'deductible',
  'unallocdeduct',
  'tax',
  'benefit',
] as const;
export type AdjudicationCategory = (typeof adjudicationCategories)[number];

/**
 * The roles a caller of the graph may have. A `contributor` is a device or a program that writes where patients let it; a `dapp` the
 * back end of a DApp, which sees what was granted to it alone.
 */
export const roles = [
  'patient',
  'practitioner',
  'hospital',
  'insurer',
  'researcher',
  'regulator',
  'operator',
  'contributor',
  'dapp',
] as const;
export type Role = (typeof roles)[number];
