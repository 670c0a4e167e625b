import { discovery as messages, gossip, msp, peer } from '@hyperledger/fabric-protos';
import { type Member } from '../consortium.js';
import { creatorOf, sign, type Signatory } from '../fabric/identity.js';
import { group, scenario } from '../scenario.js';

/** What of a request is other than usual. */
interface RequestParts {
  readonly signatory?: Signatory;
  readonly channel?: string;
  readonly signature?: Uint8Array;
  readonly creator?: Uint8Array;
  readonly anonymous?: boolean;
  /** The whole request. */
  readonly bytes?: Uint8Array;
}

function interest(...chaincodes: string[]): peer.ChaincodeInterest {
  const made = new peer.ChaincodeInterest();
  made.setChaincodesList(
    chaincodes.map((name) => {
      const call = new peer.ChaincodeCall();
      call.setName(name);
      return call;
    }),
  );
  return made;
}

function config(): messages.Query {
  const query = new messages.Query();
  query.setConfigQuery(new messages.ConfigQuery());
  return query;
}

function peers(...chaincodes: string[]): messages.Query {
  const question = new messages.PeerMembershipQuery();
  if (chaincodes.length > 0) question.setFilter(interest(...chaincodes));
  const query = new messages.Query();
  query.setPeerQuery(question);
  return query;
}

function endorsers(...interests: peer.ChaincodeInterest[]): messages.Query {
  const question = new messages.ChaincodeQuery();
  question.setInterestsList(interests);
  const query = new messages.Query();
  query.setCcQuery(question);
  return query;
}

function localPeers(): messages.Query {
  const query = new messages.Query();
  query.setLocalPeers(new messages.LocalPeerQuery());
  return query;
}

/** Asks a member's peer. */
async function discover(
  member: Member,
  queries: readonly messages.Query[],
  { signatory = member.user, channel = 'care', ...parts }: RequestParts = {},
): Promise<readonly messages.QueryResult[]> {
  const authentication = new messages.AuthInfo();
  authentication.setClientIdentity(parts.creator ?? creatorOf(signatory));
  const request = new messages.Request();
  if (parts.anonymous !== true) request.setAuthentication(authentication);
  for (const query of queries) query.setChannel(channel);
  request.setQueriesList([...queries]);
  const payload = parts.bytes ?? request.serializeBinary();
  const signed = new messages.SignedRequest();
  signed.setPayload(payload);
  signed.setSignature(parts.signature ?? (await sign(signatory, payload)));
  return (await member.peer.discover(signed)).getResultsList();
}

/** What the peer has against a query; nothing if it answers. */
async function objection(
  member: Member,
  query: messages.Query,
  parts?: RequestParts,
): Promise<string | undefined> {
  const [result] = await discover(member, [query], parts);
  // Between the parts of a message that it prints, a peer leaves one blank or two.
  return result?.getError()?.getContent().replace(/ +/g, ' ');
}

const contentOf = (envelope: gossip.Envelope | undefined): gossip.GossipMessage =>
  gossip.GossipMessage.deserializeBinary(envelope?.getPayload_asU8() ?? new Uint8Array());

/** Number of peers of each organisation, and the chaincodes that all of them have. */
function membersOf(result: messages.QueryResult | undefined) {
  const counts: Record<string, number> = {};
  let shared: string[] | undefined;
  result
    ?.getMembers()
    ?.getPeersByOrgMap()
    .forEach((organization, mspId) => {
      counts[mspId] = organization.getPeersList().length;
      for (const found of organization.getPeersList()) {
        const properties = contentOf(found.getStateInfo()).getStateInfo()?.getProperties();
        const names = properties?.getChaincodesList().map((chaincode) => chaincode.getName()) ?? [];
        shared = shared === undefined ? names : shared.filter((name) => names.includes(name));
      }
    });
  return { counts, chaincodes: shared?.sort() };
}

/** Each layout as the organisations of its groups. */
function layoutsOf(descriptor: messages.EndorsementDescriptor | undefined): string[] {
  return (descriptor?.getLayoutsList() ?? [])
    .map((layout) => {
      const parts: string[] = [];
      layout.getQuantitiesByGroupMap().forEach((quantity, name) => {
        const [first] = descriptor?.getEndorsersByGroupsMap().get(name)?.getPeersList() ?? [];
        const mspId = first && msp.SerializedIdentity.deserializeBinary(first.getIdentity_asU8()).getMspid();
        parts.push(`${quantity} of ${mspId ?? 'nobody'}`);
      });
      return parts.sort().join(', ');
    })
    .sort();
}

const denied = 'access denied';
const unknown = 'unknown or missing request type';

