import { type SubgraphServices } from '@medigraph/platform/graph';
import { DAppLog, DAppUsage, WebhookStates } from '@medigraph/platform/operation';
import { type BundleCodesOptions, codesOfBundles } from './bundle-codes.js';

/** How DApps run, for their publishers. */
export interface DAppOperation {
  /** Takes note of calls to DApps' contracts. */
  readonly usage: DAppUsage;
  /** Where stewards write what the authors of DApps may read. */
  readonly log: DAppLog;
  /** How far web hooks have come. */
  readonly webhooks: WebhookStates;
  close(): Promise<void>;
}

/** @param bundles - absent where packages cannot be read: publishers are then not told which codes of their own callers got. */
export function openOperation(
  { documents: { connection }, custody, logger }: SubgraphServices,
  bundles: BundleCodesOptions | undefined,
): DAppOperation {
  const keyedHash = (label: string) => (text: string) => custody.keyedHash(label, text);
  const usage = new DAppUsage({
    connection,
    keyedHash: keyedHash('caller of a DApp'),
    logger,
    ...(bundles && { knownCodes: codesOfBundles(bundles) }),
  });
  const log = new DAppLog({ connection, logger });
  const webhooks = new WebhookStates({ connection, keyedHash: keyedHash('web hook of a DApp') });
  return {
    ...{ usage, log, webhooks },
    async close() {
      await Promise.all([usage.close(), log.close()]);
    },
  };
}
