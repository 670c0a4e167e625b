import { afterEach, expect, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const server = path.join(path.dirname(fileURLToPath(import.meta.url)), 'server.js');
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

test('the forked server listens where it is told to, and stops on SIGTERM', async () => {
  child = fork(server, { execArgv: [] });
  const [{ type, address }] = (await once(child, 'message')) as [{ type: string; address: string }];
  expect(type).toBe('ready');
  expect(address).toMatch(/^127\.0\.0\.1:[1-9][0-9]*$/);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});

test('an address that is not this machine’s ends the process, saying so', async () => {
  child = fork(server, {
    execArgv: [],
    silent: true,
    env: { ...process.env, CHAINCODE_SERVER_ADDRESS: '192.0.2.1:1' },
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(said).toMatch(/^chaincode claims cannot listen on 192\.0\.2\.1:1: .*\n$/m);
});
