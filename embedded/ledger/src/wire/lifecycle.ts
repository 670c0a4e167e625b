import {
  bool,
  bytes,
  int64,
  message,
  presentBytes,
  presentString,
  repeatedString,
  string,
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
