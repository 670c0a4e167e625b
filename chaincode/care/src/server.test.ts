import { afterEach, expect, test } from '@jest/globals';
import { BenchAuthority, propose } from '@medigraph/chaincode-lib/testing';
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

const { Type } = peer.ChaincodeMessage;

/** Runs one transaction as a peer whose state is empty: registers the chaincode, answers its reads, returns its response. */
async function transactAt(address: string, ...args: string[]): Promise<peer.Response> {
  const authority = await BenchAuthority.create('HospitalAMSP');
  const call = await propose(await authority.enrol('client'), {
    channel: 'care',
    chaincode: 'care',
    arguments: args,
    at: new Date('2026-01-01T00:00:00.000Z'),
    nonce: Buffer.alloc(24, 1),
  });
  const client = new peer.ChaincodeClient(address, credentials.createInsecure());
  const stream = client.connect();
  const say = (
    type: peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap],
    payload?: Uint8Array,
  ) => {
    const message = new peer.ChaincodeMessage();
    message.setType(type);
    message.setTxid(call.transaction);
    message.setChannelId('care');
    if (payload) message.setPayload(payload);
    if (type === Type.TRANSACTION) message.setProposal(call.proposal);
    stream.write(message);
  };
  try {
    return await new Promise<peer.Response>((resolve, reject) => {
      stream.on('error', reject);
      stream.on('data', (message: peer.ChaincodeMessage) => {
        switch (message.getType()) {
          case Type.REGISTER:
            say(Type.REGISTERED);
            say(Type.READY);
            say(Type.TRANSACTION, call.input.serializeBinary());
            break;
          case Type.COMPLETED:
            resolve(peer.Response.deserializeBinary(message.getPayload_asU8()));
            break;
          default:
            say(Type.RESPONSE);
        }
      });
    });
  } finally {
    stream.removeAllListeners('error').on('error', () => undefined);
    stream.cancel();
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

test('the forked server says when it is ready, runs transactions, and stops on SIGTERM', async () => {
  const child = fork(path.join(folder, 'dist/server.js'), {
    env: { ...process.env, CHAINCODE_ID: 'care:2.0' },
    execArgv: [],
  });
  children.push(child);
  const [message] = (await once(child, 'message')) as [{ type: string; address: string }];
  expect(message.type).toBe('ready');
  expect(await registrationAt(message.address)).toBe('care:2.0');
  const refused = await transactAt(message.address, 'Registration:Resolve', '{"institution":"nowhere"}');
  expect([refused.getStatus(), refused.getMessage()]).toEqual([
    500,
    'INSTITUTION_NOT_FOUND: there is no institution nowhere',
  ]);
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43), kid: 'k1' };
  const institutions = [{ id: 'h1', kind: 'hospital', name: 'General', encryptionKey: jwk }];
  const done = await transactAt(
    message.address,
    'Registration:RegisterInstitutions',
    JSON.stringify({ institutions }),
  );
  expect([done.getStatus(), JSON.parse(Buffer.from(done.getPayload_asU8()).toString())]).toMatchObject([
    200,
    [{ id: 'h1', mspId: 'HospitalAMSP', registeredAt: '2026-01-01T00:00:00.000Z' }],
  ]);
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
