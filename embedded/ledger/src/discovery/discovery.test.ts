import { discovery, gossip, peer } from '@hyperledger/fabric-protos';
import { prepareEmbedded } from '@medigraph/network';
import { readFile, writeFile } from 'node:fs/promises';
import { type LedgerNetwork } from '../network.js';
import { readUser, type User } from '../testing/client.js';
import { type RawClient } from '../testing/raw-client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';

const [alpha, ...others] = testDescription.organizations;
const description = {
  ...testDescription,
  organizations: [
    { ...alpha, mspId: 'AlphaMSP', domain: 'alpha.example', peers: ['peer0', 'peer1'] },
    ...others,
  ],
};
const { discover } = discovery.DiscoveryService;

const interest = (...names: string[]) => {
  const made = new peer.ChaincodeInterest();
  for (const name of names) {
    const call = new peer.ChaincodeCall();
    call.setName(name);
    made.addChaincodes(call);
  }
  return made;
};

const queries = {
  config: () => {
    const query = new discovery.Query();
    query.setConfigQuery(new discovery.ConfigQuery());
    return query;
  },
  peers: (...chaincodes: string[]) => {
    const peers = new discovery.PeerMembershipQuery();
    if (chaincodes.length > 0) peers.setFilter(interest(...chaincodes));
    const query = new discovery.Query();
    query.setPeerQuery(peers);
    return query;
  },
  endorsers: (...interests: peer.ChaincodeInterest[]) => {
    const chaincodes = new discovery.ChaincodeQuery();
    chaincodes.setInterestsList(interests);
    const query = new discovery.Query();
    query.setCcQuery(chaincodes);
    return query;
  },
  localPeers: () => {
    const query = new discovery.Query();
    query.setLocalPeers(new discovery.LocalPeerQuery());
    return query;
  },
  nothing: () => new discovery.Query(),
};

/** Beta's peer is known to others by a name of its own, not by where it serves. */
const advertised = 'peer0.beta.example:7051';

async function prepare(folder: string): Promise<string> {
  const { ledgerFile } = await prepareEmbedded(description, folder);
  const network = JSON.parse(await readFile(ledgerFile, 'utf8')) as LedgerNetwork;
  const peer = network.organizations['BetaMSP']?.peers['peer0.beta.example'];
  if (peer === undefined) throw new Error('Beta has no such peer');
  peer.advertised = advertised;
  await writeFile(ledgerFile, JSON.stringify(network));
  return ledgerFile;
}

