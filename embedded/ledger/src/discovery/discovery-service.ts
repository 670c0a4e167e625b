import { status } from '@grpc/grpc-js';
import { discovery, type peer as peerMessages } from '@hyperledger/fabric-protos';
import { type Channel, type Channels } from '../channel.js';
import { isSignedBy } from '../crypto/signatures.js';
import { type KnownPeer } from '../gateway/known-peer.js';
import { reasonOf } from '../errors.js';
import { RpcError } from '../grpc.js';
import { MspManager } from '../msp/msp-manager.js';
import { type Msp } from '../msp/msp.js';
import { type SignedData } from '../policy/policy-manager.js';
import { unreadable } from '../wire/reader.js';
import { channelResult, type OrdererAddress } from './channel-result.js';
import { concernsIn } from './asked-concerns.js';
import { needOf } from './concerns.js';
import { endorsersOf, mayKnow } from './endorsers.js';
import { describePeer } from './membership.js';

export interface DiscoveryOptions {
  /** The peer that answers. */
  readonly local: KnownPeer;
  /** Of the local peer's organisation, whose administrators alone may ask for the peers outside of any channel. */
  readonly msp: Msp;
  /** All peers of the network. */
  readonly peers: readonly KnownPeer[];
  /** Channels of the local peer. */
  readonly channels: Channels;
  readonly orderers: readonly OrdererAddress[];
}

/** A query that cannot be answered, in a peer's words. */
class QueryFailure extends Error {}

/** Who may ask about a channel, whatever its ACLs say. */
const writers = '/Channel/Application/Writers';

