import { afterEach, expect, test } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Connects as a peer does and answers the first message: what the chaincode registers as. */
async function registrationAt(address: string): Promise<string> {
  const client = new peer.ChaincodeClient(address, credentials.createInsecure());
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + 20_000, (error) => (error ? reject(error) : resolve()));
    });
    const stream = client.connect();
    stream.on('error', () => undefined);
    const [message] = (await once(stream, 'data')) as [peer.ChaincodeMessage];
    stream.cancel();
    expect(message.getType()).toBe(peer.ChaincodeMessage.Type.REGISTER);
    return peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
  } finally {
    client.close();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

test('the standard chaincode server serves the package', async () => {
  const shim = path.dirname(createRequire(import.meta.url).resolve('fabric-shim'));
  const address = `127.0.0.1:${await freePort()}`;
  const args = ['server', `--chaincode-address=${address}`, '--chaincode-id=care:1.0'];
  children.push(
    spawn(process.execPath, [path.join(shim, 'cli.js'), ...args], { cwd: folder, stdio: 'ignore' }),
  );
  expect(await registrationAt(address)).toBe('care:1.0');
});

test('the forked server says when it is ready and stops on SIGTERM', async () => {
  const child = fork(path.join(folder, 'dist/server.js'), {
    env: { ...process.env, CHAINCODE_ID: 'care:2.0' },
    execArgv: [],
  });
  children.push(child);
  const [message] = (await once(child, 'message')) as [{ type: string; address: string }];
  expect(message.type).toBe('ready');
  expect(await registrationAt(message.address)).toBe('care:2.0');
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('the forked server does not outlive its parent', async () => {
  const child = fork(path.join(folder, 'dist/server.js'), { execArgv: [] });
  children.push(child);
  await once(child, 'message');
  const exit = once(child, 'exit');
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});
