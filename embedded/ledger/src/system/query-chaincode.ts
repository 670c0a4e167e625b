import { type Channels } from '../channel.js';
import { type AclResource } from '../config/acl.js';
import { reasonOf } from '../errors.js';
import { headerHash } from '../store/block.js';
import { type ChannelStore, encodeBlock } from '../store/channel-store.js';
import { noBytes } from '../wire/message.js';
import { BlockchainInfo, ProcessedTransaction } from '../wire/ledger-info.js';
import { type Response } from '../wire/transaction.js';
import { failure, success, type SystemCall, type SystemChaincode } from './system-chaincode.js';

interface Query {
  /** What guards it. */
  readonly resource: AclResource;
  run(store: ChannelStore, argument: Buffer): Promise<Response>;
}

const queries = new Map<string, Query>([
  ['GetChainInfo', { resource: 'qscc/GetChainInfo', run: chainInfo }],
  ['GetBlockByNumber', { resource: 'qscc/GetBlockByNumber', run: blockByNumber }],
  ['GetBlockByHash', { resource: 'qscc/GetBlockByHash', run: blockByHash }],
  ['GetTransactionByID', { resource: 'qscc/GetTransactionByID', run: transactionById }],
  ['GetBlockByTxID', { resource: 'qscc/GetBlockByTxID', run: blockByTransactionId }],
]);

/** `qscc`: blocks and transactions of the channels that the peer is in. */
export class QueryChaincode implements SystemChaincode {
  readonly name = 'qscc';
  readonly simulates = false;
  readonly #channels: Channels;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  async invoke({ args, proposed, signed }: SystemCall): Promise<Response> {
    const [name, channelId, argument] = args;
    if (name === undefined || channelId === undefined)
      return failure(`Incorrect number of arguments, ${args.length}`);
    if (proposed !== this.name)
      return failure(
        `Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '${proposed}'`,
      );
    const asked = name.toString();
    if (asked !== 'GetChainInfo' && argument === undefined)
      return failure(`missing 3rd argument for ${asked}`);
    const channel = this.#channels.get(channelId.toString());
    if (channel === undefined) return failure(`Invalid chain ID, ${channelId.toString()}`);
    const query = queries.get(asked);
    const denied = `access denied for [${asked}][${channel.name}]:`;
    if (query === undefined) return failure(`${denied} [Unmapped policy for ${this.name}/${asked}]`);
    try {
      channel.config.checkAccess(query.resource, signed);
    } catch (error) {
      return failure(`${denied} [${reasonOf(error)}]`);
    }
    return query.run(channel.store, argument ?? noBytes);
  }
}

async function chainInfo(store: ChannelStore): Promise<Response> {
  const { header } = await store.block(store.height - 1);
  const height = header.number + 1;
  return success(
    BlockchainInfo.encode({
      height,
      currentBlockHash: headerHash(header),
      previousBlockHash: header.previousHash,
    }),
  );
}

/** Asking for it stands for the last block. */
const greatestNumber = 2n ** 64n - 1n;

async function blockByNumber(store: ChannelStore, argument: Buffer): Promise<Response> {
  const text = argument.toString();
  if (!/^\d+$/.test(text)) return failure(notNumber(text, 'invalid syntax'));
  const number = BigInt(text);
  if (number > greatestNumber) return failure(notNumber(text, 'value out of range'));
  if (number === greatestNumber) return success(encodeBlock(await store.block(store.height - 1)));
  if (number >= BigInt(store.height))
    return failure(`Failed to get block number ${number}, error no such block number [${number}] in index`);
  return success(encodeBlock(await store.block(Number(number))));
}

const notNumber = (text: string, why: string) =>
  `Failed to parse block number with error strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`;

async function blockByHash(store: ChannelStore, hash: Buffer): Promise<Response> {
  const number = store.blockNumber(hash);
  if (number === undefined)
    return failure(
      `Failed to get block hash ${hash.toString()}, error no such block hash [${hash.toString('hex')}] in index`,
    );
  return success(encodeBlock(await store.block(number)));
}

async function transactionById(store: ChannelStore, argument: Buffer): Promise<Response> {
  const id = argument.toString();
  const location = store.transaction(id);
  if (location === undefined)
    return failure(`Failed to get transaction with id ${id}, error no such transaction ID [${id}] in index`);
  const { block, index, code } = location;
  const transactionEnvelope = await store.envelope(block, index);
  return success(ProcessedTransaction.encode({ transactionEnvelope, validationCode: code }));
}

async function blockByTransactionId(store: ChannelStore, argument: Buffer): Promise<Response> {
  const id = argument.toString();
  const location = store.transaction(id);
  if (location === undefined)
    return failure(`Failed to get block for txID ${id}, error no such transaction ID [${id}] in index`);
  return success(encodeBlock(await store.block(location.block)));
}
