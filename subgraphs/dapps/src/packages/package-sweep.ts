import { type PackageStore } from '@medigraph/platform/packages';
import { type Logger } from '@medigraph/platform/telemetry';
import { setTimeout as delay } from 'node:timers/promises';
import { type DAppBook } from '../read-model.js';

/** @see sweepPackages */
export interface PackageSweepParts {
  readonly book: DAppBook;
  readonly packages: PackageStore;
  readonly logger: Logger;
}

const everyMs = 3_600_000;

/** Those of these digests of packages that a version on the ledger names. */
export async function publishedPackages(
  { releases }: DAppBook,
  digests: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await releases
    .find({ 'package.sha256': { $in: [...digests] } })
    .select('package.sha256')
    .lean()
    .exec();
  return new Set(found.map((release) => release.package.sha256));
}

/**
 * Removes, now and every hour, what broken uploads left and what nobody published.
 * @returns how to stop it.
 */
export function sweepPackages({ book, packages, logger }: PackageSweepParts): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const published = (digests: readonly string[]) => publishedPackages(book, digests);
  const sweeping = (async () => {
    while (!signal.aborted) {
      try {
        const swept = await packages.sweep({ published });
        if (swept.broken + swept.unpublished > 0) logger.info(swept, 'packages were swept');
      } catch (error) {
        logger.warn({ err: error }, 'packages could not be swept; tried again in an hour');
      }
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await sweeping;
  };
}
