import { lockFile, type PackageFiles } from '@medigraph/dapp-package';
import { type Finding } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { found } from './findings.js';
import { licenceFindings } from './licence.js';

const lock = z.object({
  lockfileVersion: z.int().min(2),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().optional(),
      dev: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
type Locked = z.infer<typeof lock>['packages'][string];

const check = 'dependencies';
const strong = /(^|\s)(sha256-[\w+/]{43}=|sha384-[\w+/]{64}|sha512-[\w+/]{86}==)(\s|\?|$)/;

function findingsOf(path: string, dependency: Locked): Finding[] {
  const name =
    `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${dependency.version ?? ''}`.trim();
  const location = `${lockFile}:${path}`;
  const { resolved, integrity, license, hasInstallScript } = dependency;
  return [
    ...(integrity !== undefined && strong.test(integrity)
      ? []
      : [
          found(
            check,
            'error',
            'INTEGRITY_MISSING',
            `${name} is locked without a digest (SHA-256 or longer): anything could be installed in its place`,
            location,
          ),
        ]),
    ...(resolved === undefined || resolved.startsWith('https://')
      ? []
      : [
          found(
            check,
            'error',
            'SOURCE_UNSAFE',
            `${name} comes from ${resolved}: it must come over https`,
            location,
          ),
        ]),
    ...(hasInstallScript
      ? [
          found(
            check,
            'warning',
            'INSTALL_SCRIPT',
            `${name} runs a script when it is installed: whoever builds the DApp runs it`,
            location,
          ),
        ]
      : []),
    ...(license === undefined
      ? [found(check, 'warning', 'LICENCE_MISSING', `${name} does not say its licence`, location)]
      : licenceFindings(check, name, license, location)),
  ];
}

/** What the lock file of a package says of what the DApp is made from. Nothing is asked of a registry. */
export function dependencyFindings(files: PackageFiles): Finding[] {
  const content = files.get(lockFile);
  if (!content)
    return [
      found(
        check,
        'warning',
        'LOCK_FILE_MISSING',
        `there is no ${lockFile}: nobody can tell what went into the bundle; run npm install and pack again`,
      ),
    ];
  const parsed = lock.safeParse(parseJson(content));
  if (!parsed.success)
    return [
      found(check, 'error', 'LOCK_FILE_INVALID', `${lockFile} is no lock file of npm 7 or later`, lockFile),
    ];
  return Object.entries(parsed.data.packages)
    .filter(([path, { link, dev }]) => path.includes('node_modules/') && link !== true && dev !== true)
    .flatMap(([path, dependency]) => findingsOf(path, dependency));
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString());
  } catch {
    return undefined;
  }
}
