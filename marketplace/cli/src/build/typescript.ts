import { type Options, type Output, transform } from '@swc/core';
import { type OnLoadResult, type PartialMessage, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { mayUseKit } from './documentation/kit.js';

/** What TypeScript leaves of the type of a method: nobody reads it, and a review wonders what `Function` is for. */
const methodType = '_ts_metadata("design:type", Function)';
const methodShape = '_ts_metadata("design:type", Object)';

/** What swc says of a source, as esbuild says it: swc draws the place, and adds the inside of itself. */
function misspelt(file: string, { message }: Error): PartialMessage {
  const [text = ''] = message.trim().replace(/^x /, '').split('\n');
  const [, line = '1', column = '1'] = /:(\d+):(\d+)\]/.exec(message) ?? [];
  return { text, location: { file, line: Number(line), column: Number(column) - 1 } };
}

const compile = (filename: string, text: string, maps: Options): Promise<Output> =>
  transform(text, {
    filename,
    configFile: false,
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
    module: { type: 'es6' },
    ...maps,
  });

const loaded = ({ code }: Output): OnLoadResult => ({
  contents: code.replaceAll(methodType, methodShape),
  loader: 'js',
});

/** A source, compiled; or, where it is not TypeScript, what is wrong with it as it was written. */
async function compiled(file: string, text: string, maps: Options): Promise<OnLoadResult> {
  try {
    return loaded(await compile(file, text, maps));
  } catch (error) {
    return { errors: [misspelt(file, error as Error)] };
  }
}

/** Compiles a source with the documentation of what its decorators describe. */
async function load(file: string, mapped: boolean): Promise<OnLoadResult> {
  const text = await readFile(file, 'utf8');
  const sourceMaps = mapped ? 'inline' : false;
  const asWritten = () => compiled(file, text, { sourceMaps });
  if (!mayUseKit(text)) return asWritten();
  // TypeScript's parser takes a while to load, which commands that build nothing need not wait for.
  const { documentSource } = await import('./documentation/documented-source.js');
  const documented = documentSource(file, text);
  if ('problems' in documented) {
    const written = await asWritten();
    if (written.errors) return written;
    const errors = documented.problems.map(({ text: said, ...place }) => ({
      text: said,
      location: { file, ...place },
    }));
    return { errors };
  }
  if (documented.text === text) return asWritten();
  const result = await compiled(file, documented.text, {
    sourceMaps,
    ...(mapped && { inputSourceMap: documented.map() }),
  });
  return result.errors ? asWritten() : result;
}

/**
 * Compiles TypeScript as fabric-contract-api needs it: decorators leave the types of what they decorate, which esbuild alone
 * would drop, and say what comments say of it.
 */
export const typescript: Plugin = {
  name: 'typescript',
  setup(build) {
    const mapped = build.initialOptions.sourcemap !== undefined;
    build.onLoad({ filter: /\.[cm]?ts$/ }, ({ path }) => load(path, mapped));
  },
};
