/** What a package is looked at with in the sandbox, without what serves peers. */
export { describedContracts } from './host/described-contracts.js';
export { type PackageTestResult, runPackageTests, type TestedPackage } from './host/package-tests.js';
export { type CheckLimits, defaultCheckLimits } from './limits.js';
export { GuestStartError } from './report.js';
export { contractsModule } from './tests-module.js';
