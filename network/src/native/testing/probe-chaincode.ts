import {
  type ChaincodeResponse,
  type ChaincodeServerOpts,
  type ChaincodeStub,
  type Iterators,
  Shim,
} from 'fabric-shim';

/** A chaincode whose transactions each use one part of the peer's interface, so that a difference between peers shows. */

type Transaction = (stub: ChaincodeStub, args: string[]) => Promise<unknown>;

/** An answer that goes to the peer as it is. */
class Answer {
  constructor(
    readonly status: number,
    readonly message: string,
    readonly payload: Buffer,
  ) {}
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

/** Of what the shim leaves undefined if a key has none. */
const base64 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64');

async function collect(iterator: Iterators.StateQueryIterator): Promise<string[][]> {
  const found: string[][] = [];
  for (let next = await iterator.next(); ; next = await iterator.next()) {
    if (next.value as unknown) found.push([next.value.key, text(next.value.value)]);
    if (next.done as unknown) break;
  }
  await iterator.close();
  return found;
}

const transactions: Record<string, Transaction> = {
  put: async (stub, pairs) => {
    for (let at = 0; at < pairs.length; at += 2) {
      await stub.putState(pairs[at] ?? '', Buffer.from(pairs[at + 1] ?? ''));
    }
  },
  get: async (stub, [key = '']) => text(await stub.getState(key)),
  del: async (stub, [key = '']) => stub.deleteState(key),
  /** Reads and writes the same key: conflicts with itself. */
  increment: async (stub, [key = '']) => {
    const next = Number(text(await stub.getState(key)) || '0') + 1;
    await stub.putState(key, Buffer.from(String(next)));
    return next;
  },
  /** Fabric shows a transaction the state before it, not its own writes. */
  putThenGet: async (stub, [key = '', value = '']) => {
    await stub.putState(key, Buffer.from(value));
    return text(await stub.getState(key));
  },
  range: async (stub, [from = '', to = '']) => collect(await stub.getStateByRange(from, to)),
  rangePage: async (stub, [from = '', to = '', size = '', bookmark = '']) => {
    const page = await stub.getStateByRangeWithPagination(from, to, Number(size), bookmark);
    return {
      rows: await collect(page.iterator),
      fetched: page.metadata.fetchedRecordsCount,
      bookmark: page.metadata.bookmark,
    };
  },
  /** Reads a range, then writes: fails as a phantom if the range changed. */
  countInto: async (stub, [from = '', to = '', target = '']) => {
    const rows = await collect(await stub.getStateByRange(from, to));
    await stub.putState(target, Buffer.from(String(rows.length)));
    return rows.length;
  },
  putComposite: async (stub, [type = '', value = '', ...attributes]) =>
    stub.putState(stub.createCompositeKey(type, attributes), Buffer.from(value)),
  composite: async (stub, [type = '', ...attributes]) =>
    collect(await stub.getStateByPartialCompositeKey(type, attributes)),
  compositePage: async (stub, [type = '', size = '', bookmark = '', ...attributes]) => {
    const page = await stub.getStateByPartialCompositeKeyWithPagination(
      type,
      attributes,
      Number(size),
      bookmark,
    );
    return {
      rows: await collect(page.iterator),
      fetched: page.metadata.fetchedRecordsCount,
      bookmark: page.metadata.bookmark,
    };
  },
  history: async (stub, [key = '']) => {
    const iterator = await stub.getHistoryForKey(key);
    const found: unknown[] = [];
    for (let next = await iterator.next(); ; next = await iterator.next()) {
      if (next.value as unknown) found.push([text(next.value.value), next.value.isDelete]);
      if (next.done as unknown) break;
    }
    await iterator.close();
    return found;
  },
  event: async (stub, [name = '', payload = '', key = 'event']) => {
    await stub.putState(key, Buffer.from(payload));
    stub.setEvent(name, Buffer.from(payload));
  },
  about: (stub) => {
    const creator = stub.getCreator();
    return Promise.resolve({
      channel: stub.getChannelID(),
      mspId: creator.mspid,
      args: stub.getArgs(),
      transient: [...stub.getTransient()].map(([key, value]) => [key, text(value)]),
    });
  },
  fail: (_stub, [message = '']) => Promise.reject(new Error(message)),
  binary: (_stub, [size = '0']) => Promise.resolve(Buffer.alloc(Number(size), 0xff)),
  /** Answers with this status, whatever it means to the peer. */
  status: (_stub, [status = '', message = '', payload = '']) =>
    Promise.resolve(new Answer(Number(status), message, Buffer.from(payload))),
  hang: () => new Promise<never>(() => undefined),
  exit: () => process.exit(3),
  call: async (stub, [chaincode = '', channel = '', ...args]) => {
    const answer = await stub.invokeChaincode(chaincode, args, channel);
    return {
      status: answer.status,
      message: answer.message,
      payload: text(answer.payload ?? new Uint8Array()),
    };
  },
  putPrivate: async (stub, [collection = '', ...pairs]) => {
    for (let at = 0; at < pairs.length; at += 2) {
      await stub.putPrivateData(collection, pairs[at] ?? '', Buffer.from(pairs[at + 1] ?? ''));
    }
  },
  /** Writes what came as transient data: no block has it. */
  putTransient: async (stub, [collection = '', key = '']) =>
    stub.putPrivateData(collection, key, stub.getTransient().get('value') ?? new Uint8Array()),
  getPrivate: async (stub, [collection = '', key = '']) => text(await stub.getPrivateData(collection, key)),
  delPrivate: async (stub, [collection = '', key = '']) => stub.deletePrivateData(collection, key),
  purgePrivate: async (stub, [collection = '', key = '']) => stub.purgePrivateData(collection, key),
  privateHash: async (stub, [collection = '', key = '']) =>
    Buffer.from(await stub.getPrivateDataHash(collection, key)).toString('hex'),
  privateRange: async (stub, [collection = '', from = '', to = '']) => {
    const range: AsyncIterable<Iterators.KV> = stub.getPrivateDataByRange(collection, from, to);
    const found: string[][] = [];
    for await (const { key, value } of range) found.push([key, text(value)]);
    return found;
  },
  /** A query of private data is not recorded, so it may not go together with writes. */
  privateRangeThenPut: async (stub, [collection = '', key = '']) => {
    for await (const _ of stub.getPrivateDataByRange(collection, '', '') as AsyncIterable<Iterators.KV>)
      break;
    await stub.putState(key, Buffer.from('written'));
  },
  putThenPrivateRange: async (stub, [collection = '', key = '']) => {
    await stub.putState(key, Buffer.from('written'));
    for await (const _ of stub.getPrivateDataByRange(collection, '', '') as AsyncIterable<Iterators.KV>)
      break;
  },
  /** Reads and writes the same private key: conflicts with itself. */
  incrementPrivate: async (stub, [collection = '', key = '']) => {
    const next = Number(text(await stub.getPrivateData(collection, key)) || '0') + 1;
    await stub.putPrivateData(collection, key, Buffer.from(String(next)));
    return next;
  },
  /** Copies what only members can read to where everybody can. */
  publish: async (stub, [collection = '', key = '', target = '']) =>
    stub.putState(target, await stub.getPrivateData(collection, key)),
  /** Gives a key an endorsement policy of its own: `SignaturePolicyEnvelope` in base64; none takes it away. */
  protect: async (stub, [key = '', policy = '']) =>
    stub.setStateValidationParameter(key, Buffer.from(policy, 'base64')),
  putProtected: async (stub, [key = '', value = '', policy = '']) => {
    await stub.putState(key, Buffer.from(value));
    await stub.setStateValidationParameter(key, Buffer.from(policy, 'base64'));
  },
  protection: async (stub, [key = '']) => base64(await stub.getStateValidationParameter(key)),
  protectPrivate: async (stub, [collection = '', key = '', policy = '']) =>
    stub.setPrivateDataValidationParameter(collection, key, Buffer.from(policy, 'base64')),
  privateProtection: async (stub, [collection = '', key = '']) =>
    base64(await stub.getPrivateDataValidationParameter(collection, key)),
};

class ProbeChaincode {
  Init(): Promise<ChaincodeResponse> {
    return Promise.resolve(Shim.success());
  }

  async Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    const { fcn, params } = stub.getFunctionAndParameters();
    if (fcn === 'org.hyperledger.fabric:GetMetadata') return Shim.success(Buffer.from('{}'));
    const transaction = transactions[fcn];
    if (!transaction) return Shim.error(`no transaction ${fcn}`);
    let result: unknown;
    try {
      result = await transaction(stub, params);
    } catch (error) {
      return Shim.error(error instanceof Error ? error.message : String(error));
    }
    if (result instanceof Answer) {
      const { status, message, payload } = result;
      return { status, message, payload };
    }
    if (result === undefined) return Shim.success();
    return Shim.success(
      Buffer.isBuffer(result)
        ? result
        : Buffer.from(typeof result === 'string' ? result : JSON.stringify(result)),
    );
  }
}

const options = {
  ccid: process.env['CHAINCODE_ID'] ?? '',
  address: process.env['CHAINCODE_SERVER_ADDRESS'] ?? '',
};
// The shim's types ask for TLS files; its server does without them on loopback.
await Shim.server(
  new ProbeChaincode(),
  options as Partial<ChaincodeServerOpts> as ChaincodeServerOpts,
).start();
