import { prefix, positionLength, positionOf } from './keys.js';
import { notFromBlocks, describePrivateKey } from './private-keys.js';

const afterwards = (letter: number): Buffer => Buffer.of(letter + 1);

/** Blocks and envelopes, which all the rest follows from, and what does not follow from them. */
const apart = [prefix.block, prefix.envelope, ...notFromBlocks].sort((a, b) => a - b);

/** Bounds of all keys that follow from blocks. */
export const derivedRanges: readonly { readonly gte: Buffer; readonly lt: Buffer }[] = [
  ...apart.map((letter, index) => {
    const before = apart[index - 1];
    return { gte: before === undefined ? Buffer.of(0) : afterwards(before), lt: Buffer.of(letter) };
  }),
  { gte: afterwards(apart.at(-1) ?? 0), lt: Buffer.of(0xff) },
];

/** What is stored under a key, in words. */
export function describeKey(stored: Buffer): string {
  const rest = stored.subarray(1);
  const named = () => {
    const end = rest.indexOf(0);
    return { namespace: rest.toString('utf8', 0, end), key: rest.subarray(end + 1) };
  };
  switch (stored[0]) {
    case prefix.meta:
      return `the channel's ${rest.toString()}`;
    case prefix.transaction:
      return `the index entry of transaction ${rest.toString()}`;
    case prefix.state: {
      const { namespace, key } = named();
      return `the state of ${namespace}, key ${JSON.stringify(key.toString())}`;
    }
    case prefix.history: {
      const { namespace, key } = named();
      const { block } = positionOf(stored);
      const name = JSON.stringify(key.toString('utf8', 4, key.length - positionLength));
      return `the history of ${namespace}, key ${name}, at block ${block}`;
    }
    default:
      return describePrivateKey(stored) ?? `the entry ${stored.toString('hex')}`;
  }
}
