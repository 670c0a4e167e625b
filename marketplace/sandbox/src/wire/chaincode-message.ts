import { peer } from '@hyperledger/fabric-protos';
import { BinaryReader } from 'google-protobuf';

export const messageType = peer.ChaincodeMessage.Type;

/** Fields of `protos.ChaincodeMessage`. */
const field = { type: 1, payload: 3, txid: 4, event: 6, channel: 7 } as const;

/** What the host needs to know of a message; the rest passes through as it came. */
export interface MessageHead {
  readonly type: number;
  readonly txid: string;
  readonly channel: string;
  readonly payload: Uint8Array;
  readonly event: Uint8Array;
}

const nothing: Uint8Array = new Uint8Array();

/**
 * Reads the head of a message.
 * @throws if the bytes are none, or have a field twice: of some of these a peer takes the last, of others both together, and what it takes must be
 * what was looked at
 */
export function readHead(bytes: Uint8Array): MessageHead {
  const head: { -readonly [Key in keyof MessageHead]: MessageHead[Key] } = {
    type: 0,
    txid: '',
    channel: '',
    payload: nothing,
    event: nothing,
  };
  const reader = new BinaryReader(bytes);
  const seen = new Set<number>();
  while (reader.nextField()) {
    if (reader.isEndGroup()) throw new Error('a group ends that did not begin');
    const number = reader.getFieldNumber();
    if (seen.has(number)) throw new Error(`field ${number} is there twice`);
    seen.add(number);
    switch (number) {
      case field.type:
        head.type = reader.readEnum();
        break;
      case field.payload:
        head.payload = reader.readBytes();
        break;
      case field.txid:
        head.txid = reader.readString();
        break;
      case field.event:
        head.event = reader.readBytes();
        break;
      case field.channel:
        head.channel = reader.readString();
        break;
      default:
        reader.skipField();
    }
  }
  return head;
}

/** What a guest's message invokes. @throws if the message does not say it. */
export function invokedChaincode({ payload }: MessageHead): {
  readonly name: string;
  readonly channel: string;
} {
  const spec = peer.ChaincodeSpec.deserializeBinary(payload);
  // `name[:version][/channel]`
  const [nameAndVersion = '', ...channel] = (spec.getChaincodeId()?.getName() ?? '').split('/');
  const [name = ''] = nameAndVersion.split(':');
  return { name, channel: channel.join('/') };
}

/** Name of the transaction that a message of a peer asks for; empty if it asks for none. */
export function transactionName({ payload }: MessageHead): string {
  const [name] = peer.ChaincodeInput.deserializeBinary(payload).getArgsList_asU8();
  return name === undefined ? '' : Buffer.from(name).toString();
}

export function registration(chaincodeId: string): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(chaincodeId);
  const message = new peer.ChaincodeMessage();
  message.setType(messageType.REGISTER);
  message.setPayload(id.serializeBinary());
  return message.serializeBinary();
}

/** Ends a transaction with a refusal. */
export function refusal(head: Pick<MessageHead, 'txid' | 'channel'>, reason: string): Uint8Array {
  const response = new peer.Response();
  response.setStatus(500);
  response.setMessage(reason);
  const message = new peer.ChaincodeMessage();
  message.setType(messageType.COMPLETED);
  message.setTxid(head.txid);
  message.setChannelId(head.channel);
  message.setPayload(response.serializeBinary());
  return message.serializeBinary();
}
