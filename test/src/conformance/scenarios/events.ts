import { status } from '@grpc/grpc-js';
import { type ChaincodeEventsOptions, checkpointers, GatewayError } from '@hyperledger/fabric-gateway';
import { validationName, refused } from '../answer.js';
import { type Member } from '../consortium.js';
import { group, scenario } from '../scenario.js';

/** Emits these events, a transaction each. */
async function emit(member: Member, ...names: string[]) {
  const emitted = [];
  for (const name of names) {
    const submitted = await member.contract().submitAsync('event', { arguments: [name, `of ${name}`] });
    const { blockNumber } = await submitted.getStatus();
    emitted.push({ blockNumber, transactionId: submitted.getTransactionId() });
  }
  return emitted;
}

/** The next events of `probe`, by name and payload. */
async function take(member: Member, count: number, options: ChaincodeEventsOptions): Promise<string[][]> {
  const events = await member.network().getChaincodeEvents('probe', options);
  const taken: string[][] = [];
  try {
    for await (const { eventName, payload } of events) {
      taken.push([eventName, Buffer.from(payload).toString()]);
      if (taken.length === count) break;
    }
  } finally {
    events.close();
  }
  return taken;
}

/** The first event of a stream; the refusal if there is none. */
async function firstEvent(member: Member, channel: string, chaincode: string, startBlock?: bigint) {
  const network = member.gateway(member.user, 1_500).getNetwork(channel);
  const events = await network.getChaincodeEvents(chaincode, { startBlock });
  for await (const { eventName } of events) return eventName;
  return 'no event';
}

const notReader = (channel: string) =>
  `Failed evaluating policy on signed data during check policy on channel [${channel}] with policy [/Channel/Application/Readers]: ` +
  "[implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]";

export const events = group('events', [
  scenario(
    'events come from the block that is asked for, in order, with their payloads',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'A1', 'A2', 'A3');
      return take(hospital, 3, { startBlock: first?.blockNumber });
    },
    [
      ['A1', 'of A1'],
      ['A2', 'of A2'],
      ['A3', 'of A3'],
    ],
  ),
  scenario(
    'a stream goes on after the transaction of its checkpoint',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'B1', 'B2');
      const checkpoint = checkpointers.inMemory();
      await checkpoint.checkpointTransaction(first?.blockNumber ?? 0n, first?.transactionId ?? '');
      return take(hospital, 1, { startBlock: 0n, checkpoint });
    },
    [['B2', 'of B2']],
  ),
  scenario(
    'a stream goes on after the block of its checkpoint',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'C1', 'C2');
      const checkpoint = checkpointers.inMemory();
      await checkpoint.checkpointBlock(first?.blockNumber ?? 0n);
      return take(hospital, 1, { checkpoint });
    },
    [['C2', 'of C2']],
  ),
  scenario(
    'a checkpoint that was fed with events resumes where it was cut',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'D1', 'D2', 'D3');
      const checkpoint = checkpointers.inMemory();
      const stream = await hospital.network().getChaincodeEvents('probe', { startBlock: first?.blockNumber });
      for await (const event of stream) {
        await checkpoint.checkpointChaincodeEvent(event);
        if (event.eventName === 'D2') break;
      }
      stream.close();
      return take(hospital, 1, { startBlock: 0n, checkpoint });
    },
    [['D3', 'of D3']],
  ),
  scenario(
    'a transaction that is found invalid has no event',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'E1');
      const code = await hospital.submitEndorsedBy(['HospitalAMSP'], 'event', 'never', '');
      await emit(hospital, 'E2');
      return [code, ...(await take(hospital, 2, { startBlock: first?.blockNumber })).map(([name]) => name)];
    },
    ['ENDORSEMENT_POLICY_FAILURE', 'E1', 'E2'],
  ),
  scenario(
    'another member sees the same events',
    async ({ hospital, insurerB }) => {
      const [first] = await emit(hospital, 'F1');
      return take(insurerB, 1, { startBlock: first?.blockNumber });
    },
    [['F1', 'of F1']],
  ),
  scenario(
    'a chaincode that there is not has no events, and that is no error',
    async ({ hospital }) => firstEvent(hospital, 'care', 'nothing'),
    refused('DEADLINE_EXCEEDED', ''),
  ),
  scenario(
    'a stream that begins beyond the last block waits',
    async ({ hospital }) =>
      firstEvent(hospital, 'care', 'probe', 100_000n).catch((error: unknown) => {
        // Whether the client or the peer looks at the clock first is chance.
        if (!(error instanceof GatewayError)) throw error;
        const ends: number[] = [status.DEADLINE_EXCEEDED, status.CANCELLED];
        if (!ends.includes(error.code)) throw error;
        return 'waited to the deadline';
      }),
    'waited to the deadline',
  ),
  scenario(
    'a channel that there is not',
    async ({ hospital }) => firstEvent(hospital, 'nothing', 'probe'),
    refused('PERMISSION_DENIED', 'Failed to get policy manager for channel [nothing]'),
  ),
  scenario(
    'events of a channel are for its members',
    async ({ hospital, insurerB }) => {
      const stream = await hospital
        .gateway(insurerB.user, 1_500)
        .getNetwork('claims-insurer-a')
        .getChaincodeEvents('probe');
      for await (const { eventName } of stream) return eventName;
      return 'no event';
    },
    refused('PERMISSION_DENIED', notReader('claims-insurer-a')),
  ),
  scenario(
    'a block has its transactions with their codes, also the invalid ones',
    async ({ hospital }) => {
      const put = { arguments: ['blocked', '1'], endorsingOrganizations: ['HospitalAMSP'] };
      const submitted = await (await hospital.contract().newProposal('put', put).endorse()).submit();
      const { blockNumber } = await submitted.getStatus();
      const blocks = await hospital.network().getBlockEvents({ startBlock: blockNumber });
      for await (const block of blocks) {
        const codes = [...(block.getMetadata()?.getMetadataList_asU8()[2] ?? [])].map(validationName);
        return [BigInt(block.getHeader()?.getNumber() ?? 0) === blockNumber, ...codes];
      }
      return 'no block';
    },
    [true, 'ENDORSEMENT_POLICY_FAILURE'],
  ),
  scenario(
    'a filtered block has the name of an event and not its payload',
    async ({ hospital }) => {
      const [first] = await emit(hospital, 'G1');
      const blocks = await hospital.network().getFilteredBlockEvents({ startBlock: first?.blockNumber });
      for await (const block of blocks) {
        return block
          .getFilteredTransactionsList()
          .map((transaction) => [
            transaction.getTxid() === first?.transactionId,
            validationName(transaction.getTxValidationCode()),
            ...(transaction.getTransactionActions()?.getChaincodeActionsList() ?? []).map((action) => [
              action.getChaincodeEvent()?.getEventName(),
              action.getChaincodeEvent()?.getPayload_asU8().length,
            ]),
          ]);
      }
      return 'no block';
    },
    [[true, 'VALID', ['G1', 0]]],
  ),
]);
