import { transformFile } from '@swc/core';
import { type Plugin } from 'esbuild';

/** What TypeScript leaves of the type of a method: nobody reads it, and a review wonders what `Function` is for. */
const methodType = '_ts_metadata("design:type", Function)';
const methodShape = '_ts_metadata("design:type", Object)';

/**
 * Compiles TypeScript as fabric-contract-api needs it: decorators leave the types of what they decorate, which esbuild alone
 * would drop.
 */
export const typescript: Plugin = {
  name: 'typescript',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?ts$/ }, async ({ path }) => {
      const { code } = await transformFile(path, {
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
      });
      return { contents: code.replaceAll(methodType, methodShape), loader: 'js' };
    });
  },
};
