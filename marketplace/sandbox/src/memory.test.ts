import { type Contract } from '@hyperledger/fabric-gateway';
import { refusalOf } from './testing/refusal-of.js';
import { sampleBundle, SandboxNetwork } from './testing/sandbox-network.js';

describe('a DApp that eats memory', () => {
  let network: SandboxNetwork;
  let notes: Contract;

  beforeAll(async () => {
    network = await SandboxNetwork.start({
      transactionMs: 25_000,
      residentBytes: 200 * 1024 * 1024,
      longestBackoffMs: 200,
    });
    notes = await network.deploy('notes', await sampleBundle('notes'), ['Notes']);
    await notes.submitTransaction('Notes:put', 'k', 'mine');
    await network.deploy('memory-eater', await sampleBundle('hostile/memory-eater'), ['Memory']);
  });
  afterAll(() => network.close());

  const refused = (transaction: string) =>
    refusalOf(network.contract('memory-eater').evaluateTransaction(transaction));

  test.each(['heap', 'buffers'])('(%s) is stopped, others are served', async (name) => {
    while ((await refused('org.hyperledger.fabric:GetMetadata')) !== '');
    const before = network.host.logs('memory-eater').length;
    const stopped = refused(`Memory:${name}`);
    expect(Buffer.from(await notes.evaluateTransaction('Notes:get', 'k')).toString()).toBe('mine');
    expect(await stopped).toContain('DAPP_STOPPED');
    const [entry] = network.host.logs('memory-eater').slice(before);
    expect(entry?.report?.code).toBe('MEMORY_EXCEEDED');
    expect(Buffer.from(await notes.evaluateTransaction('Notes:get', 'k')).toString()).toBe('mine');
    expect(network.host.metrics('notes')).toMatchObject({ restarts: 0, reports: {} });
  });
});
