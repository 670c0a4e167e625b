/** The shim's side of the conversation with a peer, over any stream. Not in the package's own types. */
declare module 'fabric-shim/lib/handler.js' {
  import { type peer } from '@hyperledger/fabric-protos';
  import { type ChaincodeInterface } from 'fabric-shim-api';

  interface MessageStream {
    write(message: peer.ChaincodeMessage): void;
    on(event: string, listener: (message: peer.ChaincodeMessage) => void): void;
    end(): void;
  }
  const handler: {
    ChaincodeMessageHandler: new (
      stream: MessageStream,
      chaincode: ChaincodeInterface,
    ) => { chat(first: peer.ChaincodeMessage): void };
  };
  export default handler;
}
