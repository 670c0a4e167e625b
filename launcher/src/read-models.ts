import { setTimeout as delay } from 'node:timers/promises';
import { type LedgerClient } from '@medigraph/platform/ledger';

/** Last block of each channel that somebody wrote to. */
export type Heights = ReadonlyMap<string, number>;

/** The same ledger, noting the last block of each channel that a submit came to. */
export function notingHeights(ledger: LedgerClient): {
  readonly ledger: LedgerClient;
  readonly heights: Heights;
} {
  const heights = new Map<string, number>();
  return {
    heights,
    ledger: {
      async submit(request) {
        const committed = await ledger.submit<never>(request);
        const { channel, block } = committed.transaction;
        heights.set(channel, Math.max(block, heights.get(channel) ?? 0));
        return committed;
      },
      evaluate: (request) => ledger.evaluate(request),
      offline: ledger.offline,
      blocks: (channel, start, signal) => ledger.blocks(channel, start, signal),
      healthy: () => ledger.healthy(),
      close: () => ledger.close(),
    },
  };
}

/** Channel and last block of each read model, from what a platform tells Prometheus. */
function appliedBlocks(metrics: string): { readonly channel: string; readonly block: number }[] {
  const samples = metrics.matchAll(/^medigraph_projection_block\{[^}]*channel="([^"]+)"[^}]*\} (\d+)$/gm);
  return [...samples].map(([, channel = '', block]) => ({ channel, block: Number(block) }));
}

const pollMs = 100;

/** Waits until every read model of the graph at `url` has come to these blocks; false if that takes too long. */
export async function readModelsReach(url: string, heights: Heights, timeoutMs = 60_000): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const applied = appliedBlocks(await (await fetch(new URL('/metrics', url))).text());
    const isBehind = [...heights].some(([channel, height]) => {
      const blocks = applied.filter((sample) => sample.channel === channel);
      return blocks.length === 0 || blocks.some(({ block }) => block < height);
    });
    if (!isBehind) return true;
    await delay(pollMs);
  }
  return false;
}
