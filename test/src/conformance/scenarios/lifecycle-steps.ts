/** What the scenarios of the chaincode lifecycle do, a step a function. */
import { peer } from '@hyperledger/fabric-protos';
import { type CollectionDescription, collectionsOf } from '@medigraph/network/admin';
import { validationName } from '../answer.js';
import { type Member } from '../consortium.js';
import { type Signatory } from '../fabric/identity.js';
import { approval, named, proposed, type ProposedDefinition } from '../fabric/lifecycle-calls.js';
import { makeProposal } from '../fabric/proposal.js';

export const messages = peer.lifecycle;

/** Calls `_lifecycle` on the member's peer alone, outside of any channel. */
export async function callPeer(
  member: Member,
  signatory: Signatory,
  operation: string,
  ...args: readonly Uint8Array[]
): Promise<peer.Response> {
  const parts = { channel: '', chaincode: '_lifecycle', args: [operation, ...args] };
  return member.peer.respond(await makeProposal(signatory, parts));
}

export const answerOf = (response: peer.Response) => [
  response.getStatus(),
  response.getMessage().replace(/[0-9a-f]{64}/g, '<id>'),
];

export async function install(
  member: Member,
  content: Uint8Array,
  signatory?: Signatory,
): Promise<peer.Response> {
  const args = new messages.InstallChaincodeArgs();
  args.setChaincodeInstallPackage(content);
  const who = signatory ?? (await member.administrator());
  return callPeer(member, who, 'InstallChaincode', args.serializeBinary());
}

/** Packages that the member's peer has, by label. */
export async function installed(member: Member) {
  const response = await callPeer(
    member,
    await member.administrator(),
    'QueryInstalledChaincodes',
    new Uint8Array(),
  );
  return messages.QueryInstalledChaincodesResult.deserializeBinary(
    response.getPayload_asU8(),
  ).getInstalledChaincodesList();
}

export async function packageOf(member: Member, label = 'probe'): Promise<string> {
  const found = (await installed(member)).find((each) => each.getLabel() === label);
  return found?.getPackageId() ?? 'nothing installed';
}

export const lifecycleOf = (member: Member, signatory?: Signatory, channel = 'care') =>
  member.gateway(signatory).getNetwork(channel).getContract('_lifecycle');

/** Has the member's peer endorse a call of `_lifecycle`, as its administrator; what it touches is in the answer. */
export async function endorsed(member: Member, operation: string, argument: Uint8Array, by = [member.mspId]) {
  return lifecycleOf(member, await member.administrator())
    .newProposal(operation, { arguments: [argument], endorsingOrganizations: [...by] })
    .endorse();
}

async function submitted(...call: Parameters<typeof endorsed>): Promise<string> {
  const transaction = await (await endorsed(...call)).submit();
  return validationName((await transaction.getStatus()).code);
}

/** Approves for the member's organisation, to be run from the package of the probe. */
export async function approve(member: Member, definition: ProposedDefinition): Promise<string> {
  return submitted(
    member,
    'ApproveChaincodeDefinitionForMyOrg',
    approval(definition, await packageOf(member)),
  );
}

export const commit = (member: Member, definition: ProposedDefinition, by: readonly Member[]) =>
  submitted(
    member,
    'CommitChaincodeDefinition',
    proposed(definition),
    by.map(({ mspId }) => mspId),
  );

export const evaluated = async (member: Member, operation: string, argument: Uint8Array, channel = 'care') =>
  lifecycleOf(member, undefined, channel).evaluate(operation, {
    arguments: [argument],
    endorsingOrganizations: [member.mspId],
  });

const sorted = (map: { entries(): Iterable<[string, unknown]> | Iterator<[string, unknown]> }) =>
  Object.fromEntries(
    [...(map.entries() as Iterable<[string, unknown]>)].sort(([a], [b]) => (a < b ? -1 : 1)),
  );

export async function readiness(member: Member, definition: ProposedDefinition) {
  const answer = await evaluated(member, 'CheckCommitReadiness', proposed(definition));
  const result = messages.CheckCommitReadinessResult.deserializeBinary(answer);
  const mismatches = [...result.getMismatchesMap().entries()].map(
    ([mspId, items]) => [mspId, items.getItemsList()] as const,
  );
  return [sorted(result.getApprovalsMap()), Object.fromEntries(mismatches.sort())];
}

/** How a definition is committed: version, sequence, whether it must be initialized, and who has approved it. */
export async function committed(member: Member, name: string) {
  const answer = await evaluated(member, 'QueryChaincodeDefinition', named(name));
  const result = messages.QueryChaincodeDefinitionResult.deserializeBinary(answer);
  return [
    result.getVersion(),
    result.getSequence(),
    result.getInitRequired(),
    result.getEndorsementPlugin(),
    result.getValidationPlugin(),
    sorted(result.getApprovalsMap()),
  ];
}

export const fresh = { name: 'fresh', initRequired: true };
export const upgraded = { name: 'fresh', version: '2', sequence: 2, endorsers: ['HospitalAMSP'] };

/** A call of the chaincode that is brought up here, endorsed by these members. */
export async function callFresh(
  member: Member,
  by: readonly Member[],
  args: readonly string[],
  isInit = false,
) {
  const proposal = await makeProposal(member.user, { chaincode: 'fresh', args, isInit });
  const envelope = await member.peer.endorse(
    proposal,
    by.map(({ mspId }) => mspId),
  );
  await member.peer.submit(proposal, await member.signEnvelope(envelope));
  const [code] = await member.peer.commitStatus(member.user, { transactionId: proposal.transactionId });
  return code;
}

export const collectionsFor = (...descriptions: readonly Partial<CollectionDescription>[]) =>
  collectionsOf(
    descriptions.map((description) => ({
      name: 'secrets',
      policy: "OR('HospitalAMSP.member', 'InsurerAMSP.member')",
      requiredPeers: 0,
      maxPeers: 1,
      blockToLive: 0,
      memberOnlyRead: false,
      memberOnlyWrite: false,
      ...description,
    })),
  );
