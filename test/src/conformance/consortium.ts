import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientOptions, credentials } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, hash, type Network } from '@hyperledger/fabric-gateway';
import { CaClient, type CaEndpoint, type CaIdentity } from '@medigraph/platform/ca';
import { type common } from '@hyperledger/fabric-protos';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { Answers, validationName } from './answer.js';
import {
  type CertificateFaults,
  identityOf,
  issueIdentity,
  readSignatory,
  sign,
  type Signatory,
  signerOf,
} from './fabric/identity.js';
import { PeerClient } from './fabric/peer-client.js';
import { type NetworkUnderTest } from './networks/network-under-test.js';

const domains: Readonly<Record<string, string>> = {
  HospitalAMSP: 'hospital-a.example',
  InsurerAMSP: 'insurer-a.example',
  InsurerBMSP: 'insurer-b.example',
};

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
/** Milliseconds for one call. */
const within = (ms: number) => () => ({ deadline: Date.now() + ms });
const patience = within(38_000);

/** One member of the consortium: its user, and its peer. */
export class Member {
  readonly mspId: string;
  readonly user: Signatory;
  readonly peer: PeerClient;
  readonly #client: Client;
  readonly #authority: { readonly certificate: string; readonly privateKey: string };
  readonly #folder: string;
  readonly #gateways: Gateway[] = [];

  private constructor(mspId: string, user: Signatory, folder: string, profile: ConnectionProfile) {
    const organization = profile.organizations[mspId];
    const [peer] = organization?.peers ?? [];
    if (!peer || !organization?.ca) throw new Error(`${mspId} has no peer or no authority in the profile`);
    const security =
      peer.tlsCaCertificate === undefined
        ? credentials.createInsecure()
        : credentials.createSsl(Buffer.from(peer.tlsCaCertificate));
    const options: ClientOptions = {
      'grpc.max_receive_message_length': -1,
      ...(peer.serverNameOverride !== undefined && {
        'grpc.ssl_target_name_override': peer.serverNameOverride,
      }),
    };
    this.mspId = mspId;
    this.user = user;
    this.#folder = folder;
    this.#authority = organization.ca;
    this.#client = new Client(peer.address, security, options);
    this.peer = new PeerClient(peer.address, security, options);
  }

  static async open(mspId: string, profile: ConnectionProfile, material: string): Promise<Member> {
    const domain = domains[mspId] ?? '';
    const folder = path.join(material, 'peerOrganizations', domain);
    const user = await readSignatory(mspId, path.join(folder, 'users', `User1@${domain}`, 'msp'));
    return new Member(mspId, user, folder, profile);
  }

