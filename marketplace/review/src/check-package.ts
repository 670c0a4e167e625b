import {
  manifestOf,
  PackageError,
  type PackageFiles,
  provenanceFaults,
  provenanceFile,
} from '@medigraph/dapp-package';
import { type DAppManifest, type Finding, manifestFile } from '@medigraph/schema/dapps';
import { contractFindings } from './contracts/contract-findings.js';
import { dependencyFindings } from './dependencies.js';
import { found, refuses } from './findings.js';
import { licenceFindings } from './licence.js';
import { scopeFindings } from './scopes.js';
import { bundleFindings } from './static-analysis.js';

/** Findings that a report on the ledger holds. */
const longestReport = 200;

function manifestIn(files: PackageFiles): DAppManifest | Finding {
  try {
    return manifestOf(files);
  } catch (error) {
    if (error instanceof PackageError)
      return found('manifest', 'error', error.code, error.message, manifestFile);
    throw error;
  }
}

/**
 * What can be found of a package without running it on a network. A bundle is loaded, in a process of its own, only after
 * the analysis found no error in it.
 * @returns at most 200 findings, errors first; a version is refused for an error.
 */
export async function checkPackage(files: PackageFiles): Promise<Finding[]> {
  const manifest = manifestIn(files);
  if ('check' in manifest) return [manifest];
  const analysis = bundleFindings(files, manifest);
  const findings = [
    ...provenanceFaults(files).map((fault) =>
      found('provenance', 'error', 'PROVENANCE_UNTRUE', fault, provenanceFile),
    ),
    ...licenceFindings('licence', manifest.name, manifest.license, `${manifestFile}:license`),
    ...analysis,
    ...dependencyFindings(files),
    ...(refuses(analysis)
      ? []
      : [...scopeFindings(files, manifest), ...(await contractFindings(files, manifest))]),
  ];
  const order = ['error', 'warning', 'note'];
  return findings
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .slice(0, longestReport);
}
