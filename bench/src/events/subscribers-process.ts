/**
 * Subscribers in a process of their own, each with a WebSocket: of a graph if `BENCH_TOKEN` is set, else of a server that
 * sends texts to whoever connects. Tells the parent of every event, once each of them has it: when the first had it, when the
 * last, and the text.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { told } from '../part.js';
import { eventIds } from './event-ids.js';
import { type Wave } from './wave.js';

const count = Number(told('BENCH_SUBSCRIBERS'));
const url = told('BENCH_URL');
const token = process.env['BENCH_TOKEN'];

interface Arrivals {
  readonly first: bigint;
  arrived: number;
}
const waves = new Map<string, Arrivals>();

function arrived(text: string): void {
  const id = eventIds.exec(text)?.[0];
  if (id === undefined) return;
  const now = process.hrtime.bigint();
  const wave = waves.get(id) ?? { first: now, arrived: 0 };
  waves.set(id, wave);
  wave.arrived += 1;
  if (wave.arrived < count) return;
  waves.delete(id);
  const message: Wave = { type: 'wave', id, first: String(wave.first), last: String(now), text };
  process.send?.(message);
}

async function subscribe(): Promise<void> {
  const socket = new WebSocket(url, token === undefined ? [] : ['graphql-transport-ws']);
  await once(socket, 'open');
  if (token !== undefined) {
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    await acknowledged;
    const payload = { query: told('BENCH_SUBSCRIPTION') };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  }
  socket.on('message', (data: Buffer) => arrived(data.toString()));
  socket.on('close', (code, reason) => {
    process.stderr.write(`closed with ${code} ${reason.toString()}\n`);
    process.exit(1);
  });
}

process.once('disconnect', () => process.exit(0));
for (let begun = 0; begun < count; begun += 50) {
  await Promise.all(Array.from({ length: Math.min(50, count - begun) }, subscribe));
}
process.send?.({ type: 'ready' });
