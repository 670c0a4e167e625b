import { hostModules } from '@medigraph/dapp-review';
import { build, type BuildFailure, type BuildOptions, version as esbuildVersion } from 'esbuild';
import { version as swcVersion } from '@swc/core';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CommandFailure } from '../command-failure.js';
import { sourceEntry } from './dapp-folder.js';
import { typescript } from './typescript.js';

/** Contracts as one file, and what went into it. */
export interface ContractBundle {
  readonly content: Uint8Array;
  /** Paths, relative to the DApp's folder. */
  readonly sources: readonly string[];
  /** Name to version of the tools that made it. */
  readonly tools: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

const isFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error;

/**
 * Runs esbuild in a DApp's folder.
 * @throws {@link CommandFailure} `BUILD_FAILED` naming each place.
 */
export async function runBuild(folder: string, options: BuildOptions) {
  try {
    return await build({
      absWorkingDir: folder,
      bundle: true,
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      logLevel: 'silent',
      ...options,
      plugins: [...(options.plugins ?? []), typescript],
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    const places = error.errors.map(({ text, location }) =>
      location
        ? `${path.relative(folder, path.resolve(folder, location.file))}:${location.line}:${location.column + 1}: ${text}`
        : text,
    );
    throw new CommandFailure('BUILD_FAILED', places.join('\n'), { cause: error });
  }
}

/**
 * Bundles the contracts of a DApp into one CommonJS file. Everything is inside but the modules that the host gives: those
 * are of the version that the platform runs. The same sources make the same bytes.
 */
export async function bundleContracts(folder: string): Promise<ContractBundle> {
  const { outputFiles, metafile } = await runBuild(folder, {
    entryPoints: [sourceEntry],
    format: 'cjs',
    external: [...hostModules],
    keepNames: true,
    legalComments: 'inline',
    write: false,
    metafile: true,
  });
  return {
    content: outputFiles?.[0]?.contents ?? new Uint8Array(),
    sources: Object.keys(metafile?.inputs ?? {}),
    tools: {
      esbuild: esbuildVersion,
      swc: swcVersion,
      tsdoc: versionOf('@microsoft/tsdoc'),
      typescript: versionOf('typescript'),
    },
  };
}
