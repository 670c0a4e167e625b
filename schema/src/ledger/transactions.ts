/** Every transaction of the contracts: what it takes, what it answers, and whether it may write. */
import { z } from 'zod';
import * as care from './care.js';
import * as claims from './claims.js';
import * as registry from './registry.js';

/** `submit` goes to the orderer; `evaluate` only reads, at one peer. */
export type TransactionKind = 'submit' | 'evaluate';

function submit<Argument extends z.ZodType, Answer extends z.ZodType>(argument: Argument, answer: Answer) {
  return { kind: 'submit', argument, answer } as const;
}
function evaluate<Argument extends z.ZodType, Answer extends z.ZodType>(argument: Argument, answer: Answer) {
  return { kind: 'evaluate', argument, answer } as const;
}

/** The care suite, by `Contract:Transaction`. */
export const careTransactions = {
  'Registration:RegisterInstitutions': submit(care.registerInstitutions, z.array(care.institution)),
  'Registration:RegisterPractitioners': submit(care.registerPractitioners, z.array(care.practitioner)),
  'Registration:RegisterPatient': submit(care.registerPatient, care.patient),
  'Registration:RotateKey': submit(care.rotateKey, care.patient),
  'Registration:RotateInstitutionKey': submit(care.rotateInstitutionKey, care.institution),
  'Registration:Deactivate': submit(care.deactivate, care.patient),
  'Recovery:NameGuardians': submit(care.nameGuardians, care.guardianship),
  'Recovery:Request': submit(care.requestRecovery, care.recovery),
  'Recovery:Approve': submit(care.approveRecovery, care.recovery),
  'Recovery:Cancel': submit(care.cancelRecovery, care.recovery),
  'Recovery:Complete': submit(care.completeRecovery, care.patient),
  'Recovery:Read': evaluate(care.readRecovery, care.recovery),
  'Recovery:ReadGuardianship': evaluate(care.readGuardianship, care.guardianship),
  'Recovery:ReadShare': evaluate(care.readShare, care.sealedShare),
  'Recovery:HandOverShare': submit(care.handOverShare, care.shareHandedOver),
  'Recovery:RewrapShares': submit(care.rewrapShares, care.rewrapped),
  'Recovery:RecoveredKeys': evaluate(care.readRecoveredKeys, care.recoveredKeys),
  'Registration:Resolve': evaluate(care.resolve, z.union([care.patient, care.institution])),
  'Registration:Self': evaluate(care.readSelf, care.patient),
  'Registration:PractitionerSelf': evaluate(care.readSelf, care.practitionerSelf),
  'Registration:Organizations': evaluate(care.readOrganizations, z.array(care.organization)),
  'Records:AuthorizeStorage': submit(care.authorizeStorage, z.array(care.storageAuthorization)),
  'Records:ProposeEntries': submit(care.proposeEntries, z.array(care.entry)),
  'Records:AuthorizeEntries': submit(care.authorizeEntries, z.array(care.entry)),
  'Records:AddPersonalEntries': submit(care.addPersonalEntries, z.array(care.entry)),
  'Records:RetractEntry': submit(care.retractEntry, care.entry),
  'Records:EraseEntry': submit(care.eraseEntry, care.erasure),
  'Records:RewrapKeys': submit(care.rewrapKeys, care.rewrapped),
  'Records:BeginEntry': submit(care.beginEntry, care.draftEntry),
  'Records:AppendBody': submit(care.appendBody, care.draftEntry),
  'Records:CompleteEntry': submit(care.completeEntry, care.entry),
  'Records:DiscardEntry': submit(care.discardEntry, care.draftEntry),
  'Records:GrantsOf': evaluate(care.grantsOf, care.grantsState),
  'Records:KeysOf': evaluate(care.keysOf, care.page(care.keyInPlace)),
  'Records:VerifyEntry': evaluate(care.verifyEntry, care.entryVerification),
  'Records:EntriesOf': evaluate(care.entriesOf, care.page(care.entry)),
  'Records:HistoryOf': evaluate(care.historyOf, z.array(care.entryVersion)),
  'Imports:RequestImport': submit(care.requestImport, care.historyImport),
  'Imports:AuthorizeImport': submit(care.authorizeImport, care.historyImport),
  'Imports:PickEntries': submit(care.pickEntries, care.historyImport),
  'Imports:DeclineImport': submit(care.declineImport, care.historyImport),
  'Imports:ReadImport': evaluate(care.readImport, care.historyImport),
  'Contributions:AuthorizeContributor': submit(care.authorizeContributor, care.contributor),
  'Contributions:ContributeEntries': submit(care.contributeEntries, care.contribution),
  'Contributions:ReadContributor': evaluate(care.readContributor, care.contributorState),
  'Contributions:ReadContribution': evaluate(care.readContribution, care.contribution),
  'Contributions:ContributorsOf': evaluate(care.contributorsOf, care.page(care.contributor)),
  'Access:Request': submit(care.requestAccess, care.consent),
  'Access:Grant': submit(care.grantAccess, care.consent),
  'Access:Offer': submit(care.offerAccess, z.array(care.consent)),
  'Access:Refuse': submit(care.refuseAccess, care.consent),
  'Access:Delegate': submit(care.delegateAccess, care.consent),
  'Access:AddKeys': submit(care.addKeys, care.consent),
  'Access:Deny': submit(care.endConsent, care.consent),
  'Access:Revoke': submit(care.endConsent, care.consent),
  'Access:ReadConsent': evaluate(care.readConsent, care.consent),
  'Access:Permits': evaluate(care.permits, care.permission),
  'Access:ConsentsOf': evaluate(care.consentsOf, z.array(care.consent)),
  'Access:OpenEntries': submit(care.openEntries, z.array(care.openedEntry)),
  'Access:ReadBodies': evaluate(care.readBodies, z.array(care.sealedBodyOf)),
  'Access:AuditOf': evaluate(care.auditOf, care.page(care.opening)),
  'Emergency:SetPolicy': submit(care.setEmergencyPolicy, care.emergencyPolicy),
  'Emergency:ReadPolicy': evaluate(care.readEmergencyPolicy, care.emergencyPolicy),
  'Emergency:BreakGlass': submit(care.breakGlass, care.brokenGlass),
  'Emergency:DiscloseKeys': submit(care.discloseKeys, care.disclosure),
  'Emergency:Review': submit(care.reviewBreakGlass, care.emergencyAccess),
  'Emergency:Read': evaluate(care.readEmergency, care.emergencyAccess),
  'Emergency:KeysToDisclose': evaluate(care.keysToDisclose, care.page(care.keyToDisclose)),
  'Emergency:Unreviewed': evaluate(care.unreviewedEmergencies, care.page(care.emergencyAccess)),
} as const;
export type CareTransaction = keyof typeof careTransactions;

