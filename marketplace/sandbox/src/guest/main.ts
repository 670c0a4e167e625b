// The process that a DApp's contracts run in. It speaks with the host through the pipe that is its third file, and with
// nobody else; see docs/security.md for what it is kept from, and by what.
import net from 'node:net';
import { createRequire } from 'node:module';
import { type ChaincodeInterface, type ChaincodeStub } from 'fabric-shim-api';
import { encodeFrame, type Frame, frameKind, FrameReader, type GuestProgram } from '../wire/frames.js';
import { ContractRealm } from './contract-realm.js';
import { createHash } from './digest.js';
import { Lockdown } from './lockdown.js';
import { shareNoMemory } from './memory.js';
import { classesOf, settleOwnRealm, shimClasses } from './own-realm.js';
import { Refusals } from './refusals.js';
import { putSubstitutes } from './substitutes.js';
import { config } from 'zod';

/** The host is trusted, and its largest frame is a bundle. */
const mostBytes = 64 * 1024 * 1024;
const mostLineLength = 500;
const mostBytesWaiting = 1024 * 1024;

shareNoMemory();
const pipe = new net.Socket({ fd: 3 });
const exit = process.exit.bind(process);
const say = (kind: (typeof frameKind)[keyof typeof frameKind], what: unknown) =>
  pipe.write(encodeFrame(kind, 0, Buffer.from(typeof what === 'string' ? what : JSON.stringify(what))));
const violation = (code: string, message: string, name?: string) =>
  say(frameKind.violation, { code, message, name });
let linesLeftOut = 0;
/** A line for the author, if the host keeps up with them. */
function line(text: string): void {
  if (pipe.writableLength > mostBytesWaiting) {
    linesLeftOut += 1;
    return;
  }
  if (linesLeftOut > 0)
    say(frameKind.line, `… ${linesLeftOut} lines were left out: there were too many at once`);
  linesLeftOut = 0;
  say(frameKind.line, text.slice(0, mostLineLength));
}
const sentenceOf = (error: unknown) => (error instanceof Object && 'message' in error ? String(error.message) : String(error)); // prettier-ignore

process.on('unhandledRejection', () => {
  if (pipe.writableLength <= mostBytesWaiting)
    violation('REJECTION_UNHANDLED', 'a promise was rejected and nobody took notice: await every promise');
});
pipe.on('close', () => exit(0));

const write = (...words: unknown[]) => line(words.map(String).join(' '));
const log = Object.freeze({ debug: write, info: write, warn: write, error: write });
const silent = () => undefined;
const noLog = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent });
// The shim names its loggers by its files, contracts theirs by the contract.
putSubstitutes({
  getLogger: (name = '') => (name.endsWith('.js') || name.includes('/') ? noLog : log),
  setLevel: silent,
});
// What the kit checks answers with makes code of text when it is first used, unless it is told not to.
config({ jitless: true });
const [kit, { dispatcherOf }, { PeerStream }, { allowSchemas }] = await Promise.all([
  import('@medigraph/dapp'),
  import('@medigraph/chaincode-lib/dispatcher'),
  import('./peer-stream.js'),
  import('./schema-compiler.js'),
]);
const load = createRequire(import.meta.url);
const modules = new Map<string, unknown>([
  ['@medigraph/dapp', Object.freeze({ ...kit })],
  ['fabric-contract-api', load('fabric-contract-api')],
  ['fabric-shim-api', load('fabric-shim-api')],
  // What it would put in place is there.
  ['reflect-metadata', Object.freeze({})],
  // Digests are the same everywhere; keys and random bytes are not.
  ['node:crypto', Object.freeze({ createHash })],
  ['node:buffer', Object.freeze({ Buffer })],
]);

const refusals = new Refusals(violation);
const lockdown = new Lockdown();
allowSchemas(lockdown);
// Loaded by its first use, which is too late.
load('fabric-shim/lib/contract-spi/systemcontract.js');
const classes = [...shimClasses(), ...classesOf(modules.values())];
lockdown.close((pipe as unknown as { _handle: object })._handle);
settleOwnRealm(classes);

const lowestFailure = 400;

/** A contract may throw what has no message, or an empty one; the caller is answered all the same. */
function answering(chaincode: ChaincodeInterface): ChaincodeInterface {
  const speechless = {
    status: 500,
    message: 'the contract failed without saying why',
    payload: new Uint8Array(),
  };
  const answer = async (run: () => ReturnType<ChaincodeInterface['Invoke']>) => {
    try {
      const response = await run();
      return response.status >= lowestFailure && !response.message ? speechless : response;
    } catch {
      return speechless;
    }
  };
  return {
    Init: (stub: ChaincodeStub) => answer(() => chaincode.Init(stub)),
    Invoke: (stub: ChaincodeStub) => answer(() => chaincode.Invoke(stub)),
  };
}

function start({ name, version, file, bundle }: GuestProgram): ChaincodeInterface {
  const realm = new ContractRealm({ modules, refuse: refusals.refuse, onLine: line });
  const exported = realm.run(bundle, file) as { contracts?: unknown } | undefined;
  const contracts = exported?.contracts;
  if (!Array.isArray(contracts) || contracts.length === 0)
    throw new Error(`${file} exports no list of contracts: module.exports.contracts`);
  const chaincode = dispatcherOf(contracts as Parameters<typeof dispatcherOf>[0], name, version);
  const { metadata } = chaincode as unknown as { metadata: object };
  say(frameKind.loaded, metadata);
  return answering(chaincode);
}

let chaincode: ChaincodeInterface | undefined;
const streams = new Map<number, InstanceType<typeof PeerStream>>();

function receive({ kind, connection, payload }: Frame): void {
  if (kind === frameKind.load) {
    try {
      chaincode = start(JSON.parse(payload.toString()) as GuestProgram);
    } catch (error) {
      say(frameKind.loadFailed, sentenceOf(error).slice(0, mostLineLength));
    }
  } else if (kind === frameKind.closed) streams.delete(connection);
  else if (chaincode !== undefined) {
    let stream = streams.get(connection);
    if (stream === undefined) {
      const send = (message: Uint8Array) => pipe.write(encodeFrame(frameKind.message, connection, message));
      streams.set(connection, (stream = new PeerStream(chaincode, send)));
    }
    stream.receive(payload);
  }
}

const reader = new FrameReader(mostBytes, receive);
pipe.on('data', (chunk: Buffer) => reader.take(chunk));
