import { type PackageFiles } from '@medigraph/dapp-package';
import { type Finding } from '@medigraph/schema/dapps';
import { checkPackage } from './check-package.js';
import { refuses } from './findings.js';
import { testFindings } from './tests/test-findings.js';

/**
 * Everything that can be found of a package without a network: what it is made of, and, if nothing is wrong with that, how its tests and
 * contracts behave in the sandbox.
 */
export async function reviewPackage(files: PackageFiles): Promise<Finding[]> {
  const findings = await checkPackage(files);
  return refuses(findings) ? findings : [...(await testFindings(files)), ...findings];
}
