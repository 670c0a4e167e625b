// The shim reads its log level once, when it is loaded: so it is set first, and everything else is imported after.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] ??= 'critical';

const [{ serveSuite }, { contracts }] = await Promise.all([
  import('@medigraph/chaincode-lib/server'),
  import('./index.js'),
]);
await serveSuite({ name: 'care', contracts });
