/**
 * What the shim loads and a guest has no use for: its gRPC library (the host talks to the peer), its logger (a stream to
 * the terminal), its command line. Put in their places before anything of the shim is loaded, so that nothing that
 * contracts can reach holds a socket or a file, and a guest starts fast.
 */
import { createRequire, Module } from 'node:module';

const require = createRequire(import.meta.url);
const ofShim = createRequire(require.resolve('fabric-shim/lib/handler.js'));
const ofApi = createRequire(require.resolve('fabric-contract-api'));
const ofProtos = createRequire(ofShim.resolve('@hyperledger/fabric-protos'));

/** Loaded modules, by file. */
const loaded = (Module as unknown as { _cache: Record<string, unknown> })._cache;

function put(file: string, exports: unknown): void {
  const module = new Module(file);
  module.exports = exports;
  module.loaded = true;
  loaded[file] = module;
}

/** A logger in the place of winston's. */
export interface GuestLogger {
  readonly getLogger: (name?: string) => Readonly<Record<string, (...words: unknown[]) => void>>;
  readonly setLevel: () => void;
}

/** @param logger - what contracts get as `ctx.logging`; the shim itself is silent */
export function putSubstitutes(logger: GuestLogger): void {
  const nothing = function nothing() {
    return undefined;
  };
  const grpc = { makeGenericClientConstructor: () => nothing, credentials: {} };
  for (const from of [ofShim, ofProtos]) put(from.resolve('@grpc/grpc-js'), grpc);
  put(ofShim.resolve('./logger.js'), logger);
  put(ofApi.resolve('./lib/logger.js'), logger);
  put(ofShim.resolve('./server.js'), nothing);
  put(ofShim.resolve('./cmds/startCommand.js'), {});
  put(ofShim.resolve('yargs'), {});
}
