import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { messageType, readHead, registration } from '../wire/chaincode-message.js';
import { type Reply, type SandboxedChaincode } from './sandboxed-chaincode.js';

type Stream = ServerDuplexStream<Buffer, Buffer>;

/** What the listener shows peers, as PEM. */
export interface ListenerTls {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  /** Authority of the peers' own certificates; without it any peer is served. */
  readonly clientAuthority?: Buffer;
}

const asItIs = (bytes: Buffer) => bytes;
const mostConnections = 0xffff;

/** Where peers connect to one chaincode. The connection is ours and outlives the guest behind it. */
export class ChaincodeListener {
  readonly #server = new Server({
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  });
  readonly #chaincodeId: string;
  #chaincode: SandboxedChaincode;
  readonly #open = new Map<number, Reply>();
  #lastConnection = 0;

  private constructor(chaincodeId: string, chaincode: SandboxedChaincode) {
    this.#chaincodeId = chaincodeId;
    this.#chaincode = chaincode;
  }

  /** @param address - `host:port`; port 0 takes a free one */
  static async listen(
    address: string,
    chaincodeId: string,
    chaincode: SandboxedChaincode,
    tls?: ListenerTls,
  ): Promise<{ listener: ChaincodeListener; address: string }> {
    const listener = new ChaincodeListener(chaincodeId, chaincode);
    const { connect } = peer.ChaincodeService;
    listener.#server.addService(
      {
        connect: {
          ...connect,
          requestSerialize: asItIs,
          requestDeserialize: asItIs,
          responseSerialize: asItIs,
          responseDeserialize: asItIs,
        },
      },
      { connect: (stream: Stream) => listener.#accept(stream) },
    );
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(
            tls.clientAuthority ?? null,
            [{ cert_chain: tls.certificate, private_key: tls.privateKey }],
            tls.clientAuthority !== undefined,
          );
    const port = await new Promise<number>((resolve, reject) => {
      listener.#server.bindAsync(address, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return { listener, address: `${address.slice(0, address.lastIndexOf(':'))}:${port}` };
  }

  /** From now on other contracts answer; the peers' connections stay. */
  redirect(chaincode: SandboxedChaincode): void {
    for (const [connection, reply] of this.#open) chaincode.connect(connection, reply);
    this.#chaincode = chaincode;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #accept(stream: Stream): void {
    const connection = this.#number();
    if (connection === undefined) {
      stream.end();
      return;
    }
    const reply: Reply = (message) => stream.write(Buffer.from(message));
    this.#open.set(connection, reply);
    this.#chaincode.connect(connection, reply);
    const gone = () => {
      if (this.#open.delete(connection)) this.#chaincode.disconnect(connection);
    };
    stream.on('error', gone);
    stream.on('cancelled', gone);
    stream.on('end', () => {
      gone();
      stream.end();
    });
    stream.on('data', (message: Buffer) => {
      if (readHead(message).type !== messageType.REGISTERED)
        void this.#chaincode.fromPeer(connection, message).catch(() => stream.end());
    });
    stream.write(Buffer.from(registration(this.#chaincodeId)));
  }

  #number(): number | undefined {
    if (this.#open.size >= mostConnections) return undefined;
    do this.#lastConnection = (this.#lastConnection % mostConnections) + 1;
    while (this.#open.has(this.#lastConnection));
    return this.#lastConnection;
  }
}
