/** What runs the tests of a package, without what serves peers. */
export { type PackageTestResult, runPackageTests, type TestedPackage } from './host/package-tests.js';
export { type CheckLimits, defaultCheckLimits } from './limits.js';
export { contractsModule } from './tests-module.js';
