import { common, orderer } from '@hyperledger/fabric-protos';
import { refused } from '../answer.js';
import { type Consortium, type Member } from '../consortium.js';
import {
  accessControlList,
  administrators,
  configurationOf,
  configure,
  sendUpdate,
} from '../fabric/channel-administration.js';
import { type ConfigChange, configUpdate, configurationEnvelope } from '../fabric/config-change.js';
import { type Signatory } from '../fabric/identity.js';
import { group, scenario } from '../scenario.js';

const channel = 'claims-insurer-a';

/** What Fabric would do without it. */
const harmless = accessControlList({ 'qscc/GetChainInfo': '/Channel/Application/Readers' });

/** Sends a change, made from the present configuration, that these have signed. */
const change = async (consortium: Consortium, content: ConfigChange, signatories: readonly Signatory[]) =>
  sendUpdate(
    consortium,
    configUpdate(channel, await configurationOf(consortium.hospital, channel), content),
    signatories,
  );

/** How large blocks may be: as the network was described, but for the number of transactions. */
function batchSize(maxMessageCount: number): ConfigChange {
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(maxMessageCount);
  size.setAbsoluteMaxBytes(99 * 1_048_576);
  size.setPreferredMaxBytes(2 * 1_048_576);
  return { path: ['Orderer'], values: { BatchSize: size.serializeBinary() } };
}

async function blockAt(member: Member, number: number): Promise<common.Block> {
  const stream = await member.network(channel).getBlockEvents({ startBlock: BigInt(number) });
  try {
    for await (const block of stream) return block;
  } finally {
    stream.close();
  }
  throw new Error(`no block ${number}`);
}

/** Type of each envelope in the block; where it says that the last configuration is, in both places; validation codes. */
function read(block: common.Block) {
  const metadata = block.getMetadata()?.getMetadataList_asU8() ?? [];
  const valueAt = (index: number) =>
    common.Metadata.deserializeBinary(metadata[index] ?? new Uint8Array()).getValue_asU8();
  const { SIGNATURES, LAST_CONFIG, TRANSACTIONS_FILTER } = common.BlockMetadataIndex;
  return {
    types: (block.getData()?.getDataList_asU8() ?? []).map(typeOf),
    lastConfig: [
      common.OrdererBlockMetadata.deserializeBinary(valueAt(SIGNATURES)).getLastConfig()?.getIndex(),
      common.LastConfig.deserializeBinary(valueAt(LAST_CONFIG)).getIndex(),
    ],
    codes: [...(metadata[TRANSACTIONS_FILTER] ?? [])],
  };
}

function typeOf(envelope: Uint8Array): number {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const header = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  return common.ChannelHeader.deserializeBinary(header).getType();
}

/** Versions go on counting, whatever scenarios were played before. */
const withoutVersions = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer).replace(/version \d+/g, 'version <n>'));

const applying =
  "error applying config update to existing channel 'claims-insurer-a': error authorizing update";
const unsatisfied =
  "implicit policy evaluation failed - 1 sub-policies were satisfied, but this policy requires 2 of the 'Admins' sub-policies to be satisfied";
const badRequest = (info: string) =>
  refused('ABORTED', `received unsuccessful response from orderer: status=BAD_REQUEST, info=${info}`);

