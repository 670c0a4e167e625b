import { type PackageFiles } from '@medigraph/dapp-package';
import { type DAppManifest, type Finding } from '@medigraph/schema/dapps';
import { analyse, type Breach } from './analysis/analyse.js';
import { BundleUnreadable } from './analysis/bundle.js';
import { found } from './findings.js';

/** Bytes of a bundle: what is larger takes too long to look at. */
const largestBundle = 5 * 1024 * 1024;
/** Findings of one code that are told; the others are counted. */
const toldOfEach = 10;
const check = 'static-analysis';

/** What the bundle of a package would do that contracts must not. */
export function bundleFindings(files: PackageFiles, { contracts: { entry } }: DAppManifest): Finding[] {
  const content = files.get(entry);
  if (!content)
    return [found(check, 'error', 'BUNDLE_MISSING', `there is no ${entry} in the package`, entry)];
  if (content.byteLength > largestBundle)
    return [
      found(check, 'error', 'BUNDLE_TOO_LARGE', `${entry} has more than ${largestBundle} bytes`, entry),
    ];
  try {
    const breaches = analyse(Buffer.from(content).toString());
    const byCode = new Map<string, Breach[]>();
    for (const breach of breaches)
      byCode.set(breach.rule.code, [...(byCode.get(breach.rule.code) ?? []), breach]);
    return [...byCode.values()].flatMap((same) =>
      same.slice(0, toldOfEach).map(({ rule, what, severity, position }, index) => {
        const others = same.length - toldOfEach;
        const more = index === toldOfEach - 1 && others > 0 ? ` (and ${others} more)` : '';
        return found(check, severity, rule.code, `${what}: ${rule.message}${more}`, `${entry}:${position}`);
      }),
    );
  } catch (error) {
    if (!(error instanceof BundleUnreadable)) throw error;
    const at = error.position === undefined ? entry : `${entry}:${error.position}`;
    return [
      found(
        check,
        'error',
        'BUNDLE_UNREADABLE',
        `${entry} is no CommonJS that can be read: ${error.message}`,
        at,
      ),
    ];
  }
}
