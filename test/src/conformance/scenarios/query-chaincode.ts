import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { type Member } from '../consortium.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

/** What `qscc` answers the member's own user at its own peer. */
async function ask(
  member: Member,
  args: readonly (string | Uint8Array)[],
  user = member.user,
): Promise<peer.Response> {
  return member.peer.respond(await makeProposal(user, { chaincode: 'qscc', args }));
}

const refusalOf = async (...call: Parameters<typeof ask>) => {
  const response = await ask(...call);
  return [response.getStatus(), response.getMessage()];
};

const denied =
  "[Failed evaluating policy on signed data during check policy on channel [claims-insurer-a] with policy [/Channel/Application/Readers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]]";

async function block(member: Member, operation: string, argument: string | Uint8Array) {
  const response = await ask(member, [operation, 'care', argument]);
  return common.Block.deserializeBinary(response.getPayload_asU8());
}

const dataHash = (found: common.Block) => {
  const hash = createHash('sha256');
  for (const envelope of found.getData()?.getDataList_asU8() ?? []) hash.update(envelope);
  return hash.digest('hex') === Buffer.from(found.getHeader()?.getDataHash_asU8() ?? []).toString('hex');
};

/** Id and block of a transaction that is committed. */
async function committedTransaction(member: Member): Promise<{ id: string; number: number }> {
  const submitted = await member.contract().submitAsync('put', { arguments: ['asked', '1'] });
  const { blockNumber } = await submitted.getStatus();
  return { id: submitted.getTransactionId(), number: Number(blockNumber) };
}

export const queryChaincode = group('qscc', [
  scenario(
    'a channel tells its height and the hashes at its end',
    async ({ hospital }) => {
      const { number } = await committedTransaction(hospital);
      const response = await ask(hospital, ['GetChainInfo', 'care']);
      const info = common.BlockchainInfo.deserializeBinary(response.getPayload_asU8());
      const last = await block(hospital, 'GetBlockByHash', info.getCurrentblockhash_asU8());
      return [
        info.getHeight() > number,
        last.getHeader()?.getNumber() === info.getHeight() - 1,
        Buffer.compare(
          info.getPreviousblockhash_asU8(),
          last.getHeader()?.getPreviousHash_asU8() ?? new Uint8Array(),
        ),
      ];
    },
    [true, true, 0],
  ),
  scenario(
    'a block is found by its number, and by a transaction in it',
    async ({ hospital }) => {
      const { id, number } = await committedTransaction(hospital);
      const byNumber = await block(hospital, 'GetBlockByNumber', String(number));
      const byTransaction = await block(hospital, 'GetBlockByTxID', id);
      const first = await block(hospital, 'GetBlockByNumber', '0');
      return [
        byNumber.getHeader()?.getNumber() === number,
        dataHash(byNumber),
        Buffer.compare(byNumber.serializeBinary(), byTransaction.serializeBinary()),
        [first.getHeader()?.getNumber(), dataHash(first)],
      ];
    },
    [true, true, 0, [0, true]],
  ),
  scenario(
    'the greatest number there can be stands for the last block',
    async ({ hospital }) => {
      const { number } = await committedTransaction(hospital);
      const last = await block(hospital, 'GetBlockByNumber', '18446744073709551615');
      return (last.getHeader()?.getNumber() ?? 0) >= number;
    },
    true,
  ),
  scenario(
    'a transaction is found by its id, with what validation said of it',
    async ({ hospital }) => {
      const { id } = await committedTransaction(hospital);
      const response = await ask(hospital, ['GetTransactionByID', 'care', id]);
      const found = peer.ProcessedTransaction.deserializeBinary(response.getPayload_asU8());
      const payload = common.Payload.deserializeBinary(
        found.getTransactionenvelope()?.getPayload_asU8() ?? new Uint8Array(),
      );
      const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
      );
      return [found.getValidationcode(), header.getTxId() === id];
    },
    [0, true],
  ),
  scenario(
    'what is not there is not found',
    async ({ hospital }) => [
      await refusalOf(hospital, ['GetBlockByNumber', 'care', '100000']),
      await refusalOf(hospital, ['GetBlockByNumber', 'care', 'many']),
      await refusalOf(hospital, ['GetBlockByNumber', 'care', '18446744073709551616']),
      await refusalOf(hospital, ['GetBlockByHash', 'care', Buffer.from('abc')]),
      await refusalOf(hospital, ['GetTransactionByID', 'care', 'nothing']),
      await refusalOf(hospital, ['GetBlockByTxID', 'care', 'nothing']),
    ],
    [
      [500, 'Failed to get block number 100000, error no such block number [100000] in index'],
      [500, 'Failed to parse block number with error strconv.ParseUint: parsing "many": invalid syntax'],
      [
        500,
        'Failed to parse block number with error strconv.ParseUint: parsing "18446744073709551616": value out of range',
      ],
      [500, 'Failed to get block hash abc, error no such block hash [616263] in index'],
      [500, 'Failed to get transaction with id nothing, error no such transaction ID [nothing] in index'],
      [500, 'Failed to get block for txID nothing, error no such transaction ID [nothing] in index'],
    ],
  ),
  scenario(
    'a question that is incomplete, or none, is refused',
    async ({ hospital }) => [
      await refusalOf(hospital, ['GetChainInfo']),
      await refusalOf(hospital, ['GetBlockByNumber', 'care']),
      await refusalOf(hospital, ['GetChainInfo', 'nowhere']),
      await refusalOf(hospital, ['Nonsense', 'care', '1']),
    ],
    [
      [500, 'Incorrect number of arguments, 1'],
      [500, 'missing 3rd argument for GetBlockByNumber'],
      [500, 'Invalid chain ID, nowhere'],
      [500, 'access denied for [Nonsense][care]: [Unmapped policy for qscc/Nonsense]'],
    ],
  ),
  scenario(
    'who may not read a channel is told nothing of it, even by way of another',
    async ({ hospital, insurerB }) => [
      await refusalOf(hospital, ['GetChainInfo', 'claims-insurer-a'], insurerB.user),
      await refusalOf(insurerB, ['GetChainInfo', 'claims-insurer-a']),
    ],
    [
      [500, `access denied for [GetChainInfo][claims-insurer-a]: ${denied}`],
      [500, 'Invalid chain ID, claims-insurer-a'],
    ],
  ),
  scenario(
    'peers may read: a peer asks as a client does',
    async ({ hospital }) => {
      const response = await ask(hospital, ['GetChainInfo', 'care'], await hospital.peerIdentity());
      return response.getStatus();
    },
    200,
  ),
  scenario(
    'through a gateway it is evaluated, and cannot be submitted',
    async (consortium) => {
      const { hospital } = consortium;
      const contract = hospital.contract('qscc');
      const answer = await contract.evaluateTransaction('GetChainInfo', 'care');
      return [
        common.BlockchainInfo.deserializeBinary(answer).getHeight() > 0,
        await consortium.refusalOf(contract.submitTransaction('GetChainInfo', 'care')),
      ];
    },
    [
      true,
      {
        code: 'FAILED_PRECONDITION',
        message:
          'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode qscc in channel care',
        details: [],
      },
    ],
  ),
]);
