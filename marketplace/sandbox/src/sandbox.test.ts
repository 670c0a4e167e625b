import { type Contract } from '@hyperledger/fabric-gateway';
import { refusalOf } from './testing/refusal-of.js';
import { sampleBundle, SandboxNetwork } from './testing/sandbox-network.js';

describe('a sandboxed DApp', () => {
  let network: SandboxNetwork;
  let notes: Contract;

  beforeAll(async () => {
    network = await SandboxNetwork.start();
    notes = await network.deploy('notes', await sampleBundle('notes'), ['Notes']);
  });
  afterAll(() => network.close());

  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  test('writes to the ledger and reads from it', async () => {
    expect(text(await notes.submitTransaction('Notes:put', 'k', 'hello'))).toBe('k');
    expect(text(await notes.evaluateTransaction('Notes:get', 'k'))).toBe('hello');
  });

  test('knows the moment of the transaction', async () => {
    expect(text(await notes.evaluateTransaction('Notes:when'))).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('answers the metadata that its part of the graph is made of', async () => {
    const metadata = text(await notes.evaluateTransaction('org.hyperledger.fabric:GetMetadata'));
    expect(Object.keys((JSON.parse(metadata) as { contracts: object }).contracts)).toContain('Notes');
  });

  test('is counted for its author: calls, failures, codes', async () => {
    expect(await refusalOf(notes.evaluateTransaction('Notes:refuse'))).toContain('NOTE_REFUSED');
    expect(await refusalOf(notes.evaluateTransaction('Notes:unheardOf'))).not.toBe('');
    expect(network.host.metrics('notes')).toMatchObject({
      transactions: { 'Notes:refuse': { calls: 1, failures: 1 }, '(unknown)': { calls: 1, failures: 1 } },
      refusals: { NOTE_REFUSED: 1 },
      restarts: 0,
    });
  });

  test('is made with the kit, too', async () => {
    const greetings = await network.deploy('greetings', await sampleBundle('greetings'), ['Greetings']);
    expect(text(await greetings.evaluateTransaction('Greetings:greet', 'Ada'))).toMatch(/Ada at 20\d\d/);
  });

  test('comes back when its process is gone, at the same address', async () => {
    const before = (await network.host.status()).guests.find(({ dapp }) => dapp === 'notes');
    process.kill(before?.process?.pid ?? 0, 'SIGKILL');
    let answer = '';
    while (answer === '') answer = await notes.evaluateTransaction('Notes:get', 'k').then(text, () => '');
    const after = (await network.host.status()).guests.find(({ dapp }) => dapp === 'notes');
    expect(answer).toBe('hello');
    expect(after?.address).toBe(before?.address);
    expect(after?.process?.pid).not.toBe(before?.process?.pid);
    expect(network.host.logs('notes').at(-1)?.report?.code).toBe('CRASHED');
  });

  test('says how far it is kept apart', async () => {
    const { isolation } = await network.host.status();
    expect(isolation.network === 'namespaces' || isolation.lacking.length > 0).toBe(true);
  });
});