describe('discovery', () => {
  let network: TestNetwork;
  let client: RawClient;
  beforeAll(async () => {
    network = await TestNetwork.start({
      prepare,
      changes: { organizations: description.organizations },
    });
    client = await network.raw();
  });
  afterAll(() => network.close());

  const request = async (by: RawClient, change: (request: discovery.Request) => void): Promise<Buffer> => {
    const authentication = new discovery.AuthInfo();
    authentication.setClientIdentity(by.creator);
    const made = new discovery.Request();
    made.setAuthentication(authentication);
    change(made);
    const payload = Buffer.from(made.serializeBinary());
    const signed = new discovery.SignedRequest();
    signed.setPayload(payload);
    signed.setSignature(await by.sign(payload));
    return Buffer.from(signed.serializeBinary());
  };
  const ask = async (
    query: discovery.Query,
    channel = 'main',
    by = client,
  ): Promise<discovery.QueryResult> => {
    query.setChannel(channel);
    const bytes = await request(by, (made) => made.addQueries(query));
    const [result] = discovery.Response.deserializeBinary(
      await by.call(discover.path, bytes),
    ).getResultsList();
    if (result === undefined) throw new Error('no result');
    return result;
  };
  const admin = (): Promise<User> =>
    readUser(
      'AlphaMSP',
      network.material('organizations/peerOrganizations/alpha.example/users/Admin@alpha.example/msp'),
    );
  const endpointOf = (found: discovery.Peer) =>
    gossip.GossipMessage.deserializeBinary(found.getMembershipInfo()?.getPayload_asU8() ?? new Uint8Array())
      .getAliveMsg()
      ?.getMembership()
      ?.getEndpoint();
  const stateOf = (found: discovery.Peer) =>
    gossip.GossipMessage.deserializeBinary(found.getStateInfo()?.getPayload_asU8() ?? new Uint8Array())
      .getStateInfo()
      ?.getProperties();
  const membersOf = (result: discovery.QueryResult) => {
    const byOrganization: Record<string, (string | undefined)[]> = {};
    result
      .getMembers()
      ?.getPeersByOrgMap()
      .forEach((peers, mspId) => (byOrganization[mspId] = peers.getPeersList().map(endpointOf)));
    return byOrganization;
  };

  test('tells the peers of a channel, their heights and chaincodes', async () => {
    const result = await ask(queries.peers());
    const { nodes } = network.ledger;
    expect(membersOf(result)).toEqual({
      AlphaMSP: [nodes['peer0.alpha.example'], nodes['peer1.alpha.example']],
      BetaMSP: [advertised],
      GammaMSP: [nodes['peer0.gamma.example']],
    });
    const [first] = result.getMembers()?.getPeersByOrgMap().get('BetaMSP')?.getPeersList() ?? [];
    const state = first && stateOf(first);
    expect(state?.getLedgerHeight()).toBe(network.ledger.heights()['main']);
    expect(state?.getChaincodesList().map((chaincode) => chaincode.getName())).toEqual(
      expect.arrayContaining(['sample', 'other', '_lifecycle']),
    );
    expect(Object.keys(membersOf(await ask(queries.peers('sample'), 'narrow')))).toEqual([
      'AlphaMSP',
      'BetaMSP',
    ]);
  });

  test('tells whom to trust and where to order', async () => {
    const config = (await ask(queries.config())).getConfigResult();
    expect([...(config?.getMspsMap().keys() ?? [])].sort()).toEqual([
      'AlphaMSP',
      'BetaMSP',
      'GammaMSP',
      'OrdererMSP',
    ]);
    expect(config?.getMspsMap().get('AlphaMSP')?.getTlsRootCertsList()).toHaveLength(1);
    const [endpoint] = config?.getOrderersMap().get('OrdererMSP')?.getEndpointList() ?? [];
    expect(`${endpoint?.getHost() ?? ''}:${endpoint?.getPort() ?? 0}`).toBe(network.ledger.orderer);
  });

  test('tells who can endorse: groups of peers, and how many of which', async () => {
    const result = await ask(queries.endorsers(interest('sample'), interest('sample', 'other')));
    const [alone, together] = result.getCcQueryRes()?.getContentList() ?? [];
    const layouts = (descriptor: discovery.EndorsementDescriptor | undefined) =>
      descriptor
        ?.getLayoutsList()
        .map((layout) => {
          const members: string[] = [];
          layout.getQuantitiesByGroupMap().forEach((quantity, group) => {
            const peers = descriptor.getEndorsersByGroupsMap().get(group)?.getPeersList() ?? [];
            members.push(`${quantity} of ${peers.length}`);
          });
          return members.sort();
        })
        .sort((a, b) => a.length - b.length);
    expect(alone?.getChaincode()).toBe('sample');
    expect(layouts(alone)).toHaveLength(3);
    expect(layouts(alone)).toContainEqual(['1 of 1', '1 of 2']);
    // `other` is Gamma's alone, so Gamma is one of the two that `sample` needs.
    expect(layouts(together)).toHaveLength(2);
    expect(layouts(together)).toEqual(
      expect.arrayContaining([
        ['1 of 1', '1 of 1'],
        ['1 of 1', '1 of 2'],
      ]),
    );
  });

  test('tells its own administrators alone what peers there are outside of any channel', async () => {
    const denied = await ask(queries.localPeers(), '');
    expect(denied.getError()?.getContent()).toBe('access denied');
    const asAdmin = await network.raw('AlphaMSP', await admin());
    const found = membersOf(await ask(queries.localPeers(), '', asAdmin));
    expect(Object.keys(found).sort()).toEqual(['AlphaMSP', 'BetaMSP', 'GammaMSP']);
    const other = await ask(queries.peers(), '', asAdmin);
    expect(other.getError()?.getContent()).toBe('unknown or missing request type');
  });

  test.each<[string, () => discovery.Query, string, string]>([
    ['a channel that is not there', queries.config, 'nowhere', 'access denied'],
    ['nothing', queries.nothing, 'main', 'unknown or missing request type'],
    ['local peers of a channel', queries.localPeers, 'main', 'unknown or missing request type'],
    [
      'endorsers for nothing',
      () => queries.endorsers(),
      'main',
      'chaincode query must have at least one chaincode interest',
    ],
    [
      'endorsers for an empty interest',
      () => queries.endorsers(interest()),
      'main',
      'chaincode interest must contain at least one chaincode',
    ],
    [
      'endorsers for a chaincode without a name',
      () => queries.endorsers(interest('')),
      'main',
      'chaincode name in interest cannot be empty',
    ],
    [
      'endorsers for an unknown chaincode',
      () => queries.endorsers(interest('nobody')),
      'main',
      'failed constructing descriptor for chaincodes:{name:"nobody"}',
    ],
    [
      'peers with an unknown chaincode',
      () => queries.peers('nobody'),
      'main',
      'No metadata was found for chaincode nobody in channel main',
    ],
  ])('does not answer who asks for %s', async (_, query, channel, reason) => {
    expect((await ask(query(), channel)).getError()?.getContent()).toBe(reason);
  });

  test('answers members of the channel alone', async () => {
    const gamma = await network.raw('GammaMSP', undefined, 'AlphaMSP');
    const result = await ask(queries.config(), 'narrow', gamma);
    expect(result.getError()?.getContent()).toBe('access denied');
    const forged = await request(client, (made) => {
      const query = queries.config();
      query.setChannel('main');
      made.addQueries(query);
    });
    const signed = discovery.SignedRequest.deserializeBinary(forged);
    signed.setSignature(await gamma.sign(Buffer.from('something else')));
    const answer = await client.call(discover.path, Buffer.from(signed.serializeBinary()));
    const [refused] = discovery.Response.deserializeBinary(answer).getResultsList();
    expect(refused?.getError()?.getContent()).toBe('access denied');
  });

  test('refuses requests without authentication, and rubbish', async () => {
    const anonymous = await request(client, (made) => made.clearAuthentication());
    await expect(client.call(discover.path, anonymous)).rejects.toMatchObject({
      details: 'access denied, no authentication info in request',
    });
    const nameless = await request(client, (made) => made.getAuthentication()?.setClientIdentity(''));
    await expect(client.call(discover.path, nameless)).rejects.toMatchObject({
      details: "access denied, client identity wasn't supplied",
    });
    const rubbish = new discovery.SignedRequest();
    rubbish.setPayload(Buffer.from('garbage'));
    await expect(client.call(discover.path, Buffer.from(rubbish.serializeBinary()))).rejects.toMatchObject({
      details: 'failed parsing request: proto: cannot parse invalid wire-format data',
    });
    await expect(client.call(discover.path, Buffer.from('garbage'))).rejects.toMatchObject({ code: 13 });
  });
});
