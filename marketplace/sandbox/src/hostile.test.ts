import { type Contract } from '@hyperledger/fabric-gateway';
import { refusalOf } from './testing/refusal-of.js';
import { sampleBundle, SandboxNetwork } from './testing/sandbox-network.js';

const limits = {
  transactionMs: 4_000,
  residentBytes: 200 * 1024 * 1024,
  cpuMs: 60_000,
  cpuWindowMs: 3_000,
  idleCpuMs: 500,
  longestBackoffMs: 200,
};

describe('a hostile DApp', () => {
  let network: SandboxNetwork;
  let notes: Contract;

  beforeAll(async () => {
    network = await SandboxNetwork.start(limits);
    notes = await network.deploy('notes', await sampleBundle('notes'), ['Notes']);
    await notes.submitTransaction('Notes:put', 'k', 'mine');
  });
  afterAll(() => network.close());

  const deploy = async (sample: string, contract: string) =>
    network.deploy(sample, await sampleBundle(`hostile/${sample}`), [contract]);
  const reports = (dapp: string) => network.host.logs(dapp).flatMap(({ report }) => report ?? []);

  /** The other DApp's process is the one that it was, and answers. */
  const nobodyElseSuffers = async () => {
    expect(Buffer.from(await notes.evaluateTransaction('Notes:get', 'k')).toString()).toBe('mine');
    expect(network.host.metrics('notes')).toMatchObject({ restarts: 0, reports: {} });
  };
  /** Asks until its contracts were started anew. */
  const untilItRunsAgain = async (contract: Contract) => {
    while ((await refusalOf(contract.evaluateTransaction('org.hyperledger.fabric:GetMetadata'))) !== '');
  };

  describe('that loops', () => {
    let loop: Contract;
    beforeAll(async () => {
      loop = await deploy('endless-loop', 'Loop');
    });

    test.each(['Loop:sync', 'Loop:async', 'Loop:never', 'Loop:asking'])(
      '%s is stopped, others are served',
      async (name) => {
        const before = reports('endless-loop').length;
        await untilItRunsAgain(loop);
        const stopped = refusalOf(loop.evaluateTransaction(name));
        await nobodyElseSuffers();
        expect(await stopped).toMatch(/DAPP_(TIMED_OUT: a transaction took longer than 4 s|LIMIT_EXCEEDED)/);
        // It is told once the process is gone, which may be a moment after its transactions were answered.
        do await nobodyElseSuffers();
        while (reports('endless-loop').length === before);
        const [report] = reports('endless-loop').slice(before);
        expect(report?.code).toMatch(/TRANSACTION_TIMED_OUT|TOO_MANY_LEDGER_CALLS/);
        expect(report?.transactionId).toMatch(/^[0-9a-f]{64}$/);
      },
    );

    test('after its answer is stopped, too', async () => {
      await untilItRunsAgain(loop);
      const before = reports('endless-loop').length;
      await refusalOf(loop.evaluateTransaction('Loop:afterwards'));
      while (reports('endless-loop').length === before) await nobodyElseSuffers();
      expect(reports('endless-loop')[before]?.code).toMatch(/CPU_EXCEEDED|TRANSACTION_TIMED_OUT/);
    });
  });
});
