/** What the rest of the platform is told of DApps: who has which, and which are to be in the graph. */
import { knownEvent, type Viewer } from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { followEvents, persevere, type Projector } from '@medigraph/platform/projection';
import { type Logger } from '@medigraph/platform/telemetry';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { type DAppBook, type DAppDocument, holdingId } from './read-model.js';

/** Whether a person, or the institution that they act for, has a DApp installed now. */
export interface Installations {
  active(dapp: string, holder: Pick<Viewer, 'patient' | 'institution'>): Promise<boolean>;
}

/** From the read model. */
export function installationsOf({ dapps, installations }: DAppBook): Installations {
  return {
    async active(dapp, { patient, institution }) {
      const ids = [patient, institution].flatMap((holder) =>
        holder === undefined ? [] : [holdingId(dapp, holder)],
      );
      if (ids.length === 0) return false;
      const [running, installed] = await Promise.all([
        dapps.exists({ _id: dapp, active: { $exists: true } }),
        installations.exists({ _id: { $in: ids }, status: 'active' }),
      ]);
      return running !== null && installed !== null;
    },
  };
}

/** Whether a platform with this connection profile acts for the organisation that publishes a DApp. */
export async function publishesHere(
  { dapps, publishers }: DAppBook,
  { organizations }: ConnectionProfile,
  dapp: string,
): Promise<boolean> {
  const found = await dapps.findById(dapp).lean().exec();
  const publisher = found && (await publishers.findById(found.publisher).lean().exec());
  return publisher ? Object.hasOwn(organizations, publisher.mspId) : false;
}

/** What becomes of DApps, in the order of the ledger. */
export type DAppChange =
  | { readonly change: 'activated'; readonly manifest: DAppManifest }
  | { readonly change: 'withdrawn'; readonly dapp: string };

/** @see dappChanges */
export interface DAppChangesOptions {
  readonly projector: Pick<Projector, 'events'>;
  readonly book: DAppBook;
  readonly logger: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const wanted = new Set(['DAppActivated', 'DAppRevoked'] as const);

/**
 * First every DApp that runs now, then each version as it begins to run and each DApp as it is stopped. Goes on where it was when
 * events cannot be read for a while; ends with the signal alone. A change may be told twice, and then the later state last.
 */
export async function* dappChanges({
  projector,
  book,
  logger,
  signal,
}: DAppChangesOptions): AsyncGenerator<DAppChange, void, undefined> {
  const { channels } = book;
  const warn = (error: unknown): void =>
    logger.warn({ err: error }, 'DApps cannot be followed; trying again');
  // The place is taken before the DApps are looked at, so that nothing falls between.
  const after = projector.events({ channels, signal }).start;
  const running = await persevere(() => runningNow(book), signal, warn);
  for (const { manifest } of running?.value ?? []) yield { change: 'activated', manifest };
  for await (const { event } of followEvents({ projector, channels, after, signal, onFailure: warn })) {
    const known = knownEvent(event, wanted);
    if (known?.type === 'DAppActivated') yield { change: 'activated', manifest: known.item.manifest };
    else if (known?.type === 'DAppRevoked') yield { change: 'withdrawn', dapp: known.item.id };
  }
}

const runningNow = ({ dapps }: DAppBook): Promise<DAppDocument[]> =>
  dapps
    .find({ active: { $exists: true } })
    .sort({ _id: 1 })
    .lean<DAppDocument[]>()
    .exec();