export const discovery = group('discovery', [
  scenario(
    'a member learns which peers a channel has',
    async ({ hospital }) => membersOf((await discover(hospital, [peers()]))[0]).counts,
    { HospitalAMSP: 1, InsurerAMSP: 1, InsurerBMSP: 1 },
  ),
  scenario(
    'it learns which of them have a chaincode',
    async ({ hospital }) => {
      const [found] = await discover(hospital, [peers('probe')], { channel: 'claims-insurer-a' });
      const { counts, chaincodes } = membersOf(found);
      return { counts: counts['HospitalAMSP'], lifecycle: chaincodes?.includes('_lifecycle') };
    },
    { counts: 1, lifecycle: true },
  ),
  scenario(
    'it learns whom to trust and where to order',
    async ({ hospital }) => {
      const found = (await discover(hospital, [config()]))[0]?.getConfigResult();
      const organizations: string[] = [];
      found?.getMspsMap().forEach((description, mspId) => {
        const trusted = description.getTlsRootCertsList().length > 0 && description.getName() === mspId;
        organizations.push(`${mspId}: ${trusted}`);
      });
      const orderers = found?.getOrderersMap().get('OrdererMSP')?.getEndpointList().length;
      return { organizations: organizations.sort(), orderers };
    },
    {
      organizations: ['HospitalAMSP: true', 'InsurerAMSP: true', 'InsurerBMSP: true', 'OrdererMSP: true'],
      orderers: 1,
    },
  ),
  scenario(
    'it learns who can endorse together',
    async ({ hospital }) => {
      const [found] = await discover(hospital, [endorsers(interest('probe'), interest('other'))]);
      return found?.getCcQueryRes()?.getContentList().map(layoutsOf);
    },
    [
      ['1 of HospitalAMSP, 1 of InsurerAMSP', '1 of HospitalAMSP, 1 of InsurerBMSP'],
      ['1 of HospitalAMSP', '1 of InsurerAMSP', '1 of InsurerBMSP'],
    ],
  ),
  scenario(
    'it learns who can endorse for two chaincodes at once',
    async ({ hospital }) => {
      const [found] = await discover(hospital, [endorsers(interest('other', 'probe'))]);
      return found?.getCcQueryRes()?.getContentList().map(layoutsOf);
    },
    [['1 of HospitalAMSP, 1 of InsurerAMSP', '1 of HospitalAMSP, 1 of InsurerBMSP']],
  ),
  scenario(
    'several questions have an answer each',
    async ({ hospital }) =>
      (await discover(hospital, [config(), endorsers(), peers()])).map(
        (result) => result.getError()?.getContent() ?? 'answered',
      ),
    ['answered', 'chaincode query must have at least one chaincode interest', 'answered'],
  ),
  ...(
    [
      [
        'endorsers for an empty interest',
        endorsers(interest()),
        'chaincode interest must contain at least one chaincode',
      ],
      [
        'endorsers for a chaincode without a name',
        endorsers(interest('')),
        'chaincode name in interest cannot be empty',
      ],
      [
        'endorsers for an unknown chaincode',
        endorsers(interest('nobody')),
        'failed constructing descriptor for chaincodes:{name:"nobody"}',
      ],
      [
        'peers with an unknown chaincode',
        peers('nobody'),
        'No metadata was found for chaincode nobody in channel care',
      ],
      ['nothing', new messages.Query(), unknown],
      ['peers outside of channels, of a channel', localPeers(), unknown],
    ] as const
  ).map(([what, query, answer]) =>
    scenario(`who asks for ${what} gets no answer`, ({ hospital }) => objection(hospital, query), answer),
  ),
  scenario(
    'who is no member learns nothing of a channel',
    ({ hospital, insurerB }) =>
      objection(hospital, config(), { signatory: insurerB.user, channel: 'claims-insurer-a' }),
    denied,
  ),
  scenario(
    'nobody learns whether there is a channel that he cannot ask for',
    ({ hospital }) => objection(hospital, config(), { channel: 'nowhere' }),
    denied,
  ),
  scenario(
    'a peer is no writer: it learns nothing',
    async ({ hospital }) => objection(hospital, config(), { signatory: await hospital.peerIdentity() }),
    denied,
  ),
  scenario(
    'a wrong signature is denied',
    async ({ hospital }) =>
      objection(hospital, config(), { signature: await sign(hospital.user, Buffer.from('another')) }),
    denied,
  ),
  scenario(
    'only administrators of the organisation learn of peers outside of channels',
    async ({ hospital, insurerA }) => {
      const signatory = await hospital.administrator();
      const [found] = await discover(hospital, [localPeers()], { signatory, channel: '' });
      return [
        membersOf(found).counts,
        await objection(hospital, localPeers(), { channel: '' }),
        await objection(hospital, localPeers(), {
          signatory: await insurerA.administrator(),
          channel: '',
        }),
        await objection(hospital, config(), { signatory, channel: '' }),
      ];
    },
    [{ HospitalAMSP: 1, InsurerAMSP: 1, InsurerBMSP: 1 }, denied, denied, unknown],
  ),
  scenario(
    'a request without an identity is refused',
    async (consortium) => {
      const { hospital } = consortium;
      return [
        await consortium.refusalOf(discover(hospital, [config()], { anonymous: true })),
        await consortium.refusalOf(discover(hospital, [config()], { creator: new Uint8Array() })),
      ];
    },
    [
      { code: 'UNKNOWN', message: 'access denied, no authentication info in request', details: [] },
      { code: 'UNKNOWN', message: "access denied, client identity wasn't supplied", details: [] },
    ],
  ),
]);
