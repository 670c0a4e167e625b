import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { ChaincodeInput } from '../wire/transaction.js';
import { ChaincodeMessage, messageType } from '../wire/chaincode.js';
import { ChaincodeId, Response } from '../wire/transaction.js';

/** One connection of a peer, message by message. */
export class RawConnection {
  constructor(readonly stream: ServerDuplexStream<Buffer, Buffer>) {}

  send(message: Partial<ChaincodeMessage>): void {
    this.stream.write(ChaincodeMessage.encode(message));
  }

  sendBytes(bytes: Buffer): void {
    this.stream.write(bytes);
  }

  register(id: string): void {
    const payload = ChaincodeId.encode({ name: id, path: '', version: '' });
    this.send({ type: messageType.register, payload });
  }

  /** Answers a transaction as a chaincode should. */
  complete({ txid, channelId }: ChaincodeMessage, answer: string): void {
    const payload = Response.encode({ status: 200, message: '', payload: Buffer.from(answer) });
    this.send({ type: messageType.completed, payload, txid, channelId });
  }
}

/** What a chaincode does when a peer connects, and with each transaction. */
export interface RawBehaviour {
  connected?(connection: RawConnection, id: string): void;
  transaction?(connection: RawConnection, message: ChaincodeMessage, args: readonly string[]): void;
  other?(connection: RawConnection, message: ChaincodeMessage): void;
}

const identity = (bytes: Buffer) => bytes;

/** A chaincode server below any shim, which may do what no shim would. By default it registers and answers with its first argument. */
export class RawChaincode {
  readonly #server = new Server({
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  });
  readonly #streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
  behaviour: RawBehaviour = {};

  private constructor(readonly id: string) {}

  static async start(address: string, id: string): Promise<RawChaincode> {
    const chaincode = new RawChaincode(id);
    const { connect } = peer.ChaincodeService;
    chaincode.#server.addService(
      {
        connect: {
          ...connect,
          requestSerialize: identity,
          requestDeserialize: identity,
          responseSerialize: identity,
          responseDeserialize: identity,
        },
      },
      { connect: (stream: ServerDuplexStream<Buffer, Buffer>) => chaincode.#accept(stream) },
    );
    await new Promise<void>((resolve, reject) => {
      chaincode.#server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
    return chaincode;
  }

  /** Ends every connection. */
  disconnect(): void {
    for (const stream of this.#streams) stream.end();
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #accept(stream: ServerDuplexStream<Buffer, Buffer>): void {
    const connection = new RawConnection(stream);
    this.#streams.add(stream);
    stream.on('data', (bytes: Buffer) => this.#receive(connection, ChaincodeMessage.decode(bytes)));
    stream.on('error', () => this.#streams.delete(stream));
    stream.on('end', () => {
      this.#streams.delete(stream);
      stream.end();
    });
    if (this.behaviour.connected === undefined) connection.register(this.id);
    else this.behaviour.connected(connection, this.id);
  }

  #receive(connection: RawConnection, message: ChaincodeMessage): void {
    if (message.type !== messageType.transaction) {
      this.behaviour.other?.(connection, message);
      return;
    }
    const args = ChaincodeInput.decode(message.payload).args.map((arg) => arg.toString());
    if (this.behaviour.transaction === undefined) connection.complete(message, args[0] ?? '');
    else this.behaviour.transaction(connection, message, args);
  }
}