export const channelConfiguration = group('channel configuration', [
  scenario(
    'a change that enough administrators have signed has a block of its own, which is the last configuration at once',
    async (consortium) => {
      const { hospital } = consortium;
      const number = await configure(consortium, harmless);
      const own = read(await blockAt(hospital, number));
      const submitted = await hospital
        .contract('probe', channel)
        .submitAsync('put', { arguments: ['after', '1'] });
      const { blockNumber } = await submitted.getStatus();
      const next = read(await blockAt(hospital, Number(blockNumber)));
      await configure(consortium, accessControlList({}));
      return [
        own.types,
        own.codes,
        own.lastConfig.map((index) => index === number),
        next.types,
        next.lastConfig.map((index) => index === number),
      ];
    },
    [[common.HeaderType.CONFIG], [0], [true, true], [common.HeaderType.ENDORSER_TRANSACTION], [true, true]],
  ),
  scenario(
    'a change counts the sequence of the configuration up by one, and leaves every other part as it was',
    async (consortium) => {
      const { hospital } = consortium;
      await configure(consortium, accessControlList({}));
      const before = await configurationOf(hospital, channel);
      await configure(consortium, harmless);
      await configure(consortium, accessControlList({}));
      const after = await configurationOf(hospital, channel);
      const listsIn = (config: common.Config) =>
        config.getChannelGroup()?.getGroupsMap().get('Application')?.getValuesMap();
      const [old, changed] = [listsIn(before)?.get('ACLs'), listsIn(after)?.get('ACLs')];
      const versions = (changed?.getVersion() ?? 0) - (old?.getVersion() ?? 0);
      const sequences = after.getSequence() - before.getSequence();
      changed?.setVersion(old?.getVersion() ?? 0);
      after.setSequence(before.getSequence());
      return [sequences, versions, JSON.stringify(after.toObject()) === JSON.stringify(before.toObject())];
    },
    [2, 2, true],
  ),
  scenario(
    'a change that too few administrators have signed is refused',
    async (consortium) => change(consortium, batchSize(7), await administrators(consortium)),
    badRequest(
      `${applying}: error validating DeltaSet: policy for [Value]  /Channel/Orderer/BatchSize not satisfied: implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Admins' sub-policies to be satisfied`,
    ),
  ),
  scenario(
    'a change that one administrator of two has signed is refused, even if he has signed twice',
    async (consortium) => {
      await configure(consortium, accessControlList({}));
      const administrator = await consortium.hospital.administrator();
      return [
        await consortium.refusalOf(change(consortium, harmless, [administrator])),
        await consortium.refusalOf(change(consortium, harmless, [administrator, administrator])),
      ];
    },
    Array.from({ length: 2 }, () =>
      badRequest(
        `${applying}: error validating DeltaSet: policy for [Value]  /Channel/Application/ACLs not satisfied: ${unsatisfied}`,
      ),
    ),
  ),
  scenario(
    'signatures of clients do not count, nor does one under something else',
    async (consortium) => {
      await configure(consortium, accessControlList({}));
      const { hospital, insurerA } = consortium;
      const administrator = await hospital.administrator();
      const forged = { ...(await insurerA.administrator()), key: insurerA.user.key };
      return [
        await consortium.refusalOf(change(consortium, harmless, [administrator, insurerA.user])),
        await consortium.refusalOf(change(consortium, harmless, [administrator, forged])),
      ];
    },
    Array.from({ length: 2 }, () =>
      badRequest(
        `${applying}: error validating DeltaSet: policy for [Value]  /Channel/Application/ACLs not satisfied: ${unsatisfied}`,
      ),
    ),
  ),
  scenario(
    'a change that was made from an older configuration is refused',
    async (consortium) => {
      await configure(consortium, accessControlList({}));
      const before = await configurationOf(consortium.hospital, channel);
      const update = configUpdate(channel, before, accessControlList({}));
      const signatories = await administrators(consortium);
      await configure(consortium, accessControlList({}));
      return withoutVersions(await consortium.refusalOf(sendUpdate(consortium, update, signatories)));
    },
    badRequest(
      `${applying}: error validating ReadSet: proposed update requires that key [Value]  /Channel/Application/ACLs be at version <n>, but it is currently at version <n>`,
    ),
  ),
  scenario(
    'a change that changes nothing, and one of another channel, are refused',
    async (consortium) => {
      const signatories = await administrators(consortium);
      const current = await configurationOf(consortium.hospital, channel);
      const nothing = { path: ['Application'], values: {} };
      return [
        await consortium.refusalOf(change(consortium, nothing, signatories)),
        await consortium.refusalOf(
          sendUpdate(consortium, configUpdate('care', current, harmless), signatories),
        ),
      ];
    },
    [
      badRequest(
        `${applying}: error validating DeltaSet: delta set was empty -- update would have no effect`,
      ),
      badRequest(`${applying}: ConfigUpdate for channel 'care' but envelope for channel 'claims-insurer-a'`),
    ],
  ),
  scenario(
    'a change to what no orderer could go by is refused, whoever has signed it',
    async (consortium) => change(consortium, batchSize(0), [await consortium.ordererAdministrator()]),
    badRequest(
      "error applying config update to existing channel 'claims-insurer-a': initializing channelconfig failed: could not create channel Orderer sub-group config: Attempted to set the batch size max message count to an invalid value: 0",
    ),
  ),
  scenario(
    'a change that somebody sends who may not write to the channel is refused',
    async (consortium) => {
      const current = await configurationOf(consortium.hospital, channel);
      return sendUpdate(
        consortium,
        configUpdate(channel, current, harmless),
        await administrators(consortium),
        consortium.insurerB.user,
      );
    },
    refused(
      'ABORTED',
      "received unsuccessful response from orderer: status=FORBIDDEN, info=config update for existing channel did not pass initial checks: implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied: permission denied",
    ),
  ),
  scenario(
    'a finished configuration is taken from nobody: orderers alone make it of a change',
    async ({ hospital }) => {
      const content = new common.ConfigEnvelope();
      content.setConfig(await configurationOf(hospital, channel));
      const envelope = await configurationEnvelope(
        common.HeaderType.CONFIG,
        channel,
        content.serializeBinary(),
        await hospital.administrator(),
      );
      return hospital.peer.submit({ transactionId: '', channel }, envelope);
    },
    badRequest('message is of type that cannot be processed directly'),
  ),
  scenario(
    'a new batch size is obeyed from the next block on',
    async (consortium) => {
      const ordererAdministrator = [await consortium.ordererAdministrator()];
      await configure(consortium, batchSize(1), ordererAdministrator);
      const contract = consortium.hospital.contract('probe', channel);
      const submitted = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          contract.submitAsync('put', { arguments: [`single${index}`, '1'] }),
        ),
      );
      const statuses = await Promise.all(submitted.map((each) => each.getStatus()));
      await configure(consortium, batchSize(100), ordererAdministrator);
      return [
        statuses.every(({ successful }) => successful),
        new Set(statuses.map(({ blockNumber }) => blockNumber)).size,
      ];
    },
    [true, 10],
  ),
]);
