import { createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, signers, StatusCode } from '@hyperledger/fabric-gateway';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type Outcome } from './outcomes.js';

/** Milliseconds that each step of a transaction may take. */
const patience = 4_000;
const within = () => ({ deadline: Date.now() + patience });

const codeName = (code: number): string =>
  Object.entries(StatusCode).find(([, value]) => value === code)?.[0] ?? String(code);

/** What a write registers, and where. */
export interface DirectContract {
  readonly mspId: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly contract: string;
  readonly transaction: string;
  readonly argument: (id: string) => unknown;
}

/** A client of the gateway's own library: it knows the id of its transaction before it is sent. */
export class DirectWriter {
  readonly #of: DirectContract;
  readonly #client: Client;
  readonly #gateway: Gateway;
  readonly #contract: Contract;

  constructor(profile: ConnectionProfile, of: DirectContract) {
    const organization = profile.organizations[of.mspId];
    const [peer] = organization?.peers ?? [];
    if (!organization || !peer) throw new Error(`${of.mspId} is not in the connection profile`);
    this.#of = of;
    this.#client = new Client(peer.address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
    });
    this.#gateway = connect({
      client: this.#client,
      identity: { mspId: of.mspId, credentials: Buffer.from(organization.client.certificate) },
      signer: signers.newPrivateKeySigner(createPrivateKey(organization.client.privateKey)),
      endorseOptions: within,
      submitOptions: within,
      commitStatusOptions: within,
    });
    this.#contract = this.#gateway.getNetwork(of.channel).getContract(of.chaincode, of.contract);
  }

  /** Registers something of this id, and tells what came of it. */
  async write(marker: string): Promise<Outcome> {
    const { channel, transaction: name, argument } = this.#of;
    const proposal = this.#contract.newProposal(name, { arguments: [JSON.stringify(argument(marker))] });
    const transaction = proposal.getTransactionId();
    const said = (outcome: Outcome['said'], error?: unknown): Outcome => ({
      channel,
      transaction,
      said: outcome,
      detail: error instanceof Error ? error.message : outcome,
    });
    let endorsed;
    try {
      endorsed = await proposal.endorse();
    } catch (error) {
      return said('refused', error);
    }
    try {
      const { successful, code } = await (await endorsed.submit()).getStatus();
      return successful ? { ...said('valid'), marker } : { ...said('invalid'), code: codeName(code) };
    } catch (error) {
      return said('unknown', error);
    }
  }

  close(): void {
    this.#gateway.close();
    this.#client.close();
  }
}
