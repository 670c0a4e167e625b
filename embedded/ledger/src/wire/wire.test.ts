import { common, gateway, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { Block, ChannelHeader, Envelope, SerializedIdentity } from './common.js';
import { ChaincodeMessage, messageType } from './chaincode.js';
import { WireError } from './reader.js';
import { KVRWSet, TxReadWriteSet } from './rwset.js';
import { ChaincodeEventsRequest, SeekInfo } from './services.js';
import { ProposalResponse } from './transaction.js';
import { orderer } from '@hyperledger/fabric-protos';

/** The reference library must read our bytes, and write the same. */
function expectSame<T extends { serializeBinary(): Uint8Array }>(
  ours: Buffer,
  reference: { deserializeBinary(bytes: Uint8Array): T },
): T {
  const read = reference.deserializeBinary(ours);
  expect(Buffer.from(read.serializeBinary()).equals(ours)).toBe(true);
  return read;
}

describe('the wire format agrees with the generated library', () => {
  test('scalars, nested messages, negative and large numbers', () => {
    const value = {
      type: 3,
      version: -1,
      timestamp: { seconds: 1_700_000_000, nanos: 999_999_999 },
      channelId: 'kanał-日本',
      txId: 'f'.repeat(64),
      epoch: Number.MAX_SAFE_INTEGER,
      extension: Buffer.from([0, 255, 128]),
      tlsCertHash: Buffer.alloc(0),
    };
    const bytes = ChannelHeader.encode(value);
    const read = expectSame(bytes, common.ChannelHeader);
    expect([read.getVersion(), read.getChannelId(), read.getEpoch()]).toEqual([
      -1,
      'kanał-日本',
      Number.MAX_SAFE_INTEGER,
    ]);
    expect(ChannelHeader.decode(bytes)).toEqual(value);
  });

  test('repeated bytes, empty ones among them', () => {
    const value = {
      header: { number: 300, previousHash: Buffer.from('p'), dataHash: Buffer.from('d') },
      data: { data: [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(100_000, 7)] },
      metadata: { metadata: [Buffer.alloc(0), Buffer.from('m')] },
    };
    const bytes = Block.encode(value);
    expectSame(bytes, common.Block);
    expect(Block.decode(bytes)).toEqual(value);
  });

  test('read/write sets', () => {
    const set = KVRWSet.encode({
      reads: [
        { key: 'a', version: { blockNum: 1, txNum: 0 } },
        { key: 'b', version: undefined },
      ],
      writes: [{ key: '\u0000c', isDelete: true, value: Buffer.alloc(0) }],
      rangeQueriesInfo: [
        {
          startKey: 'a',
          endKey: 'z',
          itrExhausted: true,
          rawReads: { kvReads: [{ key: 'b', version: { blockNum: 0, txNum: 0 } }] },
          readsMerkleHashes: undefined,
        },
      ],
      metadataWrites: [{ key: 'a', entries: [{ name: 'n', value: Buffer.from('v') }] }],
    });
    const bytes = TxReadWriteSet.encode({
      nsRwset: [{ namespace: 'n', rwset: set, collectionHashedRwset: [] }],
    });
    expectSame(bytes, ledger.rwset.TxReadWriteSet);
    expectSame(set, ledger.rwset.kvrwset.KVRWSet);
  });

  test('chaincode messages, proposal responses, requests', () => {
    const proposal = new peer.SignedProposal();
    proposal.setSignature('AA==');
    const message = ChaincodeMessage.encode({
      type: messageType.completed,
      payload: Buffer.from('p'),
      txid: 't',
      channelId: 'c',
      proposal: Buffer.from(proposal.serializeBinary()),
      chaincodeEvent: { chaincodeId: 'cc', txId: 't', eventName: 'e', payload: Buffer.from('x') },
    });
    expect(expectSame(message, peer.ChaincodeMessage).getChaincodeEvent()?.getEventName()).toBe('e');
    const response = ProposalResponse.encode({
      version: 1,
      response: { status: 200, message: 'm', payload: Buffer.from('r') },
      payload: Buffer.from('p'),
      endorsement: { endorser: Buffer.from('e'), signature: Buffer.from('s') },
    });
    expectSame(response, peer.ProposalResponse);
    const events = ChaincodeEventsRequest.encode({
      channelId: 'c',
      startPosition: { newest: undefined, oldest: undefined, nextCommit: {}, specified: undefined },
      afterTransactionId: 'a',
    });
    expectSame(events, gateway.ChaincodeEventsRequest);
    const seek = SeekInfo.encode({
      start: { newest: undefined, oldest: {}, nextCommit: undefined, specified: undefined },
      stop: { newest: undefined, oldest: undefined, nextCommit: undefined, specified: { number: 2 ** 53 } },
      behavior: 1,
    });
    expectSame(seek, orderer.SeekInfo);
    expectSame(
      SerializedIdentity.encode({ mspid: 'M', idBytes: Buffer.from('pem') }),
      msp.SerializedIdentity,
    );
  });

  test('reads the largest block number as beyond every block', () => {
    const specified = new orderer.SeekSpecified();
    const bytes = Buffer.concat([Buffer.of(0x08), Buffer.from('ffffffffffffffffff01', 'hex')]);
    expect(specified.getNumber()).toBe(0);
    const seek = Buffer.concat([Buffer.of(0x12, bytes.length + 2, 0x1a, bytes.length), bytes]);
    expect(SeekInfo.decode(seek).stop?.specified?.number).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  test('skips fields that it does not know', () => {
    const known = Envelope.encode({ payload: Buffer.from('p'), signature: Buffer.from('s') });
    const unknown = Buffer.from('f80101' + 'fa0102aabb' + 'f9010102030405060708' + 'fd0101020304', 'hex');
    expect(Envelope.decode(Buffer.concat([unknown, known]))).toEqual(Envelope.decode(known));
  });

  test.each([
    ['a field that ends too early', '0a05aa'],
    ['a number that ends too early', '0a80'],
    ['a number too long', '0affffffffffffffffffff01'],
    ['a wire type that does not exist', '0f'],
    ['a field of the wrong type', '0801'],
    ['a length beyond any message', '0affffffffffffffff7f00'],
  ])('refuses %s', (_, hex) => {
    expect(() => Envelope.decode(Buffer.from(hex, 'hex'))).toThrow(WireError);
  });

  test('refuses text that is no UTF-8', () => {
    expect(() => SerializedIdentity.decode(Buffer.from('0a02c328', 'hex'))).toThrow(
      'error unmarshalling SerializedIdentity: proto: cannot parse invalid wire-format data',
    );
  });
});
