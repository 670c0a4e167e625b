import {
  bool,
  bytes,
  embedded,
  int64,
  message,
  presentBytes,
  presentString,
  repeated,
  repeatedString,
  string,
  type Decoded,
} from './message.js';

// How `_lifecycle` keeps definitions in the state.

export const StateMetadata = message('lifecycle.StateMetadata', {
  datatype: string(1),
  fields: repeatedString(2),
});
/** A `oneof`. */
export const StateData = message('lifecycle.StateData', {
  int64: int64(1),
  bytes: presentBytes(2),
  string: presentString(3),
});
export const ChaincodeEndorsementInfo = message('lifecycle.ChaincodeEndorsementInfo', {
  version: string(1),
  initRequired: bool(2),
  endorsementPlugin: string(3),
});
export const ChaincodeValidationInfo = message('lifecycle.ChaincodeValidationInfo', {
  validationPlugin: string(1),
  validationParameter: bytes(2),
});

// What `_lifecycle` is asked and answers. Messages that are of one form have one type here.

export const InstallChaincodeArgs = message('lifecycle.InstallChaincodeArgs', {
  chaincodeInstallPackage: bytes(1),
});
export const InstallChaincodeResult = message('lifecycle.InstallChaincodeResult', {
  packageId: string(1),
  label: string(2),
});
/** Also `GetInstalledChaincodePackageArgs`. */
export const InstalledChaincodeArgs = message('lifecycle.QueryInstalledChaincodeArgs', {
  packageId: string(1),
});
export const GetInstalledChaincodePackageResult = message('lifecycle.GetInstalledChaincodePackageResult', {
  chaincodeInstallPackage: bytes(1),
});
const Chaincode = message('lifecycle.Chaincode', { name: string(1), version: string(2) });
const References = message('lifecycle.References', { chaincodes: repeated(1, Chaincode) });
const ReferencesEntry = message('references entry', { key: string(1), value: embedded(2, References) });
/** Also an entry of `QueryInstalledChaincodesResult`. */
export const InstalledChaincode = message('lifecycle.QueryInstalledChaincodeResult', {
  packageId: string(1),
  label: string(2),
  references: repeated(3, ReferencesEntry),
});
export const InstalledChaincodes = message('lifecycle.QueryInstalledChaincodesResult', {
  installedChaincodes: repeated(1, InstalledChaincode),
});

const Unavailable = message('lifecycle.ChaincodeSource.Unavailable', {});
const Local = message('lifecycle.ChaincodeSource.Local', { packageId: string(1) });
/** A `oneof`. */
export const ChaincodeSource = message('lifecycle.ChaincodeSource', {
  unavailable: embedded(1, Unavailable),
  localPackage: embedded(2, Local),
});

const defined = {
  version: string(3),
  endorsementPlugin: string(4),
  validationPlugin: string(5),
  validationParameter: bytes(6),
  collections: presentBytes(7),
  initRequired: bool(8),
  source: embedded(9, ChaincodeSource),
};
/** What to approve, to commit, or to check for readiness. */
export const NamedDefinition = message('lifecycle.CommitChaincodeDefinitionArgs', {
  sequence: int64(1),
  name: string(2),
  ...defined,
});
export type NamedDefinition = Decoded<typeof NamedDefinition>;
/** An entry of the lists below. */
const ListedDefinition = message('lifecycle.ChaincodeDefinition', {
  name: string(1),
  sequence: int64(2),
  ...defined,
});
const ApprovalEntry = message('approvals entry', { key: string(1), value: bool(2) });
const Mismatches = message('lifecycle.Mismatches', { items: repeatedString(1) });
const MismatchesEntry = message('mismatches entry', { key: string(1), value: embedded(2, Mismatches) });
export const CheckCommitReadinessResult = message('lifecycle.CheckCommitReadinessResult', {
  approvals: repeated(1, ApprovalEntry),
  mismatches: repeated(2, MismatchesEntry),
});
/** Both `QueryChaincodeDefinitionArgs` and `QueryApprovedChaincodeDefinitionArgs`. */
export const DefinitionQuery = message('lifecycle.QueryChaincodeDefinitionArgs', {
  name: string(1),
  sequence: int64(2),
});
const answered = {
  sequence: int64(1),
  version: string(2),
  endorsementPlugin: string(3),
  validationPlugin: string(4),
  validationParameter: bytes(5),
  collections: presentBytes(6),
  initRequired: bool(7),
};
export const ApprovedDefinition = message('lifecycle.QueryApprovedChaincodeDefinitionResult', {
  ...answered,
  source: embedded(8, ChaincodeSource),
});
export const CommittedDefinition = message('lifecycle.QueryChaincodeDefinitionResult', {
  ...answered,
  approvals: repeated(8, ApprovalEntry),
});
/** Both `QueryChaincodeDefinitionsResult` and `QueryApprovedChaincodeDefinitionsResult`. */
export const NamedDefinitions = message('lifecycle.QueryChaincodeDefinitionsResult', {
  definitions: repeated(1, ListedDefinition),
});
