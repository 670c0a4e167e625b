import { common, peer } from '@hyperledger/fabric-protos';
import { refused } from '../answer.js';
import { type Member } from '../consortium.js';
import { askConfiguration } from '../fabric/channel-administration.js';
import { group, scenario } from '../scenario.js';

const answerOf = async (...call: Parameters<typeof askConfiguration>) => {
  const response = await askConfiguration(...call);
  return [response.getStatus(), response.getMessage()];
};

const malformed = refused(
  'UNKNOWN',
  'error validating proposal: access denied: channel [] creator org unknown, creator is malformed',
);
const notAdministrator = [
  500,
  "access denied for [JoinChain][claims-insurer-a]: [Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [The identity is not an admin under this MSP [InsurerBMSP]: The identity does not contain OU [ADMIN], MSP: [InsurerBMSP]]]",
];
const noManager = (channel: string) => `Failed to get policy manager for channel [${channel}]`;

async function joined(member: Member): Promise<string[]> {
  const response = await askConfiguration(member, ['GetChannels']);
  return peer.ChannelQueryResponse.deserializeBinary(response.getPayload_asU8())
    .getChannelsList()
    .map((channel) => channel.getChannelId())
    .sort();
}

async function blockZero(member: Member, channel: string): Promise<common.Block> {
  const stream = await member.network(channel).getBlockEvents({ startBlock: 0n });
  try {
    for await (const block of stream) return block;
  } finally {
    stream.close();
  }
  throw new Error('no first block');
}

export const joining = group('joining', [
  scenario(
    'a peer tells those of its organisation which channels it has joined, and nobody else',
    async (consortium) => {
      const { hospital, insurerB } = consortium;
      const forged = { ...hospital.user, key: insurerB.user.key };
      return [
        await joined(hospital),
        await joined(insurerB),
        await consortium.refusalOf(answerOf(hospital, ['GetChannels'], insurerB.user)),
        await consortium.refusalOf(answerOf(hospital, ['GetChannels'], forged)),
      ];
    },
    [
      ['care', 'claims-insurer-a'],
      ['care'],
      malformed,
      refused('UNKNOWN', 'error validating proposal: access denied: channel [] creator org [HospitalAMSP]'),
    ],
  ),
  scenario(
    "a channel's configuration and its block are the same for every member, and kept from others",
    async (consortium) => {
      const { hospital, insurerA, insurerB } = consortium;
      const channel = 'claims-insurer-a';
      const block = await askConfiguration(hospital, ['GetConfigBlock', channel]);
      const config = await askConfiguration(hospital, ['GetChannelConfig', channel]);
      const [envelope = new Uint8Array()] =
        common.Block.deserializeBinary(block.getPayload_asU8()).getData()?.getDataList_asU8() ?? [];
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
      );
      const inBlock = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
      const told = common.Config.deserializeBinary(config.getPayload_asU8());
      const others = await askConfiguration(insurerA, ['GetChannelConfig', channel]);
      return [
        JSON.stringify(inBlock?.toObject()) === JSON.stringify(told.toObject()),
        JSON.stringify(common.Config.deserializeBinary(others.getPayload_asU8()).toObject()) ===
          JSON.stringify(told.toObject()),
        await consortium.refusalOf(answerOf(hospital, ['GetConfigBlock', channel], insurerB.user)),
        await answerOf(insurerB, ['GetConfigBlock', channel]),
        await answerOf(insurerB, ['GetChannelConfig', channel]),
      ];
    },
    [
      true,
      true,
      malformed,
      [500, `access denied for [GetConfigBlock][claims-insurer-a]: ${noManager('claims-insurer-a')}`],
      [500, `access denied for [GetChannelConfig][claims-insurer-a]: ${noManager('claims-insurer-a')}`],
    ],
  ),
  scenario(
    'a channel that is joined already is not joined again',
    async ({ hospital }) => {
      const first = (await blockZero(hospital, 'care')).serializeBinary();
      return answerOf(hospital, ['JoinChain', first], await hospital.administrator());
    },
    [500, 'cannot create ledger from genesis block: ledger [care] already exists with state [ACTIVE]'],
  ),
  scenario(
    "only the organisation's administrators have a peer join",
    async (consortium) => {
      const { hospital, insurerA, insurerB } = consortium;
      const stranger = await insurerA.administrator();
      const first = (await blockZero(hospital, 'claims-insurer-a')).serializeBinary();
      return [
        await answerOf(insurerB, ['JoinChain', first]),
        await consortium.refusalOf(answerOf(insurerB, ['JoinChain', first], stranger)),
        await answerOf(insurerB, ['JoinChain', first], await insurerB.peerIdentity()),
        await joined(insurerB),
      ];
    },
    [notAdministrator, malformed, notAdministrator, ['care']],
  ),
  scenario(
    'what is no first block of a channel is not joined',
    async ({ hospital }) => {
      const administrator = await hospital.administrator();
      const submitted = await hospital.contract().submitAsync('put', { arguments: ['joined', '1'] });
      const { blockNumber } = await submitted.getStatus();
      const stream = await hospital.network().getBlockEvents({ startBlock: blockNumber });
      let normal: common.Block | undefined;
      for await (const block of stream) {
        normal = block;
        break;
      }
      stream.close();
      return [
        await answerOf(hospital, ['JoinChain', Buffer.from('rubbish')], administrator),
        await answerOf(hospital, ['JoinChain', new common.Block().serializeBinary()], administrator),
        await answerOf(hospital, ['JoinChain', normal?.serializeBinary() ?? ''], administrator),
      ].map(([status, message]) => [status, String(message).replace(/proto:\s/, 'proto: ')]);
    },
    [
      [
        500,
        'Failed to reconstruct the genesis block, error unmarshalling Block: proto: cannot parse invalid wire-format data',
      ],
      [
        500,
        '"JoinChain" request failed to extract channel id from the block due to [failed to retrieve channel id - block is empty]',
      ],
      [
        500,
        '"JoinChain" for channelID = care failed because of validation of configuration block, because of Bad configuration envelope: invalid type ENDORSER_TRANSACTION, expected CONFIG',
      ],
    ],
  ),
  scenario(
    'a question that is incomplete, or none, is refused',
    async ({ hospital }) => [
      await answerOf(hospital, []),
      await answerOf(hospital, ['JoinChain']),
      await answerOf(hospital, ['GetConfigBlock', '']),
      await answerOf(hospital, ['GetChannelConfig', '']),
      await answerOf(hospital, ['GetConfigBlock', 'nowhere']),
      await answerOf(hospital, ['GetChannelConfig', 'nowhere']),
      await answerOf(hospital, ['Nonsense', 'care']),
    ],
    [
      [500, 'Incorrect number of arguments, 0'],
      [500, 'Incorrect number of arguments, 1'],
      [
        500,
        'access denied for [GetConfigBlock][]: Failed getting local MSP principal during channelless check policy with policy [/Channel/Application/Readers]: [MSP Principal role [/Channel/Application/Readers] not recognized]',
      ],
      [500, 'empty channel name provided'],
      [500, `access denied for [GetConfigBlock][nowhere]: ${noManager('nowhere')}`],
      [500, `access denied for [GetChannelConfig][nowhere]: ${noManager('nowhere')}`],
      [500, 'Requested function Nonsense not found.'],
    ],
  ),
]);
