import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Address of the loopback with a port that is free now. */
export async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return `127.0.0.1:${port}`;
}
