/**
 * Import this first: the shim reads its log level once, when it is loaded. Without `CORE_CHAINCODE_LOGGING_LEVEL` it would
 * write a line or two for every transaction; refusals are answers to the caller and need no line at all.
 */
/** Whether an operator wants the shim's log. */
export const loggingAsked = process.env['CORE_CHAINCODE_LOGGING_LEVEL'] !== undefined;

process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';
