import { transformFile } from '@swc/core';
import { type PartialMessage, type Plugin } from 'esbuild';

/** What TypeScript leaves of the type of a method: nobody reads it, and a review wonders what `Function` is for. */
const methodType = '_ts_metadata("design:type", Function)';
const methodShape = '_ts_metadata("design:type", Object)';

/** What swc says of a source, as esbuild says it: swc draws the place, and adds the inside of itself. */
function misspelt(file: string, { message }: Error): PartialMessage {
  const [text = ''] = message.trim().replace(/^x /, '').split('\n');
  const [, line = '1', column = '1'] = /:(\d+):(\d+)\]/.exec(message) ?? [];
  return { text, location: { file, line: Number(line), column: Number(column) - 1 } };
}

/**
 * Compiles TypeScript as fabric-contract-api needs it: decorators leave the types of what they decorate, which esbuild alone
 * would drop.
 */
export const typescript: Plugin = {
  name: 'typescript',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?ts$/ }, async ({ path }) => {
      const compiled = await transformFile(path, {
        configFile: false,
        swcrc: false,
        sourceMaps: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      }).catch((error: unknown) => error as Error);
      if (compiled instanceof Error) return { errors: [misspelt(path, compiled)] };
      return { contents: compiled.code.replaceAll(methodType, methodShape), loader: 'js' };
    });
  },
};
