import { common, peer } from '@hyperledger/fabric-protos';
import { type Consortium, type Member } from '../consortium.js';
import { type ConfigChange, configUpdate, updateEnvelope } from './config-change.js';
import { type Signatory } from './identity.js';
import { makeProposal } from './proposal.js';

/** What `cscc` answers at the member's own peer. */
export async function askConfiguration(
  member: Member,
  args: readonly (string | Uint8Array)[],
  signatory: Signatory = member.user,
): Promise<peer.Response> {
  return member.peer.respond(await makeProposal(signatory, { channel: '', chaincode: 'cscc', args }));
}

/** The configuration of a channel as the member's peer has it. */
export async function configurationOf(member: Member, channel: string): Promise<common.Config> {
  // An administrator of the organisation may ask whatever the channel's list says of clients.
  const response = await askConfiguration(
    member,
    ['GetChannelConfig', channel],
    await member.administrator(),
  );
  return common.Config.deserializeBinary(response.getPayload_asU8());
}

/** The administrators of both members of `claims-insurer-a`. */
export const administrators = async ({ hospital, insurerA }: Consortium): Promise<Signatory[]> =>
  Promise.all([hospital.administrator(), insurerA.administrator()]);

/** Number of the block that a peer's newest configuration of the channel is in. */
export async function lastConfigBlock(member: Member, channel: string): Promise<number> {
  const response = await askConfiguration(member, ['GetConfigBlock', channel], await member.administrator());
  return common.Block.deserializeBinary(response.getPayload_asU8()).getHeader()?.getNumber() ?? 0;
}

/** Sends an update of `claims-insurer-a` through the hospital's gateway. */
export async function sendUpdate(
  { hospital }: Consortium,
  update: Uint8Array,
  signatories: readonly Signatory[],
  sender?: Signatory,
): Promise<'submitted'> {
  const channel = 'claims-insurer-a';
  const envelope = await updateEnvelope(
    channel,
    update,
    signatories,
    sender ?? (await hospital.administrator()),
  );
  return hospital.peer.submit({ transactionId: '', channel }, envelope);
}

/**
 * Changes the configuration of `claims-insurer-a`, and waits until its peers go by that.
 * @returns number of its block
 */
export async function configure(
  consortium: Consortium,
  change: ConfigChange,
  signatories?: readonly Signatory[],
): Promise<number> {
  const channel = 'claims-insurer-a';
  const { hospital, insurerA } = consortium;
  const before = await configurationOf(hospital, channel);
  await sendUpdate(
    consortium,
    configUpdate(channel, before, change),
    signatories ?? (await administrators(consortium)),
  );
  await Promise.all(
    [hospital, insurerA].map((member) =>
      consortium.patiently(async () => {
        const { sequence } = (await configurationOf(member, channel)).toObject();
        if (sequence <= before.getSequence()) throw new Error('the peer still has the configuration before');
      }),
    ),
  );
  return lastConfigBlock(hospital, channel);
}

/** An access control list: policies by what they guard. */
export function accessControlList(entries: Readonly<Record<string, string>>): ConfigChange {
  const list = new peer.ACLs();
  for (const [resource, policy] of Object.entries(entries)) {
    const guarded = new peer.APIResource();
    guarded.setPolicyRef(policy);
    list.getAclsMap().set(resource, guarded);
  }
  return { path: ['Application'], values: { ACLs: list.serializeBinary() } };
}

/** Acts while the list of `claims-insurer-a` says this; it says nothing before and after. */
export async function whileListed<T>(
  consortium: Consortium,
  entries: Readonly<Record<string, string>>,
  act: () => Promise<T>,
): Promise<T> {
  await configure(consortium, accessControlList(entries));
  try {
    return await act();
  } finally {
    await configure(consortium, accessControlList({}));
  }
}
