import { manifestOf, type PackageFiles } from '@medigraph/dapp-package';
import { type PackageTestResult, runPackageTests } from '@medigraph/dapp-sandbox/tests';
import { type DAppManifest, type Finding, testsFile } from '@medigraph/schema/dapps';
import { found } from '../findings.js';

/** Bytes of the tests: as of a bundle. */
const largestTests = 5 * 1024 * 1024;
const tests = 'tests';

/** Runs the tests that are in a package in the sandbox, on its contracts, and repeats what those did; what is found of both. */
export async function testFindings(files: PackageFiles): Promise<Finding[]> {
  const manifest = manifestOf(files);
  const [bundle, source] = [files.get(manifest.contracts.entry), files.get(testsFile)];
  if (bundle === undefined) return [];
  if (source === undefined)
    return [
      found(tests, 'warning', 'TESTS_MISSING', 'there are no tests of node:test in the package', testsFile),
    ];
  if (source.byteLength > largestTests)
    return [
      found(tests, 'error', 'TESTS_TOO_LARGE', `the tests have more than ${largestTests} bytes`, testsFile),
    ];
  const result = await runPackageTests({
    dapp: manifest.id,
    version: manifest.version,
    file: manifest.contracts.entry,
    bundle: Buffer.from(bundle).toString(),
    tests: Buffer.from(source).toString(),
  });
  return [...ofTests(result), ...ofRepetition(result, manifest)];
}

function ofTests({ passed, failed, report }: PackageTestResult): Finding[] {
  const failures = failed.map(({ name, reason }) =>
    found(tests, 'error', 'TEST_FAILED', `${name}: ${reason.trim()}`, testsFile),
  );
  if (report) return [...failures, found(tests, 'error', report.code, report.message, testsFile)];
  if (passed > 0 || failures.length > 0) return failures;
  return [
    found(tests, 'warning', 'TESTS_MISSING', 'there is no test in the tests of the package', testsFile),
  ];
}

/** How a difference is told. */
const differences = {
  reads: 'reads other state',
  writes: 'writes something else',
  event: 'tells another event',
  result: 'answers something else',
  outcome: 'refuses here what it does there',
} as const;

/** Of each transaction the first difference. */
function ofRepetition({ divergences }: PackageTestResult, { contracts: { entry } }: DAppManifest): Finding[] {
  const first = new Map([...divergences].reverse().map((divergence) => [divergence.name, divergence]));
  return [...first.values()].map(({ name, what, key }) =>
    found(
      'determinism',
      'error',
      'NONDETERMINISTIC',
      `${name} ${differences[what]} when it runs again with the same ledger and arguments, in another time zone, language and process, and in another order${key === undefined ? '' : `: key ${key}`}`,
      key === undefined ? `${entry} ${name}` : `${entry} ${name} ${key}`,
    ),
  );
}
