import { readNetworkDescription } from '@medigraph/network';
import { findFabricBinaries, type NativeNetwork, nativeStatus, startNative } from '@medigraph/network/native';
import { loadConnectionProfile } from '@medigraph/platform/ledger';
import { fileURLToPath } from 'node:url';
import { BareClient, bareClientName } from '../bare-client.js';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { type GraphCaller } from '../graph-caller.js';
import { alternate, type Bounds, measure, type Measurement, repeat } from '../measure.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import {
  coverageInput,
  insurerId,
  insurerMspId,
  newPolicyId,
  PolicyContract,
  registerCoverage,
} from './policies.js';
import {
  eventDelivery,
  type MeasuredNetwork,
  memory,
  type RealFabric,
  startFromNothing,
} from './network-costs.js';
import { recordedFabric, recordedPeer } from './recorded.js';

const bench = 'ledger';
const loads = [1, 32, 128, 256] as const;

/** One round: long enough to be in flow, short enough for several of each. */
const round = (quick: boolean): Bounds =>
  quick ? { operations: 400, milliseconds: 700 } : { operations: 4_000, milliseconds: 3_000 };

const describe = ({ throughput, p50 }: Measurement): string =>
  `${throughput.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms`;

/** The institution whose policies are registered; everything is warm when this is done. */
async function prepare(platform: RunningPlatform, contract: PolicyContract): Promise<GraphCaller> {
  const operator = await platform.as(`operator:${insurerId}`);
  await operator.request(
    'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
    { input: { id: insurerId, name: 'Insurer A', kind: 'INSURER' } },
  );
  const insurer = await platform.as(insurerId);
  await waitUntilKnown(insurer);
  await contract.register();
  return insurer;
}

/** The claims subgraph learns of the institution from the ledger, a moment after its registration is answered by another. */
async function waitUntilKnown(insurer: GraphCaller): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await insurer.request(registerCoverage, { input: coverageInput() });
      return;
    } catch (error) {
      if (attempt === 100) throw error;
    }
  }
}

async function mutations(
  platform: RunningPlatform,
  insurer: GraphCaller,
  contract: PolicyContract,
  { quick, say }: BenchOptions,
): Promise<Figure[]> {
  const mutate = () => insurer.request(registerCoverage, { input: coverageInput() });
  const submit = () => contract.register();
  const warmUp = quick ? round(true) : { operations: 1_000, milliseconds: 10_000 };
  await measure(warmUp, 32, mutate);
  await measure(warmUp, 32, submit);
  const figures: Figure[] = [];
  for (const inFlight of loads) {
    const { ours, peer } = await alternate(
      quick ? 2 : 5,
      () => measure(round(quick), inFlight, mutate),
      () => measure(round(quick), inFlight, submit),
    );
    say(`mutation, ${inFlight} in flight: ${describe(ours)}; bare client ${describe(peer)}`);
    figures.push(
      {
        bench,
        figure: `mutation-${inFlight}`,
        value: ours.throughput,
        unit: 'mutations/s',
        peer: bareClientName,
        ratio: ours.throughput / peer.throughput,
        n: ours.operations,
      },
      {
        bench,
        figure: `mutation-${inFlight}-p50`,
        value: ours.p50,
        unit: 'ms',
        peer: bareClientName,
        ratio: peer.p50 / ours.p50,
        n: ours.operations,
      },
    );
  }
  return figures;
}

