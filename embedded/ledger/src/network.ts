import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConfigurationError, reasonOf } from './errors.js';

const node = z.strictObject({
  /** Local MSP folder of the node: `signcerts`, `keystore`. */
  msp: z.string(),
  /** Address to serve on; port 0 takes a free one. */
  address: z.string().default('127.0.0.1:0'),
});

const batch = z.strictObject({
  /** Transactions in a block at most. */
  maxMessageCount: z.number().int().positive(),
  /** Bytes after which a block is cut. */
  preferredMaxBytes: z.number().int().positive(),
  /** Bytes that one transaction may have. */
  absoluteMaxBytes: z.number().int().positive(),
  /** Time that a block waits to fill; 0 cuts as soon as the block before is written. */
  timeoutMs: z.number().int().nonnegative(),
});
export type BatchSettings = z.infer<typeof batch>;

/** The embedded network: its organisations, orderer and channels. Relative paths are relative to the file. */
export const ledgerNetwork = z.strictObject({
  organizations: z.record(z.string(), z.strictObject({ msp: z.string(), peer: node })),
  orderer: z.strictObject({ mspId: z.string(), msp: z.string(), node }),
  channels: z.record(
    z.string().regex(/^[a-z][a-z0-9.-]*$/),
    z.strictObject({
      organizations: z.array(z.string()).min(1),
      /** First block of the channel: a `common.Block` with its configuration. */
      genesis: z.string(),
      batch,
    }),
  ),
});
export type LedgerNetwork = z.infer<typeof ledgerNetwork>;

/** @throws {@link ConfigurationError} saying what is wrong where. */
export async function readLedgerNetwork(file: string): Promise<LedgerNetwork> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConfigurationError(`cannot read the network description ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const parsed = ledgerNetwork.safeParse(content);
  if (!parsed.success)
    throw new ConfigurationError(
      `the network description ${file} is wrong: ${z.prettifyError(parsed.error)}`,
    );
  const base = path.dirname(path.resolve(file));
  const absolute = (relative: string) => path.resolve(base, relative);
  const { organizations, orderer, channels } = parsed.data;
  const known = new Set(Object.keys(organizations));
  for (const [name, channel] of Object.entries(channels))
    for (const mspId of channel.organizations)
      if (!known.has(mspId))
        throw new ConfigurationError(`channel ${name} names the unknown organisation ${mspId}`);
  return {
    organizations: Object.fromEntries(
      Object.entries(organizations).map(([mspId, organization]) => [
        mspId,
        {
          msp: absolute(organization.msp),
          peer: { ...organization.peer, msp: absolute(organization.peer.msp) },
        },
      ]),
    ),
    orderer: {
      ...orderer,
      msp: absolute(orderer.msp),
      node: { ...orderer.node, msp: absolute(orderer.node.msp) },
    },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => [
        name,
        { ...channel, genesis: absolute(channel.genesis) },
      ]),
    ),
  };
}
