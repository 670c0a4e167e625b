// The process that runs a package's own tests on its contracts, or repeats what another such process did. It speaks with the
// host through the pipe that is its third file, and with nobody else.
import assert from 'node:assert';
import net from 'node:net';
import { createRequire } from 'node:module';
import test from 'node:test';
import vm from 'node:vm';
import { type ChaincodeInterface } from 'fabric-shim-api';
import { config } from 'zod';
import { encodeFrame, type Frame, frameKind, FrameReader, type TestProgram } from '../wire/frames.js';
import { contractsModule } from '../tests-module.js';
import { ContractRealm } from './contract-realm.js';
import { createHash } from './digest.js';
import { Lockdown } from './lockdown.js';
import { shareNoMemory } from './memory.js';
import { classesOf, settleOwnRealm } from './own-realm.js';
import { Refusals } from './refusals.js';
import { putSubstitutes } from './substitutes.js';
import { onTest } from './test-reporter.js';

/** The host is trusted, and its largest frame is a bundle with tests. */
const mostBytes = 64 * 1024 * 1024;
const mostReasonLength = 500;

shareNoMemory();
const pipe = new net.Socket({ fd: 3 });
const say = (kind: (typeof frameKind)[keyof typeof frameKind], what: unknown) =>
  pipe.write(encodeFrame(kind, 0, Buffer.from(JSON.stringify(what))));
const { compileFunction } = vm;
const exit = process.exit.bind(process);
pipe.on('close', () => exit(0));

const silent = () => undefined;
const noLog = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent });
putSubstitutes({ getLogger: () => noLog, setLevel: silent });
config({ jitless: true });
const [kit, bench, { replay }, { dispatcherOf }, { allowSchemas }] = await Promise.all([
  import('@medigraph/dapp'),
  import('@medigraph/dapp/testing'),
  import('@medigraph/chaincode-lib/testing'),
  import('@medigraph/chaincode-lib/dispatcher'),
  import('./schema-compiler.js'),
]);
const load = createRequire(import.meta.url);
const shared: readonly [string, unknown][] = [
  ['fabric-contract-api', load('fabric-contract-api')],
  ['fabric-shim-api', load('fabric-shim-api')],
  ['reflect-metadata', Object.freeze({})],
  ['node:crypto', Object.freeze({ createHash })],
  ['node:buffer', Object.freeze({ Buffer })],
];
const contractModules = new Map<string, unknown>([['@medigraph/dapp', Object.freeze({ ...kit })], ...shared]);
load('fabric-shim/lib/contract-spi/systemcontract.js');

type Contracts = Parameters<typeof dispatcherOf>[0];

const { refuse } = new Refusals((code, message, name) => say(frameKind.violation, { code, message, name }));
const lockdown = new Lockdown();

/** Closes the process, and loads the contracts as they will run. */
function contractsOf({ bundle, file }: TestProgram): { readonly contracts?: Contracts } {
  allowSchemas(lockdown);
  lockdown.close((pipe as unknown as { _handle: object })._handle);
  const realm = new ContractRealm({ modules: contractModules, refuse, onLine: silent });
  return realm.run(bundle, file) as { readonly contracts?: Contracts };
}

/** Notes what contracts are asked, each once. */
class ObservedBench extends bench.DAppBench {
  constructor(options: ConstructorParameters<typeof bench.DAppBench>[0]) {
    const seen = new Set<string>();
    super({
      ...options,
      observe: (run) => {
        if (seen.has(run.transaction) || run.name.startsWith('org.hyperledger.fabric:')) return;
        seen.add(run.transaction);
        say(frameKind.recorded, run);
      },
    });
  }
}

async function runTests(program: TestProgram & { readonly tests: string }): Promise<void> {
  // Node's runner gets ready at the first test: it reads its reporter, and takes hold of the process.
  await test('the process is ready');
  const main = compileFunction(program.tests, ['exports', 'require', 'module'], { filename: 'tests.cjs' });
  onTest(({ reason, ...event }) =>
    say(frameKind.tested, {
      ...event,
      ...(reason !== undefined && { reason: reason.slice(0, mostReasonLength) }),
    }),
  );
  const modules = new Map<string, unknown>([
    ...contractModules,
    [contractsModule, contractsOf(program)],
    ['@medigraph/dapp/testing', Object.freeze({ ...bench, DAppBench: ObservedBench })],
    ['node:test', test],
    ['node:assert', assert],
    ['node:assert/strict', assert.strict],
  ]);
  const give = (name: string): unknown => {
    if (modules.has(name)) return modules.get(name);
    throw new Error(`tests may require ${[...modules.keys()].join(', ')} and nothing else, not ${name}`);
  };
  const module: { exports: unknown } = { exports: {} };
  Reflect.apply(main, undefined, [module.exports, give, module]);
  // Nothing more will be said to it: it ends with its tests.
  pipe.unref();
}

/** Repeats what was recorded, the last first: what depends on what ran before comes to something else. */
async function repeat(program: TestProgram, recorded: readonly string[]): Promise<void> {
  const { contracts = [] } = contractsOf(program);
  settleOwnRealm(classesOf(contractModules.values()));
  const chaincode: ChaincodeInterface = dispatcherOf(contracts, program.name, program.version);
  for (const text of recorded.toReversed()) {
    const divergence = await replay(chaincode, JSON.parse(text) as Parameters<typeof replay>[1]);
    if (divergence) say(frameKind.diverged, divergence);
  }
  pipe.end(encodeFrame(frameKind.end, 0, new Uint8Array()));
}

let program: TestProgram | undefined;
const recorded: string[] = [];

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  pipe.end(encodeFrame(frameKind.loadFailed, 0, Buffer.from(reason.slice(0, mostReasonLength))));
}

function receive({ kind, payload }: Frame): void {
  if (kind === frameKind.test) program = JSON.parse(payload.toString()) as TestProgram;
  else if (kind === frameKind.recorded) recorded.push(payload.toString());
  else if (kind === frameKind.end && program !== undefined) {
    const { tests } = program;
    (tests === undefined ? repeat(program, recorded) : runTests({ ...program, tests })).catch(fail);
  }
}

const reader = new FrameReader(mostBytes, receive);
pipe.on('data', (chunk: Buffer) => reader.take(chunk));