async function embedded(
  network: MeasuredNetwork,
  other: RealFabric | undefined,
  options: BenchOptions,
): Promise<Figure[]> {
  const { contract } = network;
  const { quick, say } = options;
  const rounds = quick ? 2 : 5;
  const compare = async (
    figure: string,
    unit: string,
    recorded: number,
    run: (of: PolicyContract) => Promise<Measurement>,
  ): Promise<Figure> => {
    const { ours, peer } = other
      ? await alternate(
          rounds,
          () => run(contract),
          () => run(other.contract),
        )
      : { ours: await repeat(rounds, () => run(contract)), peer: undefined };
    say(`${figure}: ${describe(ours)}${peer ? `; real Fabric ${describe(peer)}` : ''}`);
    return {
      bench,
      figure,
      value: ours.throughput,
      unit,
      peer: other?.name ?? recordedPeer(`${recorded.toFixed(0)} ${unit}`),
      ratio: ours.throughput / (peer?.throughput ?? recorded),
      n: ours.operations,
    };
  };
  const figures: Figure[] = [];
  for (const inFlight of loads) {
    const { submitsPerSecond, submitsPerSecondAlone } = recordedFabric;
    figures.push(
      await compare(
        `embedded-submit-${inFlight}`,
        'transactions/s',
        inFlight === 1 ? submitsPerSecondAlone : submitsPerSecond,
        (of) => measure(round(quick), inFlight, () => of.register()),
      ),
    );
  }
  const id = newPolicyId();
  await Promise.all([contract.register(id), other?.contract.register(id)]);
  figures.push(
    await compare('embedded-evaluate', 'evaluates/s', recordedFabric.evaluatesPerSecond, (of) =>
      measure(round(quick), 32, () => of.isEligible(id)),
    ),
  );
  return [
    ...figures,
    ...(await eventDelivery(network, other, options)),
    ...(await memory(network, other, options)),
    ...(await startFromNothing(other, options)),
  ];
}

/** Parts of the platform that stand for what Fabric is: not the documents, nor the graph itself. */
const networkParts = new Set(['ledger', 'care', 'claims', 'registry']);

const networkPids = ({ medigraph }: RunningPlatform): Promise<number[]> =>
  Promise.resolve(
    medigraph.parts().flatMap(({ name, pid }) => (networkParts.has(name) && pid !== undefined ? [pid] : [])),
  );

const entryOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier));

/** A real Fabric with the same organisations and contracts, if `FABRIC_BIN` names its binaries. */
async function withRealFabric<T>(
  say: BenchOptions['say'],
  work: (other: RealFabric | undefined) => Promise<T>,
): Promise<T> {
  if (process.env['FABRIC_BIN'] === undefined) {
    say('FABRIC_BIN is not set: real Fabric stands in with recorded figures');
    return work(undefined);
  }
  return withTemporaryFolder(async (folder) => {
    say('starting real Fabric …');
    const suite = (name: string) => ({
      command: process.execPath,
      args: ['--no-warnings', entryOf(`@medigraph/chaincode-${name}/server`)],
    });
    const begin = performance.now();
    const network: NativeNetwork = await startNative({
      description: await readNetworkDescription(),
      folder,
      binaries: await findFabricBinaries(),
      chaincodes: { care: suite('care'), claims: suite('claims'), registry: suite('registry') },
    });
    const startSeconds = (performance.now() - begin) / 1000;
    const pids = async () => (await nativeStatus(folder)).map(({ pid }) => pid);
    try {
      const client = new BareClient(
        await loadConnectionProfile(network.connectionProfile),
        insurerMspId,
        'native',
      );
      try {
        const contract = new PolicyContract(client);
        await contract.register();
        return await work({ name: 'real Fabric, same contracts, same run', contract, pids, startSeconds });
      } finally {
        client.close();
      }
    } finally {
      await network.stop();
    }
  });
}

/**
 * `mutation-N`: a GraphQL mutation through router and subgraph until its answer can be read back, against the bare gateway
 * client submitting the same transaction until its commit; N in flight. `embedded-*`: that client on the embedded network,
 * against itself on a real Fabric, on both with a signer in OpenSSL: the SDK's own would keep it busier than either network;
 * with the time of an event, the memory of all processes, and the start from nothing. The client is in the process of the bench; router and subgraphs share one, the ledger has
 * another, each contract suite and the documents one more.
 */
export const ledgerBench: Bench = {
  summary:
    'mutations against the bare gateway client; the embedded network against a real Fabric (FABRIC_BIN), its client signing natively',
  run: (options) =>
    withPlatform(options, async (platform) => {
      const client = new BareClient(platform.profile, insurerMspId);
      const nativeClient = new BareClient(platform.profile, insurerMspId, 'native');
      try {
        const contract = new PolicyContract(client);
        const insurer = await prepare(platform, contract);
        const figures = await mutations(platform, insurer, contract, options);
        return await withRealFabric(options.say, async (other) => [
          ...figures,
          ...(await embedded(
            { contract: new PolicyContract(nativeClient), pids: () => networkPids(platform) },
            other,
            options,
          )),
        ]);
      } finally {
        nativeClient.close();
        client.close();
      }
    }),
};
