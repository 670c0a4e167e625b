import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { deserialize, serialize } from 'bson';
import { openSession, embedded, type Session } from '../testing/targets.js';
import { crc32c } from './crc32c.js';

let session: Session;
beforeAll(async () => {
  session = await openSession(embedded);
  await session.db.collection('c').insertOne({ a: 1 });
});
afterAll(() => session.close());

async function open(): Promise<Socket> {
  const socket = connect(Number(new URL(session.uri).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function message(body: object, flags = 0, opCode = 2013): Buffer {
  const document = serialize(body);
  const bytes = Buffer.alloc(21 + document.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(7, 4);
  bytes.writeInt32LE(opCode, 12);
  bytes.writeUInt32LE(flags, 16);
  bytes.set(document, 21);
  return bytes;
}

function withChecksum(bytes: Buffer): Buffer {
  const longer = Buffer.concat([bytes, Buffer.alloc(4)]);
  longer.writeInt32LE(longer.length, 0);
  longer.writeUInt32LE(1, 16);
  longer.writeUInt32LE(crc32c(longer.subarray(0, -4)), longer.length - 4);
  return longer;
}

async function answerTo(socket: Socket, bytes: Buffer): Promise<Record<string, unknown>> {
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return deserialize(answer.subarray(21));
}

test('a message is answered, in one piece or byte by byte, with or without checksum', async () => {
  const socket = await open();
  const ping = message({ ping: 1, $db: 'admin' });
  expect(await answerTo(socket, ping)).toEqual({ ok: 1 });
  expect(await answerTo(socket, withChecksum(ping))).toEqual({ ok: 1 });
  for (const byte of ping.subarray(0, -1)) socket.write(Buffer.from([byte]));
  expect(await answerTo(socket, ping.subarray(-1))).toEqual({ ok: 1 });
  socket.destroy();
});

test('a message that wants no answer gets none, and is carried out', async () => {
  const socket = await open();
  const database = session.db.databaseName;
  socket.write(message({ insert: 'silent', documents: [{ _id: 1 }], $db: database }, 2));
  expect(await answerTo(socket, message({ count: 'silent', $db: database }))).toEqual({ n: 1, ok: 1 });
  socket.destroy();
});

test('a legacy hello is answered in its form, and nothing else is', async () => {
  const legacy = (body: object): Buffer => {
    const name = Buffer.from('admin.$cmd\0');
    const document = serialize(body);
    const bytes = Buffer.alloc(16 + 4 + name.length + 8 + document.length);
    bytes.writeInt32LE(bytes.length, 0);
    bytes.writeInt32LE(2004, 12);
    name.copy(bytes, 20);
    bytes.writeInt32LE(-1, 20 + name.length + 4);
    bytes.set(document, 20 + name.length + 8);
    return bytes;
  };
  const socket = await open();
  socket.write(legacy({ isMaster: 1 }));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.readInt32LE(12)).toBe(1);
  expect(deserialize(answer.subarray(36))).toMatchObject({ ismaster: true, ok: 1 });
  expect(await answerTo(socket, legacy({ ping: 1 }))).toMatchObject({ ok: 0, code: 352 });
  socket.destroy();
});

test.each<[string, Buffer]>([
  ['a length of nothing', Buffer.alloc(16)],
  ['a length beyond the limit', Buffer.from([255, 255, 255, 127, 0, 0, 0, 0, 0, 0, 0, 0, 221, 7, 0, 0])],
  ['an unknown opcode', message({ ping: 1, $db: 'a' }, 0, 4711)],
  ['compression, which was never offered', message({ ping: 1, $db: 'a' }, 0, 2012)],
  ['an unknown required flag', message({ ping: 1, $db: 'a' }, 4)],
  [
    'a wrong checksum',
    Buffer.from(
      withChecksum(message({ ping: 1, $db: 'a' })).map((byte, at, all) =>
        at === all.length - 1 ? byte ^ 1 : byte,
      ),
    ),
  ],
])('%s ends the connection', async (_what, bytes) => {
  const socket = await open();
  socket.write(bytes);
  await once(socket, 'close');
});

/** A small generator of random numbers, so that a failure can be had again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('garbage never ends the server', async () => {
  const next = random(20_261_122);
  const valid = message({
    find: 'c',
    filter: { a: { $gt: 0, $in: [1, 'x', null] }, b: /x/ },
    $db: session.db.databaseName,
  });
  for (let round = 0; round < 300; round += 1) {
    const socket = await open();
    const bytes = Buffer.from(valid);
    const flips = 1 + Math.floor(next() * 8);
    for (let flip = 0; flip < flips; flip += 1)
      bytes[16 + Math.floor(next() * (bytes.length - 16))] = Math.floor(next() * 256);
    socket.write(next() < 0.2 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes);
    socket.end();
    socket.resume();
    await once(socket, 'close');
  }
  expect(await session.db.collection('c').countDocuments()).toBe(1);
});

test('documents nested beyond the limit are refused', async () => {
  let deep: object = {};
  for (let depth = 0; depth < 500; depth += 1) deep = { a: deep };
  await expect(session.db.collection('c').insertOne({ deep })).rejects.toMatchObject({ code: 15 });
});
