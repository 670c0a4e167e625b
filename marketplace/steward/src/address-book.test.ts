import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AddressBook } from './address-book.js';

const listen = '127.0.0.1';
let folder: string;
let file: string;
const taken: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-addresses-'));
  file = path.join(folder, 'addresses.json');
});
afterEach(async () => {
  for (const server of taken.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Has something listen at a port, any unless said. @returns which */
async function take(port = 0): Promise<number> {
  const server = createServer().listen(port, listen);
  await once(server, 'listening');
  taken.push(server);
  return (server.address() as { port: number }).port;
}

/** Two ports that follow on one another, both free. */
async function twoPorts(): Promise<readonly [number, number]> {
  for (;;) {
    const first = await take();
    try {
      await take(first + 1);
    } catch {
      continue;
    }
    for (const server of taken.splice(0)) {
      server.close();
      await once(server, 'close');
    }
    return [first, first + 1];
  }
}

test('a version keeps its address over restarts, unless somebody else has taken it', async () => {
  const { listens, reached } = await (await AddressBook.open(file)).of('diary', '1.0.0');
  expect(reached).toBe(listens);
  const again = await AddressBook.open(file);
  expect(await again.of('diary', '1.0.0')).toEqual({ listens, reached });
  await take(Number(listens.split(':')[1]));
  expect((await again.of('diary', '1.0.0')).listens).not.toBe(listens);
});

test('peers are told a host that it does not listen by, and a port of those that it may have', async () => {
  const ports = await twoPorts();
  const book = await AddressBook.open(file, { listen, host: 'dapps', ports });
  const [first, last] = ports;
  expect(await book.of('diary', '1.0.0')).toEqual({
    listens: `${listen}:${first}`,
    reached: `dapps:${first}`,
  });
  expect(await book.of('diary', '1.1.0')).toEqual({ listens: `${listen}:${last}`, reached: `dapps:${last}` });
  // Of versions that rest, the port of the first is given again.
  expect(await book.of('diary', '1.2.0')).toMatchObject({ reached: `dapps:${first}` });
  await take(first);
  await take(last);
  await expect(book.of('diary', '1.3.0')).rejects.toMatchObject({
    code: 'ADDRESSES_EXHAUSTED',
    message: expect.stringContaining(`from ${first} to ${last}`),
  });
});
