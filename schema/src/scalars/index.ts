/**
 * Scalars of the graph. Values inside are what the ledger writes (strings), so nothing is converted on the way: the
 * scalars only check what comes in and what goes out.
 */
export { dappManifestScalar } from './dapp-manifest.js';
export { dateScalar, dateTimeScalar } from './dates.js';
export { decimalScalar } from './decimal.js';
export { fhirResourceScalar, type FhirResource } from './fhir-resource.js';
