import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Contract } from '@hyperledger/fabric-gateway';
import { freeAddress, sampleBundle, sampleFile, SandboxNetwork } from '@medigraph/dapp-sandbox/testing';
import { packageService } from '@medigraph/network/admin';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { alternate, type Bounds, measure, type Measurement } from '../measure.js';
import { residentMegabytes } from '../resident-memory.js';

const bench = 'sandbox';
const peer = 'the same contract without a sandbox, same ledger, same run';
const inFlight = 16;

const bounds = (quick: boolean): Bounds =>
  quick ? { operations: 300, milliseconds: 2_000 } : { operations: 3_000, milliseconds: 5_000 };

/** The sample contract as a service of the usual kind. */
async function startPlain(network: SandboxNetwork): Promise<{ contract: Contract; child: ChildProcess }> {
  const address = await freeAddress();
  const { id, content } = await packageService('plain_1.0.0', address);
  const child = fork(fileURLToPath(new URL('plain-process.js', import.meta.url)), [sampleFile('notes')], {
    env: { ...process.env, CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: id },
  });
  await once(child, 'message');
  return { contract: await network.runChaincode('plain', id, content), child };
}

async function compare(
  figure: string,
  ask: (contract: Contract) => Promise<unknown>,
  sandboxed: Contract,
  plain: Contract,
  { quick, say }: BenchOptions,
): Promise<Figure> {
  const run = (contract: Contract): Promise<Measurement> =>
    measure(bounds(quick), inFlight, () => ask(contract));
  await run(sandboxed);
  await run(plain);
  const { ours, peer: other } = await alternate(
    quick ? 2 : 5,
    () => run(sandboxed),
    () => run(plain),
  );
  const rate = ({ throughput, p50 }: Measurement) => `${throughput.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms`;
  say(`${figure}: ${rate(ours)}; without a sandbox ${rate(other)}`);
  return {
    bench,
    figure,
    value: ours.throughput,
    unit: 'transactions/s',
    peer,
    ratio: ours.throughput / other.throughput,
    n: ours.operations,
  };
}

/** `submit` and `evaluate`: one contract in the sandbox and without, 16 in flight; `guest-memory`: of both processes. */
export const sandboxBench: Bench = {
  summary: "a DApp's contract in its sandbox, against the same one without",
  async run(options) {
    // It measures what the sandbox costs, not where it ends what floods.
    const network = await SandboxNetwork.start({ eventsPerSecond: Number.MAX_SAFE_INTEGER });
    const started = performance.now();
    const sandboxed = await network.deploy('notes', await sampleBundle('notes'), ['Notes']);
    options.say(`deployed in ${(performance.now() - started).toFixed(0)} ms`);
    const { contract: plain, child } = await startPlain(network);
    try {
      let key = 0;
      const submit = (contract: Contract) =>
        contract.submitTransaction('Notes:put', `k${(key += 1)}`, 'note');
      const evaluate = (contract: Contract) => contract.evaluateTransaction('Notes:get', 'k1');
      const figures = [
        await compare('submit', submit, sandboxed, plain, options),
        await compare('evaluate', evaluate, sandboxed, plain, options),
      ];
      const [guest] = (await network.host.status()).guests;
      const megabytes = (guest?.process?.residentBytes ?? 0) / (1024 * 1024);
      const others = await residentMegabytes(child.pid === undefined ? [] : [child.pid]);
      options.say(`guest ${megabytes.toFixed(0)} MB; without a sandbox ${others.toFixed(0)} MB`);
      const memory = {
        bench,
        figure: 'guest-memory',
        value: megabytes,
        unit: 'MB',
        peer,
        ratio: others / megabytes,
        n: 1,
      };
      return [...figures, memory];
    } finally {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      await network.close();
    }
  },
};
