import { discovery, gossip } from '@hyperledger/fabric-protos';
import { type Channel } from '../channel.js';
import { sha256 } from '../crypto/hash.js';
import { type KnownPeer } from '../gateway/known-peer.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { SerializedIdentity } from '../wire/common.js';

// Peers tell each other of themselves in signed messages, and discovery hands those on. Here all peers are in one
// process and need not tell each other anything: each message is made when somebody asks for it.

/** Every peer has it, in the version of the peer itself. */
const lifecycleVersion = 'v3.1.5';

/** What a peer is known by among peers. */
function pkiId({ endorser }: KnownPeer): Buffer {
  const { mspid, idBytes } = SerializedIdentity.decode(endorser.signer.serialized);
  return sha256(Buffer.from(mspid), idBytes);
}

function now(): gossip.PeerTime {
  const time = new gossip.PeerTime();
  time.setIncNum(processStarted);
  time.setSeqNum(Date.now() - processStarted);
  return time;
}

const processStarted = Date.now();

function signed({ endorser: { signer } }: KnownPeer, message: gossip.GossipMessage): gossip.Envelope {
  const payload = message.serializeBinary();
  const envelope = new gossip.Envelope();
  envelope.setPayload(payload);
  envelope.setSignature(signer.sign(payload));
  return envelope;
}

/** Says that the peer is there, and where. */
function aliveMessage(peer: KnownPeer): gossip.Envelope {
  const member = new gossip.Member();
  member.setEndpoint(peer.address);
  member.setPkiId(pkiId(peer));
  const alive = new gossip.AliveMessage();
  alive.setMembership(member);
  alive.setTimestamp(now());
  const message = new gossip.GossipMessage();
  message.setTag(gossip.GossipMessage.Tag.EMPTY);
  message.setAliveMsg(alive);
  return signed(peer, message);
}

/** Says what the peer has of a channel: its height, and chaincodes that it can run. */
function stateInfo(peer: KnownPeer, channel: Channel): gossip.Envelope {
  const properties = new gossip.Properties();
  properties.setLedgerHeight(channel.store.height);
  const able = [...channel.chaincodes].filter(({ name }) => peer.endorser.serves(channel.name, name));
  properties.setChaincodesList(
    [...able, { name: lifecycleNamespace, version: lifecycleVersion }].map(({ name, version }) => {
      const chaincode = new gossip.Chaincode();
      chaincode.setName(name);
      chaincode.setVersion(version);
      return chaincode;
    }),
  );
  const id = pkiId(peer);
  const info = new gossip.StateInfo();
  info.setTimestamp(now());
  info.setPkiId(id);
  info.setChannelMac(sha256(id, Buffer.from(channel.name)));
  info.setProperties(properties);
  const message = new gossip.GossipMessage();
  message.setTag(gossip.GossipMessage.Tag.CHAN_OR_ORG);
  message.setStateInfo(info);
  return signed(peer, message);
}

/** A peer as discovery describes it, in a channel or by itself. */
export function describePeer(peer: KnownPeer, channel?: Channel): discovery.Peer {
  const described = new discovery.Peer();
  described.setIdentity(peer.endorser.signer.serialized);
  described.setMembershipInfo(aliveMessage(peer));
  if (channel !== undefined) described.setStateInfo(stateInfo(peer, channel));
  return described;
}
