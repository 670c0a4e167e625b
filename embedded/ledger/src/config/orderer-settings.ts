import { type ConfigGroup } from '../wire/config.js';
import { BatchSize, BatchTimeout, ConsensusType } from '../wire/config-values.js';
import { noBytes, type MessageType } from '../wire/message.js';
import { parseDuration } from './duration.js';

/** When a block is cut. */
export interface BatchSettings {
  /** Transactions in a block at most. */
  readonly maxMessageCount: number;
  /** Bytes after which a block is cut. */
  readonly preferredMaxBytes: number;
  /** Bytes that one transaction may have. */
  readonly absoluteMaxBytes: number;
  /** Time that a block waits to fill. */
  readonly timeoutMs: number;
}

/** What a channel's configuration says to its orderers. */
export interface OrdererSettings {
  readonly batch: BatchSettings;
  readonly consensusType: string;
  /** Zero in normal operation. */
  readonly consensusState: number;
}

/** @throws in Fabric's words if no orderer could go by it. */
export function readOrdererSettings(group: ConfigGroup): OrdererSettings {
  const value = <T>(name: string, type: MessageType<T>): T =>
    type.decode(group.values.get(name)?.value ?? noBytes);
  const size = value('BatchSize', BatchSize);
  const { timeout } = value('BatchTimeout', BatchTimeout);
  const { type, state } = value('ConsensusType', ConsensusType);
  for (const [name, number] of [
    ['max message count', size.maxMessageCount],
    ['absolute max bytes', size.absoluteMaxBytes],
    ['preferred max bytes', size.preferredMaxBytes],
  ] as const)
    if (number === 0) throw new Error(`Attempted to set the batch size ${name} to an invalid value: 0`);
  if (size.preferredMaxBytes > size.absoluteMaxBytes)
    throw new Error(
      `Attempted to set the batch size preferred max bytes (${size.preferredMaxBytes}) greater than the absolute max bytes (${size.absoluteMaxBytes}).`,
    );
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === undefined)
    throw new Error(
      `Attempted to set the batch timeout to a invalid value: time: invalid duration ${JSON.stringify(timeout)}`,
    );
  if (timeoutMs <= 0)
    throw new Error(`Attempted to set the batch timeout to a non-positive value: ${timeout}`);
  return { batch: { ...size, timeoutMs }, consensusType: type, consensusState: state };
}
