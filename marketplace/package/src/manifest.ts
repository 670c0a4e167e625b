import { type DAppManifest, dappManifest, manifestFile } from '@medigraph/schema/dapps';
import semver from 'semver';
import { PackageError } from './package-error.js';
import { type PackageFiles } from './write-package.js';

/** Problems named in one refusal. */
const named = 5;

/**
 * The manifest of a package, whole and valid.
 * @throws {@link PackageError} `MANIFEST_MISSING`; `MANIFEST_INVALID` naming the path of each thing that is wrong.
 */
export function manifestOf(files: PackageFiles): DAppManifest {
  const content = files.get(manifestFile);
  if (!content) throw new PackageError('MANIFEST_MISSING', `there is no ${manifestFile} in the package`);
  return parseManifest(Buffer.from(content).toString());
}

/** @throws {@link PackageError} `MANIFEST_INVALID`. */
export function parseManifest(text: string): DAppManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PackageError('MANIFEST_INVALID', `${manifestFile} is not JSON`, { cause: error });
  }
  const parsed = dappManifest.safeParse(value);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'manifest'}: ${message}`,
    );
    const more = wrong.length > named ? `; and ${wrong.length - named} more` : '';
    throw new PackageError('MANIFEST_INVALID', wrong.slice(0, named).join('; ') + more);
  }
  if (semver.validRange(parsed.data.medigraph) === null)
    throw new PackageError('MANIFEST_INVALID', `medigraph: ${parsed.data.medigraph} is no range of versions`);
  return parsed.data;
}
