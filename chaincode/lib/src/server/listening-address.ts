import { createServer } from 'node:net';

/**
 * The address with a port that is free now, if it asks for any (`127.0.0.1:0`). The shim does not tell which port it was
 * given, so the port is chosen before it listens.
 */
export async function listeningAddress(address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  if (address.slice(colon + 1) !== '0') return address;
  const probe = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const bound = probe.address();
      if (bound === null || typeof bound === 'string') reject(new Error(`${host} is no network address`));
      else resolve(bound.port);
    });
  });
  await new Promise((resolve) => probe.close(resolve));
  return `${host}:${port}`;
}
