import { purposesOfUse } from '@medigraph/schema';
import { type PackageFiles } from '@medigraph/dapp-package';
import { type DAppManifest, type Finding } from '@medigraph/schema/dapps';
import { Bundle } from './analysis/bundle.js';
import { found } from './findings.js';

const purposes: ReadonlySet<unknown> = new Set(purposesOfUse);

/** Purposes that contracts ask consents for, as `purpose: 'TREAT'` in the bundle. */
function askedPurposes(bundle: Bundle): ReadonlySet<string> {
  const asked = bundle.nodes.flatMap((node) => {
    if (node.type !== 'Property' || node.key.type !== 'Identifier' || node.key.name !== 'purpose') return [];
    const { value } = node;
    return value.type === 'Literal' && typeof value.value === 'string' && purposes.has(value.value)
      ? [value.value]
      : [];
  });
  return new Set(asked);
}

/** Purposes that stand in the bundle at all, such as in a constant that is asked with. */
const namedPurposes = (bundle: Bundle): ReadonlySet<unknown> =>
  new Set(
    bundle.nodes.flatMap((node) => (node.type === 'Literal' && purposes.has(node.value) ? [node.value] : [])),
  );

/** Purposes that contracts ask for and no scope of the manifest does, and the other way round. */
export function scopeFindings(
  files: PackageFiles,
  { contracts: { entry }, scopes }: DAppManifest,
): Finding[] {
  const bundle = files.get(entry);
  if (!bundle) return [];
  const source = new Bundle(Buffer.from(bundle).toString());
  const asked = askedPurposes(source);
  const named = namedPurposes(source);
  const all = [...scopes.required, ...scopes.optional];
  const covered = new Set<string>(all.flatMap(({ purpose }) => purpose));
  return [
    ...[...asked]
      .filter((purpose) => !covered.has(purpose))
      .map((purpose) =>
        found(
          'manifest',
          'warning',
          'SCOPE_NOT_ASKED',
          `contracts ask for consents to ${purpose}, and no scope does: nobody who installs the DApp will have given one`,
          'medigraph.json:scopes',
        ),
      ),
    ...all
      .filter(({ purpose }) => !purpose.some((one) => named.has(one)))
      .map(({ id }) =>
        found(
          'manifest',
          'note',
          'SCOPE_UNUSED',
          `no contract asks for what scope ${id} is for: ask only for what the DApp's back end needs`,
          'medigraph.json:scopes',
        ),
      ),
  ];
}
