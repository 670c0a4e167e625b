import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeProcess, type NodeProcessOptions } from './node-process.js';
import { assignPorts } from './ports.js';

describe('NodeProcess', () => {
  let folder: string;
  let port: number;
  const program = (script: string): NodeProcessOptions => ({
    name: 'sample',
    command: process.execPath,
    args: ['-e', script],
    env: { PORT: String(port) },
    folder,
    logFile: path.join(folder, 'sample.log'),
    port,
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-node-'));
    port = (await assignPorts(folder, ['sample']))['sample'] ?? 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('starts once the port answers, and says how the program ended', async () => {
    const node = await NodeProcess.start(
      program('require("net").createServer().listen(+process.env.PORT, "127.0.0.1")'),
    );
    await node.stop();
    expect(await node.ended).toBe('killed by SIGTERM');
  });

  it('shows the log of a program that ends instead of serving', async () => {
    await expect(
      NodeProcess.start(program('console.error("no certificate"); process.exit(3)')),
    ).rejects.toMatchObject({
      code: 'NATIVE_NODE_FAILED',
      message: 'sample did not start: exited with 3\nno certificate',
    });
  });

  it('reports a program that cannot be run', async () => {
    await expect(
      NodeProcess.start({ ...program(''), command: path.join(folder, 'nothing') }),
    ).rejects.toMatchObject({
      code: 'NATIVE_NODE_FAILED',
      message: expect.stringContaining('ENOENT') as unknown,
    });
  });

  it('refuses a port that another program uses', async () => {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await expect(NodeProcess.start(program(''))).rejects.toMatchObject({ code: 'NATIVE_PORT_TAKEN' });
    server.close();
  });

  it('keeps the port of a name and gives a new name a free one', async () => {
    const ports = await assignPorts(folder, ['sample', 'another']);
    expect(ports['sample']).toBe(port);
    const server = createServer().listen(ports['another'], '127.0.0.1');
    await once(server, 'listening');
    expect((server.address() as AddressInfo).port).toBe(ports['another']);
    server.close();
  });
});
