import { type LedgerBlock } from '../store/block.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { headerType, headerTypeName } from '../wire/common.js';
import { ConfigEnvelope, type Config } from '../wire/config.js';

/** A configuration, and the channel that it is for. */
export interface ChannelConfiguration {
  readonly channel: string;
  readonly config: Config;
}

/** True if the block holds a configuration rather than transactions. */
export function isConfigBlock({ envelopes }: Pick<LedgerBlock, 'envelopes'>): boolean {
  const [envelope] = envelopes;
  if (envelope === undefined || envelopes.length > 1) return false;
  try {
    return openEnvelope(envelope).channelHeader.type === headerType.config;
  } catch {
    return false;
  }
}

/** The channel that a block is of, whatever it holds. @throws in Fabric's words if it does not say. */
export function channelOf({ envelopes }: Pick<LedgerBlock, 'envelopes'>): string {
  const [envelope] = envelopes;
  if (envelope === undefined) throw new Error('failed to retrieve channel id - block is empty');
  return openEnvelope(envelope).channelHeader.channelId;
}

/** The configuration in a block. @throws in Fabric's words if there is none. */
export function configurationIn({ envelopes }: Pick<LedgerBlock, 'envelopes'>): ChannelConfiguration {
  const [envelope] = envelopes;
  if (envelope === undefined) throw new Error('envelope index out of bounds');
  const { channelHeader, data } = openEnvelope(envelope);
  if (channelHeader.type !== headerType.config)
    throw new Error(
      `Bad configuration envelope: invalid type ${headerTypeName(channelHeader.type)}, expected CONFIG`,
    );
  const { config } = ConfigEnvelope.decode(data);
  if (config === undefined) throw new Error('Nil config envelope Config');
  if (config.channelGroup === undefined) throw new Error('Nil channel group');
  return { channel: channelHeader.channelId, config };
}
