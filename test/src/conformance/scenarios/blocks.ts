import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { type Member } from '../consortium.js';
import { group, scenario } from '../scenario.js';

async function blocksFrom(member: Member, startBlock: bigint, count: number): Promise<common.Block[]> {
  const stream = await member.network().getBlockEvents({ startBlock });
  const blocks: common.Block[] = [];
  for await (const block of stream) {
    blocks.push(block);
    if (blocks.length === count) break;
  }
  stream.close();
  return blocks;
}

const derLength = (tag: number, content: Uint8Array) =>
  Buffer.concat([Buffer.from([tag, content.length]), content]);

function derInteger(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return derLength(2, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** SHA-256 over the header as an ASN.1 sequence: what the next block names as the one before. */
function headerHash(header: common.BlockHeader | undefined): string {
  if (!header) return 'no header';
  const content = Buffer.concat([
    derInteger(header.getNumber()),
    derLength(4, header.getPreviousHash_asU8()),
    derLength(4, header.getDataHash_asU8()),
  ]);
  return createHash('sha256').update(derLength(0x30, content)).digest('hex');
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

export const blocks = group('blocks', [
  scenario(
    'every block names the hash of the header before it, and the hash of its data',
    async ({ hospital }) => {
      await hospital.submit('put', 'chained', '1');
      await hospital.submit('put', 'chained', '2');
      const chain = await blocksFrom(hospital, 0n, 3);
      return chain.map((block, index) => {
        const data = createHash('sha256');
        for (const envelope of block.getData()?.getDataList_asU8() ?? []) data.update(envelope);
        const before = chain[index - 1]?.getHeader();
        return [
          block.getHeader()?.getNumber(),
          data.digest('hex') === hex(block.getHeader()?.getDataHash_asU8()),
          hex(block.getHeader()?.getPreviousHash_asU8()) === (before ? headerHash(before) : ''),
        ];
      });
    },
    [
      [0, true, true],
      [1, true, true],
      [2, true, true],
    ],
  ),
  scenario(
    'the first block is the configuration of the channel, signed by nobody',
    async ({ hospital }) => {
      const [genesis] = await blocksFrom(hospital, 0n, 1);
      const [envelope = new Uint8Array()] = genesis?.getData()?.getDataList_asU8() ?? [];
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
      );
      const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
      );
      return [
        header.getType() === common.HeaderType.CONFIG,
        header.getChannelId(),
        common.Envelope.deserializeBinary(envelope).getSignature_asU8().length,
      ];
    },
    [true, 'care', 0],
  ),
  scenario(
    'a block is signed by an orderer, and carries five metadata and a commit hash of 32 bytes',
    async ({ hospital }) => {
      const submitted = await hospital.contract().submitAsync('put', { arguments: ['signed', '1'] });
      const { blockNumber } = await submitted.getStatus();
      const [block] = await blocksFrom(hospital, blockNumber, 1);
      const metadata = block?.getMetadata()?.getMetadataList_asU8() ?? [];
      const read = (index: number) => common.Metadata.deserializeBinary(metadata[index] ?? new Uint8Array());
      const signatures = read(common.BlockMetadataIndex.SIGNATURES).getSignaturesList();
      return [
        metadata.length,
        signatures.length,
        read(common.BlockMetadataIndex.COMMIT_HASH).getValue_asU8().length,
      ];
    },
    [5, 1, 32],
  ),
]);
