import { createRequire } from 'node:module';
import { type peer } from '@hyperledger/fabric-protos';
import { type ChaincodeInterface } from 'fabric-shim-api';
import handler from 'fabric-shim/lib/handler.js';

// The shim's own copy: messages of another would be of other classes.
const ofShim = createRequire(createRequire(import.meta.url).resolve('fabric-shim/lib/handler.js'));
const { ChaincodeMessage } = (ofShim('@hyperledger/fabric-protos') as { peer: typeof peer }).peer;

/**
 * One peer's conversation with the contracts, as the shim holds it. The host has registered with the peer already, so the
 * shim is told that it is. What contracts can reach of it are three functions.
 */
export class PeerStream {
  #onMessage: ((message: peer.ChaincodeMessage) => void) | undefined;

  constructor(chaincode: ChaincodeInterface, send: (message: Uint8Array) => void) {
    const stream = {
      write: (message: peer.ChaincodeMessage) => {
        if (message.getType() !== ChaincodeMessage.Type.REGISTER) send(message.serializeBinary());
      },
      on: (event: string, listener: (message: peer.ChaincodeMessage) => void) => {
        if (event === 'data') this.#onMessage = listener;
      },
      end: () => undefined,
    };
    const registration = new ChaincodeMessage();
    registration.setType(ChaincodeMessage.Type.REGISTER);
    const conversation = new handler.ChaincodeMessageHandler(Object.freeze(stream), Object.freeze(chaincode));
    conversation.chat(registration);
    // A transaction finds it behind its stub, and could have something else answer the next.
    Object.freeze(conversation);
    for (const type of [ChaincodeMessage.Type.REGISTERED, ChaincodeMessage.Type.READY]) {
      const message = new ChaincodeMessage();
      message.setType(type);
      this.#onMessage?.(message);
    }
  }

  receive(bytes: Uint8Array): void {
    // A copy: what is read of it are views, which would show the messages beside it.
    this.#onMessage?.(ChaincodeMessage.deserializeBinary(new Uint8Array(bytes)));
  }
}
