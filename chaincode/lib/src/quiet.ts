/**
 * Import this first: the shim reads its log level once, when it is loaded. Without `CORE_CHAINCODE_LOGGING_LEVEL` it would
 * write a line or two for every transaction; refusals are answers to the caller and need no line at all.
 */
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';
