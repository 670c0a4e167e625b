import { type CloseableAsyncIterable, type Network } from '@hyperledger/fabric-gateway';
import { type common } from '@hyperledger/fabric-protos';
import { Backoff } from '../time/backoff.js';
import { decodeBlock } from './block-decoder.js';
import { type LedgerBlock } from './ledger-client.js';

export interface BlockStreamOptions {
  readonly channel: string;
  /** Number of the first block wanted. */
  readonly start: number;
  readonly signal: AbortSignal;
  /** The channel over a connection that is good now; called for each try. */
  readonly network: () => {
    readonly network: Network;
    readonly failed: () => void;
    /** Told of each block that the peer has, before it is handed on. */
    readonly received: (block: LedgerBlock) => void;
  };
  /** Told of each break of the stream, before it is opened again. */
  readonly onBreak: (error: unknown) => void;
}

const pauses = { initial: 100, limit: 5_000 };

/** Blocks of a channel in order, each once, over as many connections as it takes, until the signal aborts. */
export async function* blockStream(
  options: BlockStreamOptions,
): AsyncGenerator<LedgerBlock, void, undefined> {
  const { channel, signal } = options;
  const backoff = new Backoff(pauses);
  let next = options.start;
  while (!hasAborted(signal)) {
    const { network, failed, received } = options.network();
    try {
      for await (const block of openStream(network, next, signal)) {
        const decoded = decodeBlock(channel, block);
        if (decoded.number !== next) {
          throw new RangeError(`Channel ${channel} sent block ${decoded.number} in place of ${next}.`);
        }
        received(decoded);
        yield decoded;
        next += 1;
        backoff.reset();
      }
    } catch (error) {
      // The client reports a stream that we closed ourselves as an error, too.
      if (hasAborted(signal)) return;
      options.onBreak(error);
      failed();
    }
    await backoff.pause(signal);
  }
}

/** Asked through a function, since the answer changes while a stream is read. */
const hasAborted = (signal: AbortSignal): boolean => signal.aborted;

async function* openStream(
  network: Network,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<common.Block, void, undefined> {
  const stream: CloseableAsyncIterable<common.Block> = await network.getBlockEvents({
    startBlock: BigInt(start),
  });
  const close = (): void => stream.close();
  const blocks = stream[Symbol.asyncIterator]();
  signal.addEventListener('abort', close, { once: true });
  try {
    // Asked before anything may close the stream: until then nobody listens to its errors, and Node would throw them.
    let next = blocks.next();
    if (signal.aborted) close();
    for (let block = await next; block.done !== true; block = await next) {
      yield block.value;
      next = blocks.next();
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