/** `discovery.Discovery` of one peer: who is in a channel, who can endorse, and where to order. */
export class DiscoveryService {
  readonly #options: DiscoveryOptions;
  readonly #organization: MspManager;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#organization = new MspManager([options.msp]);
  }

  /** @throws what is wrong with the request as a whole; a query of it that fails has its own answer. */
  discover(bytes: Buffer): Buffer {
    const envelope = readEnvelope(bytes);
    const data = Buffer.from(envelope.getPayload_asU8());
    const request = readRequest(data);
    const identity = authenticated(request);
    const signed = { data, signature: Buffer.from(envelope.getSignature_asU8()), identity };
    const response = new discovery.Response();
    for (const query of request.getQueriesList()) {
      const result = new discovery.QueryResult();
      try {
        this.#answer(query, signed, result);
      } catch (error) {
        if (!(error instanceof QueryFailure)) throw error;
        const failure = new discovery.Error();
        failure.setContent(error.message);
        result.setError(failure);
      }
      response.addResults(result);
    }
    return Buffer.from(response.serializeBinary());
  }

  #answer(query: discovery.Query, signed: SignedData, result: discovery.QueryResult): void {
    const { QueryCase } = discovery.Query;
    const asked = query.getQueryCase();
    if (query.getChannel() === '') {
      if (!this.#isLocalAdmin(signed)) throw new QueryFailure('access denied');
      if (asked !== QueryCase.LOCAL_PEERS) throw unknownQuery();
      result.setMembers(membersOf(this.#neighbours()));
      return;
    }
    const channel = this.#options.channels.get(query.getChannel());
    if (channel === undefined || !isWriter(channel, signed)) throw new QueryFailure('access denied');
    if (asked === QueryCase.CONFIG_QUERY)
      result.setConfigResult(channelResult(channel, this.#options.orderers));
    else if (asked === QueryCase.PEER_QUERY)
      result.setMembers(this.#membersWith(channel, query.getPeerQuery()?.getFilter()));
    else if (asked === QueryCase.CC_QUERY)
      result.setCcQueryRes(this.#endorsers(channel, query.getCcQuery()?.getInterestsList() ?? []));
    else throw unknownQuery();
  }

  #membersWith(
    channel: Channel,
    filter: peerMessages.ChaincodeInterest | undefined,
  ): discovery.PeerMembershipResult {
    const concerns = filter === undefined ? [] : concernsIn(filter);
    let eligible: ReturnType<typeof needOf>['eligible'];
    try {
      ({ eligible } = needOf(channel, concerns));
    } catch (error) {
      throw new QueryFailure(reasonOf(error));
    }
    const able = this.#membersOf(channel).filter(
      ({ endorser, identity }) =>
        mayKnow(identity, eligible) &&
        concerns.every(({ namespace }) => endorser.serves(channel.name, namespace)),
    );
    return membersOf(able, channel);
  }

  #endorsers(
    channel: Channel,
    interests: readonly peerMessages.ChaincodeInterest[],
  ): discovery.ChaincodeQueryResult {
    checkInterests(interests);
    const result = new discovery.ChaincodeQueryResult();
    for (const interest of interests) result.addContent(this.#descriptor(channel, interest));
    return result;
  }

  #descriptor(channel: Channel, interest: peerMessages.ChaincodeInterest): discovery.EndorsementDescriptor {
    const descriptor = new discovery.EndorsementDescriptor();
    descriptor.setChaincode(interest.getChaincodesList()[0]?.getName() ?? '');
    try {
      const { groups, layouts } = endorsersOf(channel, concernsIn(interest), this.#membersOf(channel));
      for (const [group, peers] of groups)
        descriptor.getEndorsersByGroupsMap().set(group, describeAll(peers, channel));
      for (const quantities of layouts) {
        const layout = new discovery.Layout();
        for (const [group, quantity] of quantities) layout.getQuantitiesByGroupMap().set(group, quantity);
        descriptor.addLayouts(layout);
      }
      return descriptor;
    } catch {
      // A peer tells the reason to its log alone.
      throw new QueryFailure(`failed constructing descriptor for ${interestText(interest)}`);
    }
  }

  #membersOf(channel: Channel): KnownPeer[] {
    return this.#options.peers.filter(({ mspId }) => channel.organizations.includes(mspId));
  }

  /** Peers that the local one meets in some channel. */
  #neighbours(): KnownPeer[] {
    const { peers, local, channels } = this.#options;
    const met = new Set([...channels.values()].flatMap((channel) => this.#membersOf(channel)));
    return peers.filter((peer) => met.has(peer) || peer.mspId === local.mspId);
  }

  #isLocalAdmin({ identity, data, signature }: SignedData): boolean {
    const known = this.#organization.find(identity);
    return known?.role === 'admin' && known.invalid === undefined && isSignedBy(known, data, signature);
  }
}

function readEnvelope(bytes: Buffer): discovery.SignedRequest {
  try {
    return discovery.SignedRequest.deserializeBinary(bytes);
  } catch {
    throw new RpcError(status.INTERNAL, `grpc: error unmarshalling request: ${unreadable}`);
  }
}

function readRequest(data: Buffer): discovery.Request {
  try {
    return discovery.Request.deserializeBinary(data);
  } catch {
    throw new Error(`failed parsing request: ${unreadable}`);
  }
}

/** The serialized identity of who asks. A peer does not compare the TLS certificate that the request names. */
function authenticated(request: discovery.Request): Buffer {
  const authentication = request.getAuthentication();
  if (authentication === undefined) throw new Error('access denied, no authentication info in request');
  const identity = Buffer.from(authentication.getClientIdentity_asU8());
  if (identity.length === 0) throw new Error("access denied, client identity wasn't supplied");
  return identity;
}

function isWriter({ config: { policies } }: Channel, signed: SignedData): boolean {
  try {
    policies.policy(writers).policy.evaluateIdentities(policies.signers([signed]));
    return true;
  } catch {
    // Why is not told.
    return false;
  }
}

const unknownQuery = () => new QueryFailure('unknown or missing request type');

/** @throws {@link QueryFailure} */
function checkInterests(interests: readonly peerMessages.ChaincodeInterest[]): void {
  if (interests.length === 0)
    throw new QueryFailure('chaincode query must have at least one chaincode interest');
  for (const interest of interests) {
    const calls = interest.getChaincodesList();
    if (calls.length === 0) throw new QueryFailure('chaincode interest must contain at least one chaincode');
    if (calls.some((call) => call.getName() === ''))
      throw new QueryFailure('chaincode name in interest cannot be empty');
  }
}

/** As Go prints the message. */
const interestText = (interest: peerMessages.ChaincodeInterest): string =>
  interest
    .getChaincodesList()
    .map((call) => {
      const collections = call
        .getCollectionNamesList()
        .map((name) => ` collection_names:${JSON.stringify(name)}`);
      const flags = [
        call.getNoPrivateReads() ? ' no_private_reads:true' : '',
        call.getDisregardNamespacePolicy() ? ' disregard_namespace_policy:true' : '',
      ];
      return `chaincodes:{name:${JSON.stringify(call.getName())}${[...collections, ...flags].join('')}}`;
    })
    .join(' ');

function describeAll(peers: readonly KnownPeer[], channel?: Channel): discovery.Peers {
  const described = new discovery.Peers();
  described.setPeersList(peers.map((peer) => describePeer(peer, channel)));
  return described;
}

function membersOf(peers: readonly KnownPeer[], channel?: Channel): discovery.PeerMembershipResult {
  const result = new discovery.PeerMembershipResult();
  for (const mspId of new Set(peers.map((peer) => peer.mspId)))
    result.getPeersByOrgMap().set(
      mspId,
      describeAll(
        peers.filter((peer) => peer.mspId === mspId),
        channel,
      ),
    );
  return result;
}
