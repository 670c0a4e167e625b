/** A process that loads a bundle, which it reads from its standard input, and tells what its contracts say of themselves. */
import '@medigraph/chaincode-lib/quiet';
import { type ContractClass, metadataOf } from '@medigraph/chaincode-lib/server';
import * as dapp from '@medigraph/dapp';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import vm from 'node:vm';

const load = createRequire(import.meta.url);
const modules: Readonly<Record<string, unknown>> = {
  '@medigraph/dapp': dapp,
  'fabric-contract-api': load('fabric-contract-api') as unknown,
  'fabric-shim-api': load('fabric-shim-api') as unknown,
};

function give(name: string): unknown {
  if (Object.hasOwn(modules, name)) return modules[name];
  throw new Error(`the host gives contracts no module ${name}`);
}

const bundle = await text(process.stdin);
const main = vm.compileFunction(`'use strict';\n${bundle}`, ['exports', 'require', 'module']);
const module: { exports: { contracts?: unknown } } = { exports: {} };
try {
  Reflect.apply(main, undefined, [module.exports, give, module]);
  const { contracts } = module.exports;
  if (!Array.isArray(contracts)) throw new Error('it exports no list of contracts');
  process.send?.({ metadata: metadataOf(contracts as ContractClass[], 'dapp', '1.0') });
} catch (error) {
  process.send?.({ error: String(error) });
}
process.disconnect();
