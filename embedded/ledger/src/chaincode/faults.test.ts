import { type ServiceError } from '@grpc/grpc-js';
import { chaincodeId, prepareEmbedded } from '@medigraph/network';
import { RawChaincode, type RawBehaviour } from '../testing/raw-chaincode.js';
import { type RawClient } from '../testing/raw-client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { messageType, type ChaincodeMessage } from '../wire/chaincode.js';
import { ErrorDetail, RpcStatus } from '../wire/services.js';

const hungUp = /error sending: chaincode stream terminated$/;
const tooLate = /error sending: timeout expired while executing transaction$/;

describe('a chaincode that does not behave', () => {
  let network: TestNetwork;
  let client: RawClient;
  let chaincode: RawChaincode;
  let id: string;

  beforeAll(async () => {
    network = await TestNetwork.prepare({
      prepare: async (folder) => (await prepareEmbedded(testDescription, folder)).ledgerFile,
      ledger: { executeTimeoutMs: 4_000, chaincodeStartTimeoutMs: 1_000 },
    });
    id = await chaincodeId('other');
    await network.chaincode('other').kill();
    await restart();
    await network.startLedger();
    client = await network.raw();
  });
  afterAll(async () => {
    chaincode.close();
    await network.close();
  });

  const restart = async (behaviour: RawBehaviour = {}) => {
    chaincode = await RawChaincode.start(network.chaincodes['other'] ?? '', id);
    chaincode.behaviour = behaviour;
  };
  const ask = async (chaincodeName: string, ...args: string[]) =>
    client.evaluate(await client.propose('main', chaincodeName, args), ['AlphaMSP']);
  /** What the peer says of a transaction of the chaincode. */
  const refusal = async (...args: string[]): Promise<string | undefined> => {
    const error = (await ask('other', ...args).catch((thrown: unknown) => thrown)) as ServiceError;
    const [encoded] = error.metadata.get('grpc-status-details-bin');
    const [detail] = Buffer.isBuffer(encoded) ? RpcStatus.decode(encoded).details : [];
    return detail && ErrorDetail.decode(detail.value).message;
  };
  const during = async <T>(behaviour: RawBehaviour, work: () => Promise<T>): Promise<T> => {
    chaincode.behaviour = behaviour;
    try {
      return await work();
    } finally {
      chaincode.behaviour = {};
    }
  };

  /** Other chaincodes answer meanwhile, and this one does once it behaves. */
  const nobodyElseSuffers = async () => {
    expect(await ask('sample', 'get', 'nothing')).toBe('');
    expect(await ask('other', 'well')).toBe('well');
  };

  test('never answers: its transaction is given up, others go on', async () => {
    await during({ transaction: () => undefined }, async () => {
      const late = refusal('hang');
      expect(await ask('sample', 'get', 'nothing')).toBe('');
      expect(await late).toMatch(tooLate);
    });
    await nobodyElseSuffers();
  });

  test.each<[string, RawBehaviour]>([
    ['hangs up', { transaction: ({ stream }) => void stream.end() }],
    ['answers rubbish bytes', { transaction: (connection) => connection.sendBytes(Buffer.from('garbage')) }],
    ['registers a second time', { transaction: (connection) => connection.register('other') }],
    [
      'sends a message of a type that there is not',
      { transaction: (connection, { txid, channelId }) => connection.send({ type: 99, txid, channelId }) },
    ],
    [
      'sends what only a peer may send',
      {
        transaction: (connection, { txid, channelId }) =>
          connection.send({ type: messageType.response, txid, channelId }),
      },
    ],
    [
      'answers more than a message may hold',
      { transaction: (connection) => connection.sendBytes(Buffer.alloc(101 * 1024 * 1024)) },
    ],
  ])('%s: the conversation ends, and with it what it was doing', async (_, behaviour) => {
    expect(await during(behaviour, () => refusal('x'))).toMatch(hungUp);
    await nobodyElseSuffers();
  });

  test('dies in one transaction: all of its transactions fail, those of others do not', async () => {
    const waiting: ChaincodeMessage[] = [];
    const transaction: RawBehaviour['transaction'] = ({ stream }, message, [what]) => {
      if (what === 'die') stream.end();
      else waiting.push(message);
    };
    await during({ transaction }, async () => {
      const first = refusal('wait');
      while (waiting.length === 0) expect(await ask('sample', 'get', 'nothing')).toBe('');
      expect(await refusal('die')).toMatch(hungUp);
      expect(await first).toMatch(hungUp);
    });
    await nobodyElseSuffers();
  });

  test('answers for another transaction: nobody takes that answer', async () => {
    const transaction: RawBehaviour['transaction'] = (connection, message, [what]) => {
      if (what === 'wrong') connection.complete({ ...message, txid: 'ab'.repeat(32) }, 'wrong');
      else connection.complete({ ...message, channelId: 'narrow' }, 'wrong');
    };
    await during({ transaction }, async () => {
      expect(await refusal('wrong')).toMatch(tooLate);
      expect(await refusal('elsewhere')).toMatch(tooLate);
    });
    await nobodyElseSuffers();
  });

  test('answers twice: the first counts', async () => {
    const transaction: RawBehaviour['transaction'] = (connection, message) => {
      connection.complete(message, 'first');
      connection.complete(message, 'second');
    };
    expect(await during({ transaction }, () => ask('other', 'x'))).toBe('first');
    await nobodyElseSuffers();
  });

  test('answers what is no response', async () => {
    const transaction: RawBehaviour['transaction'] = (connection, { txid, channelId }) =>
      connection.send({ type: messageType.completed, txid, channelId, payload: Buffer.from('garbage') });
    expect(await during({ transaction }, () => refusal('x'))).toMatch(
      /^error in simulation: failed to unmarshal response for transaction [0-9a-f]{64}: proto: cannot parse/,
    );
    await nobodyElseSuffers();
  });

  test('asks in a transaction that there is not, or that is over: it is told so', async () => {
    const told: string[] = [];
    const transaction: RawBehaviour['transaction'] = (connection, message) =>
      connection.send({ type: messageType.getState, txid: 'ab'.repeat(32), channelId: message.channelId });
    const other: RawBehaviour['other'] = (_, { type, payload }) => {
      if (type === messageType.error) told.push(payload.toString());
    };
    expect(await during({ transaction, other }, () => refusal('x'))).toMatch(tooLate);
    expect(told).toEqual([`GET_STATE failed: transaction ID: ${'ab'.repeat(32)}: no ledger context`]);
    await nobodyElseSuffers();
  });

  test('asks without end and reads no answer: others are served', async () => {
    const transaction: RawBehaviour['transaction'] = (connection, { txid, channelId }) => {
      connection.stream.pause();
      for (let count = 0; count < 20_000; count += 1) {
        connection.send({ type: messageType.keepalive });
        connection.send({ type: messageType.getState, txid, channelId, payload: Buffer.from('rubbish') });
      }
    };
    await during({ transaction }, async () => {
      const late = refusal('flood');
      expect(await ask('sample', 'get', 'nothing')).toBe('');
      expect(await late).toMatch(tooLate);
    });
    chaincode.close();
    await restart();
    await until(async () => (await ask('other', 'well')) === 'well');
    await nobodyElseSuffers();
  });

  test.each<[string, RawBehaviour['connected'], RegExp]>([
    [
      'never registers',
      () => undefined,
      /could not launch chaincode other:[^ ]+: timeout expired while starting chaincode other:[^ ]+ for transaction$/,
    ],
    [
      'registers under another name',
      (connection) => connection.register('somebody:1.0'),
      /could not launch chaincode other:[^ ]+: connection to other:[^ ]+ failed: chaincode at .* registered as 'somebody:1\.0'/,
    ],
    [
      'begins with something else',
      (connection) => connection.send({ type: messageType.completed }),
      /could not launch chaincode other:/,
    ],
  ])('%s: it cannot be launched', async (_, connected, reason) => {
    chaincode.close();
    await restart(connected && { connected });
    expect(await refusal('x')).toMatch(reason);
    expect(await ask('sample', 'get', 'nothing')).toBe('');
    chaincode.close();
    await restart();
    await until(async () => (await ask('other', 'well')) === 'well');
  });

  test('is not there: the peer says what it could not reach', async () => {
    chaincode.close();
    const address = network.chaincodes['other'] ?? '';
    expect(await refusal('x')).toContain(
      `connection to ${id} failed: error cannot create connection for ${id}: error creating grpc connection to ${address}: failed to create new connection: connection error: desc = "transport: error while dialing: dial tcp ${address}: connect: connection refused"`,
    );
    await restart();
    await until(async () => (await ask('other', 'well')) === 'well');
  });
});

/** Asks again until it is so, at the pace of the answers. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false)));
}
