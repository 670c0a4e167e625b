/** A cursor says where a reader stands on every channel of its stream. Clients keep it and don't look inside. */
import { z } from 'zod';
import { CursorInvalidError } from './errors.js';
import { type EventPosition } from './projection.js';

export type Positions = ReadonlyMap<string, EventPosition>;

const count = z.int().min(-1).max(0xffff_ffff);
const encoded = z.tuple([
  z.literal(1),
  z.array(z.tuple([z.string().max(250), count, count, count])).max(1_000),
]);

/** Longest cursor that is looked at, in characters. */
const longest = 64 * 1024;

export function encodeCursor(positions: Positions): string {
  const channels = [...positions.values()]
    .sort((a, b) => (a.channel < b.channel ? -1 : 1))
    .map(({ channel, block, transaction, index }) => [channel, block, transaction, index]);
  return Buffer.from(JSON.stringify([1, channels])).toString('base64url');
}

/**
 * @param channels - The channels of the stream that is to go on; the cursor must be of the same.
 * @throws {@link CursorInvalidError}
 */
export function decodeCursor(cursor: string, channels: readonly string[]): Map<string, EventPosition> {
  if (cursor.length > longest) throw new CursorInvalidError('it is too long');
  const parsed = encoded.safeParse(parseJson(cursor));
  if (!parsed.success) throw new CursorInvalidError('it was not made here');
  const positions = new Map(
    parsed.data[1].map(([channel, block, transaction, index]) => [
      channel,
      { channel, block, transaction, index },
    ]),
  );
  // One cursor has one spelling: anything else was put together by hand.
  if (encodeCursor(positions) !== cursor) throw new CursorInvalidError('it was not made here');
  if (positions.size !== channels.length || channels.some((channel) => !positions.has(channel))) {
    throw new CursorInvalidError('it is of a stream over other channels');
  }
  return positions;
}

function parseJson(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
  } catch (error) {
    throw new CursorInvalidError('it was not made here', { cause: error });
  }
}