/** The claims suite, by `Contract:Transaction`. */
export const claimsTransactions = {
  'Coverage:RegisterPolicies': submit(claims.registerPolicies, z.array(claims.coverage)),
  'Coverage:CheckEligibility': evaluate(claims.checkEligibility, claims.eligibility),
  'Claims:Submit': submit(claims.submitClaims, z.array(claims.claim)),
  'Claims:Adjudicate': submit(claims.adjudicateClaim, claims.claim),
  'Claims:Pay': submit(claims.payClaim, claims.claim),
  'Claims:Cancel': submit(claims.cancelClaim, claims.claim),
  'Claims:ReadClaim': evaluate(claims.readClaim, claims.sealedClaim),
  'Claims:KeysOf': evaluate(claims.keysOfClaims, z.array(claims.keyOfClaim)),
  'Claims:RewrapKeys': submit(claims.rewrapClaimKeys, care.rewrapped),
} as const;
export type ClaimsTransaction = keyof typeof claimsTransactions;

/** The registry suite, by `Contract:Transaction`. */
export const registryTransactions = {
  'DApps:RegisterPublisher': submit(registry.registerPublisher, registry.publisher),
  'DApps:AddPublisherKey': submit(registry.addPublisherKey, registry.publisher),
  'DApps:RevokePublisherKey': submit(registry.revokePublisherKey, registry.publisher),
  'DApps:ReadPublisher': evaluate(registry.readPublisher, registry.publisher),
  'DApps:Publish': submit(registry.publishDApp, registry.dappRelease),
  'DApps:ReportChecks': submit(registry.reportChecks, registry.dappRelease),
  'DApps:Approve': submit(registry.approveDApp, registry.dappRelease),
  'DApps:Refuse': submit(registry.refuseDApp, registry.dappRelease),
  'DApps:Activate': submit(registry.activateDApp, registry.dappRelease),
  'DApps:RollBack': submit(registry.rollBackDApp, registry.dappRelease),
  'DApps:Deprecate': submit(registry.deprecateDApp, registry.dapp),
  'DApps:Revoke': submit(registry.revokeDApp, registry.dapp),
  'DApps:ProposePolicy': submit(registry.proposePolicy, registry.approvalPolicyState),
  'DApps:ReadPolicy': evaluate(registry.readPolicy, registry.approvalPolicyState),
  'DApps:ReadDApp': evaluate(registry.readDApp, registry.dapp),
  'DApps:ReadRelease': evaluate(registry.readRelease, registry.dappRelease),
  'DApps:Install': submit(registry.installDApp, registry.installation),
  'DApps:Uninstall': submit(registry.uninstallDApp, registry.installation),
  'DApps:Rate': submit(registry.rateDApp, registry.rating),
  'DApps:Installed': evaluate(registry.readInstallation, registry.installed),
} as const;
export type RegistryTransaction = keyof typeof registryTransactions;
