import { once } from 'node:events';
import { connect } from 'node:net';

/**
 * `node health.js ADDRESS`: exits with 0 if the address answers, `http://…` with a 2xx, `tcp://host:port` at all. Imports
 * nothing of the platform, since it runs every few seconds in every container.
 */
const patienceMs = 3_000;

async function check(address: URL): Promise<void> {
  if (address.protocol === 'tcp:') {
    const socket = connect({ host: address.hostname, port: Number(address.port), timeout: patienceMs });
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${patienceMs} ms`)));
    await once(socket, 'connect');
    socket.destroy();
    return;
  }
  const answer = await fetch(address, { signal: AbortSignal.timeout(patienceMs) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
}

try {
  await check(new URL(process.argv[2] ?? ''));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
