import { createRequire } from 'node:module';
import { type Lockdown } from './lockdown.js';

type Method = (this: unknown, schema: unknown, ...others: unknown[]) => unknown;

/**
 * Lets the dispatcher's validator compile the schemas of arguments, and nothing else. Schemas are the contracts' own, so they
 * are copied as JSON first: nothing of a contract runs while text may become code.
 */
export function allowSchemas(lockdown: Lockdown): void {
  const shim = createRequire(createRequire(import.meta.url).resolve('fabric-shim/lib/handler.js'));
  const { prototype } = shim('ajv') as { prototype: Record<'_addSchema' | '_compile', Method> };
  const { _addSchema: add, _compile: compile } = prototype;
  prototype._addSchema = function (schema, ...others) {
    const copy: unknown = typeof schema === 'object' ? JSON.parse(JSON.stringify(schema)) : schema;
    return add.call(this, copy, ...others);
  };
  prototype._compile = function (...args) {
    return lockdown.compile(() => compile.apply(this, args));
  };
}
