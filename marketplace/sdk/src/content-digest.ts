import { canonicalJson, sha256Of } from '@medigraph/chaincode-lib';

/** SHA-256 of a value's canonical JSON (keys in order), in lower-case hex: equal for equal values, whatever the order of their properties. */
export const digestOf = (value: unknown): string => sha256Of(canonicalJson(value));