  /** The identity of its peer. */
  peerIdentity(): Promise<Signatory> {
    const domain = domains[this.mspId] ?? '';
    return readSignatory(this.mspId, path.join(this.#folder, 'peers', `peer0.${domain}`, 'msp'));
  }

  /** The identity of its administrator. */
  administrator(): Promise<Signatory> {
    const domain = domains[this.mspId] ?? '';
    return readSignatory(this.mspId, path.join(this.#folder, 'users', `Admin@${domain}`, 'msp'));
  }

  /** A new identity from its authority. */
  issue(faults?: CertificateFaults): Promise<Signatory> {
    return issueIdentity(this.mspId, this.#authority, faults);
  }

  /** Signs what its gateway has prepared. */
  async signEnvelope(envelope: common.Envelope, signatory = this.user): Promise<common.Envelope> {
    envelope.setSignature(await sign(signatory, envelope.getPayload_asU8()));
    return envelope;
  }

  /** A gateway through this member's peer; event streams end after `eventsMs`. */
  gateway(signatory: Signatory = this.user, eventsMs = 15_000): Gateway {
    const gateway = connect({
      client: this.#client,
      identity: identityOf(signatory),
      signer: signerOf(signatory),
      hash: hash.sha256,
      evaluateOptions: patience,
      endorseOptions: patience,
      submitOptions: patience,
      commitStatusOptions: patience,
      chaincodeEventsOptions: within(eventsMs),
      blockEventsOptions: within(eventsMs),
      filteredBlockEventsOptions: within(eventsMs),
    });
    this.#gateways.push(gateway);
    return gateway;
  }

  network(channel = 'care'): Network {
    return this.gateway().getNetwork(channel);
  }

  contract(chaincode = 'probe', channel = 'care'): Contract {
    return this.network(channel).getContract(chaincode);
  }

  async evaluate(transaction: string, ...args: string[]): Promise<string> {
    return text(await this.contract().evaluate(transaction, { arguments: args }));
  }

  /** The answer as JSON. */
  async ask(transaction: string, ...args: string[]): Promise<unknown> {
    return JSON.parse(await this.evaluate(transaction, ...args)) as unknown;
  }

  async submit(transaction: string, ...args: string[]): Promise<string> {
    return text(await this.contract().submit(transaction, { arguments: args }));
  }

  /** Has these organisations endorse, submits, and answers the name of the validation code. */
  async submitEndorsedBy(mspIds: readonly string[], transaction: string, ...args: string[]): Promise<string> {
    const endorsed = await this.contract()
      .newProposal(transaction, { arguments: args, endorsingOrganizations: [...mspIds] })
      .endorse();
    return validationName((await (await endorsed.submit()).getStatus()).code);
  }

  close(): void {
    for (const gateway of this.#gateways) gateway.close();
    this.#client.close();
    this.peer.close();
  }
}

/** An authority of a network, and who may register others with it. */
export interface Authority {
  readonly endpoint: CaEndpoint;
  readonly client: CaClient;
  readonly registrar: () => Promise<CaIdentity>;
}

/** Everybody who takes part in a scenario, on one network. */
export class Consortium {
  readonly answers: Answers;
  readonly #network: NetworkUnderTest;
  readonly #members: readonly Member[];

  private constructor(network: NetworkUnderTest, members: readonly Member[], answers: Answers) {
    this.#network = network;
    this.#members = members;
    this.answers = answers;
  }

  static async open(network: NetworkUnderTest): Promise<Consortium> {
    const { profile, material } = network;
    const members = await Promise.all(
      Object.keys(domains).map((mspId) => Member.open(mspId, profile, material)),
    );
    const owners = Object.entries(profile.organizations).flatMap(([mspId, { peers }]) =>
      peers.map(({ address }) => [address, mspId] as const),
    );
    return new Consortium(network, members, new Answers(new Map(owners)));
  }

  get hospital(): Member {
    return this.#member('HospitalAMSP');
  }

  get insurerA(): Member {
    return this.#member('InsurerAMSP');
  }

  /** Is no member of channel `claims-insurer-a`. */
  get insurerB(): Member {
    return this.#member('InsurerBMSP');
  }

  /** Whether somebody can be enrolled. */
  get hasAuthorities(): boolean {
    return this.#network.profile.certificateAuthorities !== undefined;
  }

  /** The hospital's authority. */
  get authority(): Authority {
    const name = 'ca.hospital-a.example';
    const authority = this.#network.profile.certificateAuthorities?.[name];
    if (!authority?.registrar) throw new Error(`${name} is not served, or has no registrar`);
    const { url, tlsCaCertificate, registrar } = authority;
    const endpoint = { url, tlsCaCertificate };
    const client = new CaClient(endpoint);
    return { endpoint, client, registrar: () => client.enroll(registrar.name, registrar.secret) };
  }

  /** How clients reach the network. */
  get profile(): ConnectionProfile {
    return this.#network.profile;
  }

  /** Who administers the ordering service. */
  ordererAdministrator(): Promise<Signatory> {
    const domain = 'orderer.example';
    const users = path.join(this.#network.material, 'ordererOrganizations', domain, 'users');
    return readSignatory('OrdererMSP', path.join(users, `Admin@${domain}`, 'msp'));
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** What the action is refused with; its answer if it is not. */
  async refusalOf(action: Promise<unknown>): Promise<unknown> {
    return action.catch((error: unknown) => this.answers.ofError(error));
  }

  /** Repeats a call while the peers find each other again. */
  async patiently<T>(call: () => Promise<T>): Promise<T> {
    const until = Date.now() + 60_000;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (Date.now() > until) throw error;
        await delay(100);
      }
    }
  }

  /** Stops the whole network and starts it again on its data. */
  restart(): Promise<void> {
    return this.#network.restart();
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  #member(mspId: string): Member {
    const member = this.#members.find((each) => each.mspId === mspId);
    if (!member) throw new Error(`${mspId} is no member`);
    return member;
  }
}
