/** Closes the clients of DApps' back ends when the ledger says so. */
import { knownEvent } from '@medigraph/platform/graph';
import { type DAppClients } from '@medigraph/platform/identity';
import { followEvents, persevere, type Projector } from '@medigraph/platform/projection';
import { type Logger } from '@medigraph/platform/telemetry';
import { type registry } from '@medigraph/schema';
import { type DAppBook } from '../read-model.js';

/** @see keepClients */
export interface ClientKeeperOptions {
  readonly projector: Pick<Projector, 'events'>;
  readonly book: DAppBook;
  readonly clients: DAppClients;
  readonly logger: Logger;
}

const ending = new Set(['DAppRevoked', 'PublisherChanged'] as const);

/** Thumbprints of the keys with which a publisher signs no more. */
export const revokedKeys = ({ keys }: Pick<registry.Publisher, 'keys'>): ReadonlySet<string> =>
  new Set(keys.flatMap(({ kid, status }) => (status === 'revoked' ? [kid] : [])));

/**
 * Closes the clients of DApps that the consortium stopped, and those that authenticate with a key that their publisher revoked: now,
 * and whenever the ledger tells of such.
 * @returns how to stop it.
 */
export function keepClients(options: ClientKeeperOptions): () => Promise<void> {
  const stopping = new AbortController();
  const keeping = keep(options, stopping.signal);
  return async () => {
    stopping.abort();
    await keeping;
  };
}

async function keep(
  { projector, book, clients, logger }: ClientKeeperOptions,
  signal: AbortSignal,
): Promise<void> {
  const warn = (error: unknown): void =>
    logger.warn({ err: error }, 'clients of DApps cannot be looked after; trying again');
  const close = () => persevere(() => closeEnded(book, clients), signal, warn);
  // The place is taken before the clients are looked at, so that nothing falls between.
  const { channels } = book;
  const after = projector.events({ channels, signal }).start;
  await close();
  for await (const { event } of followEvents({ projector, channels, after, signal, onFailure: warn }))
    if (knownEvent(event, ending)) await close();
}

/** Looks at every client: there are as many as DApps have back ends. */
async function closeEnded(book: DAppBook, clients: DAppClients): Promise<void> {
  for (const { dapp, kid } of await clients.list()) {
    const known = await book.dapps.findById(dapp).lean().exec();
    const publisher = known && (await book.publishers.findById(known.publisher).lean().exec());
    const ended =
      known?.status === 'revoked' || (publisher && kid !== undefined && revokedKeys(publisher).has(kid));
    if (ended) await clients.remove(dapp);
  }
}
