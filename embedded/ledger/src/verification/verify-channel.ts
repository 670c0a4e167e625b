import { type Channel } from '../channel.js';
import { type MspCache } from '../config/msp-cache.js';
import { BrokenChannelError, type CheckedBlock, checkedBlocks } from './chain.js';
import { stagePrivateData } from './private-data.js';
import { replayBlock, requireEqual } from './replay.js';
import { checkSignatures, type SignatureCount } from './transaction-signatures.js';

/** What checking a channel came to. */
export interface ChannelVerification {
  readonly channel: string;
  readonly blocks: number;
  /** What is wrong, and with which block if it is one; absent if all is right. */
  readonly broken?: { readonly block?: number; readonly reason: string };
}

/** What checking everything of a channel came to. */
export interface ChannelReplay extends ChannelVerification {
  /** Checked before anything was found wrong. */
  readonly transactions: number;
  /** Of creators and endorsers, and genuine. */
  readonly signatures: number;
  /** Endorsements on VALID transactions that are not genuine; they counted for nothing. */
  readonly disregarded: number;
}

/** Told of each block that was checked. */
export type OnBlock = (done: number, total: number) => void;

/** Checks every block: it follows the one before, holds the data its header says, and the orderer signed it. */
export async function verifyChain(
  { name, store }: Channel,
  msps: MspCache,
  onBlock?: OnBlock,
): Promise<ChannelVerification> {
  const blocks = store.height;
  const broken = await brokenBy(async () => {
    for await (const { block } of checkedBlocks(name, store, msps))
      onBlock?.(block.header.number + 1, blocks);
  });
  return { channel: name, blocks, ...broken };
}

/**
 * Checks every block as {@link verifyChain} does; then validates all of its transactions anew and commits them to an empty
 * ledger, which must come to the same validation codes, commit hashes, state, index and history.
 *
 * @param empty - The same channel with nothing but its first block.
 */
export async function replayChannel(
  kept: Channel,
  empty: Channel,
  msps: MspCache,
  onBlock?: OnBlock,
): Promise<ChannelReplay> {
  const blocks = kept.store.height;
  let transactions = 0;
  const count = { genuine: 0, disregarded: 0 };
  const broken = await brokenBy(async () => {
    const checked = checkedBlocks(kept.name, kept.store, msps);
    for await (const { block, signatures } of oneAhead(checked)) {
      count.genuine += signatures.genuine;
      count.disregarded += signatures.disregarded;
      // The first block comes with the description of the network, and was compared with it.
      if (block.header.number > 0) {
        await stagePrivateData(block, kept, empty);
        await replayBlock(block, empty, msps);
      }
      transactions += block.envelopes.length;
      onBlock?.(block.header.number + 1, blocks);
    }
    await requireEqual(kept, empty);
  });
  const { genuine: signatures, disregarded } = count;
  return { channel: kept.name, blocks, transactions, signatures, disregarded, ...broken };
}

/** Blocks with their signatures checked; those of the next are under way while one is worked on. */
async function* oneAhead(
  blocks: AsyncIterable<CheckedBlock>,
): AsyncGenerator<CheckedBlock & { readonly signatures: SignatureCount }, void, undefined> {
  let ahead: { checked: CheckedBlock; checking: Promise<SignatureCount> } | undefined;
  for await (const checked of blocks) {
    const checking = checkSignatures(checked.block, checked.config.members);
    if (ahead) yield { ...ahead.checked, signatures: await ahead.checking };
    ahead = { checked, checking };
  }
  if (ahead) yield { ...ahead.checked, signatures: await ahead.checking };
}

async function brokenBy(check: () => Promise<void>): Promise<Pick<ChannelVerification, 'broken'>> {
  try {
    await check();
    return {};
  } catch (error) {
    if (!(error instanceof BrokenChannelError)) throw error;
    return { broken: { ...(error.block !== undefined && { block: error.block }), reason: error.message } };
  }
}
