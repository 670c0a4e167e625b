import { refused } from '../answer.js';
import { type Consortium, type Member } from '../consortium.js';
import { whileListed } from '../fabric/channel-administration.js';
import { type Signatory } from '../fabric/identity.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

const channel = 'claims-insurer-a';

/** Submits a call of the probe on the other channel through one on `care`, and answers what its chaincode was answered. */
async function callAcross(member: Member, ...args: string[]): Promise<unknown> {
  const answer = await member.contract('other').submit('call', {
    arguments: ['probe', channel, ...args],
    endorsingOrganizations: [member.mspId],
  });
  return JSON.parse(Buffer.from(answer).toString()) as unknown;
}

async function stateOf(member: Member, key: string): Promise<string> {
  const answer = await member.contract('probe', channel).evaluate('get', { arguments: [key] });
  return Buffer.from(answer).toString();
}

/** What the member's peer answers a caller, who may be a stranger to the other channel. */
async function ask(
  consortium: Consortium,
  at: Member,
  caller: Signatory,
  chaincode = 'probe',
): Promise<unknown> {
  const parts = { chaincode: 'other', args: ['call', chaincode, channel, 'get', 'across'] };
  const answer = await consortium.refusalOf(at.peer.processProposal(await makeProposal(caller, parts)));
  return JSON.parse(JSON.stringify(answer).replace(/[0-9a-f]{64}/g, '<id>')) as unknown;
}

const failed = 'INVOKE_CHAINCODE failed: transaction ID: <id>';
const notWriter = (name: string) =>
  `Failed evaluating policy on signed data during check policy on channel [${name}] with policy [/Channel/Application/Writers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied]`;

export const crossChannelCalls = group('cross-channel calls', [
  scenario(
    'a chaincode reads the state of another channel, as it is at its end',
    async ({ hospital }) => {
      await hospital.contract('probe', channel).submit('put', { arguments: ['across', 'read'] });
      return callAcross(hospital, 'get', 'across');
    },
    { status: 200, message: '', payload: 'read' },
  ),
  scenario(
    'what it writes there is dropped, though the transaction is valid',
    async ({ hospital }) => {
      await hospital.contract('probe', channel).submit('put', { arguments: ['across', 'kept'] });
      return [
        await callAcross(hospital, 'put', 'across', 'dropped'),
        await callAcross(hospital, 'putThenGet', 'across', 'dropped'),
        await stateOf(hospital, 'across'),
      ];
    },
    [{ status: 200, message: '', payload: '' }, { status: 200, message: '', payload: 'kept' }, 'kept'],
  ),
  scenario(
    'what it read there is not checked again when the transaction is committed',
    async ({ hospital }) => {
      const contract = hospital.contract('probe', channel);
      await contract.submit('put', { arguments: ['moving', '1'] });
      const endorsed = await hospital
        .contract('other')
        .newProposal('call', {
          arguments: ['probe', channel, 'get', 'moving'],
          endorsingOrganizations: [hospital.mspId],
        })
        .endorse();
      await contract.submit('put', { arguments: ['moving', '2'] });
      return (await (await endorsed.submit()).getStatus()).successful;
    },
    true,
  ),
  scenario(
    'who may not write to the other channel may not call there',
    async (consortium) => {
      const { hospital, insurerB } = consortium;
      return [
        await ask(consortium, hospital, insurerB.user),
        await ask(consortium, hospital, await hospital.peerIdentity()),
      ];
    },
    [[500, `${failed}: ${notWriter(channel)}`], refused('UNKNOWN', notWriter('care'))],
  ),
  scenario(
    'a peer cannot call on a channel that it has not joined',
    async (consortium) => ask(consortium, consortium.insurerB, consortium.insurerB.user),
    [500, `${failed}: Failed to get policy manager for channel [claims-insurer-a]`],
  ),
  scenario(
    "the other channel's own list says who may call there",
    async (consortium) => {
      const { hospital, insurerA } = consortium;
      const listed = { 'peer/ChaincodeToChaincode': '/Channel/Application/InsurerAMSP/Writers' };
      return [
        await whileListed(consortium, listed, async () => [
          await ask(consortium, hospital, hospital.user),
          await ask(consortium, hospital, insurerA.user),
        ]),
        await ask(consortium, hospital, hospital.user),
      ];
    },
    [
      [
        [
          500,
          `${failed}: failed evaluating policy on signed data during check policy [/Channel/Application/InsurerAMSP/Writers]: [signature set did not satisfy policy]`,
        ],
        [200, ''],
      ],
      [200, ''],
    ],
  ),
  scenario(
    'a chaincode that there is not on the other channel is not called',
    async (consortium) => ask(consortium, consortium.hospital, consortium.hospital.user, 'other'),
    [
      500,
      `${failed}: execute failed: invalid invocation: [channel claims-insurer-a] failed to get chaincode container info for other: chaincode other not found`,
    ],
  ),
]);
