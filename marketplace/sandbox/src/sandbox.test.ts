import { type Contract } from '@hyperledger/fabric-gateway';
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
});
