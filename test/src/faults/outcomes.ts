import { StoredBlocks, type StoredLedger } from '@medigraph/embedded-ledger';
import { readBlock } from '@medigraph/platform/ledger';

/** What the client of a write was told. */
export interface Outcome {
  readonly channel: string;
  /**
   * `valid`: committed. `invalid`: ordered, and found invalid. `refused`: not ordered, and never will be. `unknown`: any of
   * these.
   */
  readonly said: 'valid' | 'invalid' | 'refused' | 'unknown';
  /** Of the transaction, where the client knows it. */
  readonly transaction?: string;
  /** Id of what it was to register; nothing else has it. */
  readonly marker?: string;
  /** Validation code, where it was found invalid; such as `MVCC_READ_CONFLICT`. */
  readonly code?: string;
  /** The answer, in short. */
  readonly detail: string;
}

/** Begins every id that the load makes up. */
export const markerPrefix = 'fault-';
const markers = new RegExp(`${markerPrefix}[0-9a-z-]+`, 'g');

/** What the ledger has of the load. */
export interface OnLedger {
  /** Validation code by channel and transaction id. */
  readonly codes: ReadonlyMap<string, string>;
  /** How many VALID transactions have registered an id, by channel and id. */
  readonly registered: ReadonlyMap<string, number>;
}

const keyOf = (channel: string, id: string) => `${channel}/${id}`;

/** Reads the whole ledger. */
export async function readOutcomes(stored: StoredLedger): Promise<OnLedger> {
  const codes = new Map<string, string>();
  const registered = new Map<string, number>();
  const blocks = await StoredBlocks.open(stored);
  try {
    for (const channel of blocks.heights.keys()) {
      for await (const bytes of blocks.read(channel)) {
        for (const { id, code, event } of readBlock(channel, bytes).transactions) {
          codes.set(keyOf(channel, id), code);
          const text = Buffer.from(event?.payload ?? []).toString();
          for (const marker of new Set(text.match(markers))) {
            const key = keyOf(channel, marker);
            registered.set(key, (registered.get(key) ?? 0) + 1);
          }
        }
      }
    }
    return { codes, registered };
  } finally {
    await blocks.close();
  }
}

/** Where what a client was told and what the ledger has disagree, in words; empty if nowhere. */
export function disagreements(outcomes: readonly Outcome[], ledger: OnLedger): string[] {
  const wrong: string[] = [];
  for (const [key, count] of ledger.registered)
    if (count > 1) wrong.push(`${key} was registered ${count} times`);
  for (const outcome of outcomes) {
    const reason = disagreement(outcome, ledger);
    if (reason !== undefined) wrong.push(`${reason}: ${JSON.stringify(outcome)}`);
  }
  return wrong;
}

function disagreement(
  { channel, said, transaction, marker, code }: Outcome,
  { codes, registered }: OnLedger,
): string | undefined {
  const found = transaction === undefined ? undefined : codes.get(keyOf(channel, transaction));
  const isRegistered = marker !== undefined && registered.has(keyOf(channel, marker));
  switch (said) {
    case 'valid':
      if (transaction !== undefined && found !== 'VALID')
        return `answered VALID, and the ledger has ${found ?? 'nothing'}`;
      return marker !== undefined && !isRegistered ? 'answered VALID, and nothing was registered' : undefined;
    case 'invalid':
      if (transaction !== undefined && found !== code)
        return `answered ${String(code)}, and the ledger has ${found ?? 'nothing'}`;
      return undefined;
    case 'refused':
      if (found !== undefined) return `refused, and the ledger has it as ${found}`;
      return isRegistered ? 'refused, and it was registered' : undefined;
    case 'unknown':
      return undefined;
  }
}

/** How many of the unknown are committed after all. */
export function committedUnknown(outcomes: readonly Outcome[], { codes, registered }: OnLedger): number {
  return outcomes.filter(
    ({ said, channel, transaction, marker }) =>
      said === 'unknown' &&
      ((transaction !== undefined && codes.get(keyOf(channel, transaction)) === 'VALID') ||
        (marker !== undefined && registered.has(keyOf(channel, marker)))),
  ).length;
}
