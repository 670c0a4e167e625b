import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { java, maven, run } from './tools.js';

export const syntheaVersion = '3.3.0';

const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.medigraph</groupId>
  <artifactId>corpus-generator</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.mitre.synthea</groupId>
      <artifactId>synthea</artifactId>
      <version>${syntheaVersion}</version>
    </dependency>
  </dependencies>
</project>
`;

/** Where Synthea is kept between runs, 203 MB. */
export function defaultCacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'medigraph', `synthea-${syntheaVersion}`);
}

/** Has Maven fetch Synthea into the cache folder, unless it is there whole; answers the folder of jars. */
export async function fetchSynthea(cache: string, signal?: AbortSignal): Promise<string> {
  const library = path.join(cache, 'lib');
  if (await stat(library).catch(() => undefined)) return library;
  const draft = `${library}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  await writeFile(path.join(cache, 'pom.xml'), project);
  const args = [
    '--batch-mode',
    '--quiet',
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${draft}`,
  ];
  await run(maven, args, { cwd: cache, ...(signal && { signal }) });
  await rename(draft, library);
  return library;
}

/** What Synthea is asked for. */
export interface SyntheaOptions {
  readonly seed: number;
  /** People alive at the reference date. */
  readonly patients: number;
  /** `YYYY-MM-DD`. */
  readonly referenceDate: string;
  /** 0: whole lives. */
  readonly yearsOfHistory: number;
}

/** `17 -- Ciera654 McGlynn426 (63 y/o F) …`: a person is written. The dead have the number of who replaces them. */
const personLine = /^\d+ -- /;

/**
 * Runs Synthea, offline, into a folder. Everything that could make two runs differ is fixed: both seeds, both dates, time
 * zone, locale, encoding, one thread.
 */
export async function runSynthea(
  library: string,
  output: string,
  options: SyntheaOptions,
  on: { person?: () => void; signal?: AbortSignal } = {},
): Promise<void> {
  const day = options.referenceDate.replaceAll('-', '');
  const seed = String(options.seed);
  const args = [
    '-Duser.timezone=UTC',
    '-Duser.language=en',
    '-Duser.country=US',
    '-Dfile.encoding=UTF-8',
    '-cp',
    path.join(library, '*'),
    'App',
    ...['-s', seed, '-cs', seed, '-r', day, '-e', day, '-p', String(options.patients)],
    `--exporter.baseDirectory=${output}`,
    `--exporter.years_of_history=${options.yearsOfHistory}`,
    '--exporter.pretty_print=false',
    '--exporter.use_uuid_filenames=true',
    '--exporter.metadata.export=false',
    '--generate.thread_pool_size=1',
    'Massachusetts',
  ];
  await run(java, args, {
    cwd: output,
    ...(on.signal && { signal: on.signal }),
    onLine: (line) => {
      if (personLine.test(line)) on.person?.();
    },
  });
}
