/** Where a package comes from: an in-toto statement with SLSA's predicate, without anything that differs between machines. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type PackageFiles } from './write-package.js';

/** Name of the statement in a package. */
export const provenanceFile = 'provenance.json';
/** Name of the lock file in a package. */
export const lockFile = 'package-lock.json';

const digest = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const described = z.strictObject({ name: z.string(), digest });

/** {@link https://in-toto.io/Statement/v1 | in-toto Statement v1} with {@link https://slsa.dev/provenance/v1 | SLSA Provenance v1}. */
export const provenance = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  /** Every other file of the package. */
  subject: z.array(described),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.literal('urn:medigraph:dapp-bundle:v1'),
      externalParameters: z.strictObject({ entry: z.string() }),
      /** `sources`: digest over every source file that went into the bundle; the lock file, if there is one. */
      resolvedDependencies: z.array(described),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({ id: z.string(), version: z.record(z.string(), z.string()) }),
    }),
  }),
});
export type Provenance = z.infer<typeof provenance>;

export interface Build {
  /** Source file that the bundle begins with, relative to the DApp's folder. */
  readonly entry: string;
  /** Path to content of every source that went into the bundle. */
  readonly sources: PackageFiles;
  /** Name to version of the tools that made the bundle. */
  readonly tools: Readonly<Record<string, string>>;
}

const sha256Of = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const inOrder = (files: PackageFiles) => [...files].sort(([a], [b]) => (a < b ? -1 : 1));
const subjectsOf = (files: PackageFiles) =>
  inOrder(files)
    .filter(([name]) => name !== provenanceFile)
    .map(([name, content]) => ({ name, digest: { sha256: sha256Of(content) } }));

/** The statement on a package's files. */
export function provenanceOf(files: PackageFiles, { entry, sources, tools }: Build): Provenance {
  const listed = inOrder(sources).map(([name, content]) => `${sha256Of(content)}  ${name}\n`);
  const lock = files.get(lockFile);
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjectsOf(files),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:medigraph:dapp-bundle:v1',
        externalParameters: { entry },
        resolvedDependencies: [
          { name: 'sources', digest: { sha256: sha256Of(listed.join('')) } },
          ...(lock ? [{ name: lockFile, digest: { sha256: sha256Of(lock) } }] : []),
        ],
      },
      runDetails: { builder: { id: 'medigraph dapp pack', version: { ...tools } } },
    },
  };
}

/** What a package's provenance says that is not so; empty if all of it is. */
export function provenanceFaults(files: PackageFiles): string[] {
  const content = files.get(provenanceFile);
  if (!content) return [`there is no ${provenanceFile}`];
  const parsed = provenance.safeParse(parseJson(content));
  if (!parsed.success) return [`${provenanceFile} is no statement of provenance`];
  const stated = new Map(parsed.data.subject.map(({ name, digest }) => [name, digest.sha256]));
  const actual = new Map(subjectsOf(files).map(({ name, digest }) => [name, digest.sha256]));
  return [
    ...[...actual].flatMap(([name, found]) =>
      stated.get(name) === found ? [] : [`${name} is another one than ${provenanceFile} says`],
    ),
    ...[...stated.keys()].flatMap((name) => (actual.has(name) ? [] : [`${name} is not in the package`])),
  ];
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString());
  } catch {
    return undefined;
  }
}
