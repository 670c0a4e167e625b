import * as grpc from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { type PeerEndpoint } from '../connection-profile.js';
import { AdministrationRefusedError, AdministrationUnavailableError } from './errors.js';
import { type AdminIdentity } from './peer-connection.js';
import { channelCredentials, channelOptions } from './transport.js';

/** Milliseconds that an ordering node may take for an answer. */
const deadline = 60_000;

/** A connection to one ordering node, for transactions that no peer endorses. */
export class OrdererConnection {
  readonly #address: string;
  readonly #client: orderer.AtomicBroadcastClient;

  private constructor(address: string, client: orderer.AtomicBroadcastClient) {
    this.#address = address;
    this.#client = client;
  }

  /** @param tls - what it shows a node that wants a TLS certificate of its clients */
  static open(endpoint: PeerEndpoint, tls?: AdminIdentity['tls']): OrdererConnection {
    const client = new orderer.AtomicBroadcastClient(
      endpoint.address,
      channelCredentials(endpoint, tls),
      channelOptions(endpoint),
    );
    return new OrdererConnection(endpoint.address, client);
  }

  /**
   * Hands over a transaction; answers once the node has taken it, which is before it is in a block.
   * @throws {@link AdministrationRefusedError} with what the node said; {@link AdministrationUnavailableError} if it could not
   * be reached, or has no leader.
   */
  async broadcast(envelope: common.Envelope): Promise<void> {
    const answer = await this.#send(envelope);
    const status = answer.getStatus();
    if (status === common.Status.SUCCESS) return;
    const reason = `${this.#address} refused the transaction: ${status} ${answer.getInfo()}`;
    throw status === common.Status.SERVICE_UNAVAILABLE
      ? new AdministrationUnavailableError(reason)
      : new AdministrationRefusedError(reason);
  }

  #send(envelope: common.Envelope): Promise<orderer.BroadcastResponse> {
    return new Promise((resolve, reject) => {
      const stream = this.#client.broadcast(new grpc.Metadata(), { deadline: Date.now() + deadline });
      const fail = (reason: string, cause?: unknown) =>
        reject(
          new AdministrationUnavailableError(`${this.#address} cannot be reached: ${reason}`, { cause }),
        );
      stream.on('data', (answer: orderer.BroadcastResponse) => {
        resolve(answer);
        stream.end();
      });
      stream.on('error', (error: grpc.ServiceError) => fail(error.details, error));
      stream.on('end', () => fail('no answer'));
      stream.write(envelope);
    });
  }

  close(): void {
    this.#client.close();
  }
}
