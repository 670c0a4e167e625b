// Forked by the crash test: submits for as long as it can, and tells each transaction that was answered VALID.
import { TestClient, readUser } from './client.js';

const [address = '', msp = '', prefix = ''] = process.argv.slice(2);
const client = new TestClient(address, await readUser('AlphaMSP', msp));
const contract = client.gateway.getNetwork('main').getContract('sample');
process.on('disconnect', () => process.exit());
process.send?.({ type: 'ready' });

let next = 0;
async function write(): Promise<void> {
  for (;;) {
    const key = `${prefix}-${next}`;
    next += 1;
    try {
      const submitted = await contract.submitAsync('put', { arguments: [key, key] });
      const { code } = await submitted.getStatus();
      if (code === 0) process.send?.({ key });
    } catch {
      return;
    }
  }
}
await Promise.all(Array.from({ length: 16 }, write));
