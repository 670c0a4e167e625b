import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { creatorOf, sign, type Signatory } from './identity.js';

/** Values that a change gives a group of a channel's configuration, by name. */
export interface ConfigChange {
  /** Names of the groups from below the channel's own to the one that is changed. */
  readonly path: readonly string[];
  readonly values: Readonly<Record<string, Uint8Array>>;
}

/** The group without what is in it. */
function bare(group: common.ConfigGroup | undefined): common.ConfigGroup {
  const copy = new common.ConfigGroup();
  copy.setVersion(group?.getVersion() ?? 0);
  copy.setModPolicy(group?.getModPolicy() ?? '');
  return copy;
}

/** The group with its members, of the groups among them only the names and versions. */
function shallow(group: common.ConfigGroup | undefined): common.ConfigGroup {
  const copy = bare(group);
  group?.getValuesMap().forEach((value, name) => copy.getValuesMap().set(name, value.clone()));
  group?.getPoliciesMap().forEach((policy, name) => copy.getPoliciesMap().set(name, policy.clone()));
  group?.getGroupsMap().forEach((inner, name) => copy.getGroupsMap().set(name, bare(inner)));
  return copy;
}

/** The group inside of those above it, these without anything else. */
function within(
  root: common.ConfigGroup | undefined,
  path: readonly string[],
  group: common.ConfigGroup,
): common.ConfigGroup {
  const [name, ...deeper] = path;
  if (name === undefined) return group;
  const outer = bare(root);
  outer.getGroupsMap().set(name, within(root?.getGroupsMap().get(name), deeper, group));
  return outer;
}

/** A `ConfigUpdate` of the channel from what it is now. */
export function configUpdate(channel: string, current: common.Config, change: ConfigChange): Uint8Array {
  const root = current.getChannelGroup();
  const target = change.path.reduce((group, name) => group?.getGroupsMap().get(name), root);
  const written = shallow(target);
  for (const [name, bytes] of Object.entries(change.values)) {
    const before = target?.getValuesMap().get(name);
    const value = before?.clone() ?? new common.ConfigValue();
    if (before) value.setVersion(before.getVersion() + 1);
    else value.setModPolicy('Admins');
    value.setValue(bytes);
    written.getValuesMap().set(name, value);
    // One member more is a change of the group itself.
    if (!before) written.setVersion((target?.getVersion() ?? 0) + 1);
  }
  const update = new common.ConfigUpdate();
  update.setChannelId(channel);
  update.setReadSet(within(root, change.path, shallow(target)));
  update.setWriteSet(within(root, change.path, written));
  return update.serializeBinary();
}

function signatureHeaderOf(signatory: Signatory): common.SignatureHeader {
  const header = new common.SignatureHeader();
  header.setCreator(creatorOf(signatory));
  header.setNonce(randomBytes(24));
  return header;
}

/** An update signed by these, in an envelope that is signed by its sender. */
export async function updateEnvelope(
  channel: string,
  update: Uint8Array,
  signatories: readonly Signatory[],
  sender: Signatory,
): Promise<common.Envelope> {
  const signed = new common.ConfigUpdateEnvelope();
  signed.setConfigUpdate(update);
  for (const signatory of signatories) {
    const header = signatureHeaderOf(signatory).serializeBinary();
    const signature = new common.ConfigSignature();
    signature.setSignatureHeader(header);
    signature.setSignature(await sign(signatory, Buffer.concat([header, update])));
    signed.addSignatures(signature);
  }
  return configurationEnvelope(common.HeaderType.CONFIG_UPDATE, channel, signed.serializeBinary(), sender);
}

/** An envelope of a type that concerns a channel's configuration. */
export async function configurationEnvelope(
  type: number,
  channel: string,
  data: Uint8Array,
  sender: Signatory,
): Promise<common.Envelope> {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeaderOf(sender).serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  envelope.setSignature(await sign(sender, payload.serializeBinary()));
  return envelope;
}
