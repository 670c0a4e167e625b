import { createServer } from 'node:net';
import { once } from 'node:events';
import { SandboxHost } from '@medigraph/dapp-sandbox';
import { HealthPage } from './health-page.js';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

it('says on the loopback what runs and what keeps it in, and nothing else', async () => {
  const port = await freePort();
  const sandbox = new SandboxHost();
  const page = await HealthPage.listen(port, sandbox);
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(await sandbox.status())));
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  } finally {
    await page.close();
  }
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
});
