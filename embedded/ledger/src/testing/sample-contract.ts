import { Contract, type Context } from 'fabric-contract-api';

/** A contract that does one thing with the ledger at a time, for tests of the network. */
export class SampleContract extends Contract {
  constructor() {
    super('Sample');
  }

  async put(context: Context, key: string, value: string): Promise<string> {
    await context.stub.putState(key, Buffer.from(value));
    return value;
  }

  async get(context: Context, key: string): Promise<string> {
    return Buffer.from(await context.stub.getState(key)).toString();
  }

  /** Reads, then writes: two at a time conflict. */
  async add(context: Context, key: string, amount: string): Promise<string> {
    const found = Buffer.from(await context.stub.getState(key)).toString();
    const sum = String(Number(found || '0') + Number(amount));
    await context.stub.putState(key, Buffer.from(sum));
    return sum;
  }

  /** What a transaction reads after it has written. */
  async readOwnWrite(context: Context, key: string, value: string): Promise<string> {
    await context.stub.putState(key, Buffer.from(value));
    return Buffer.from(await context.stub.getState(key)).toString();
  }

  async remove(context: Context, key: string): Promise<void> {
    await context.stub.deleteState(key);
  }

  async emit(context: Context, key: string, name: string, payload: string): Promise<void> {
    await context.stub.putState(key, Buffer.from(payload));
    context.stub.setEvent(name, Buffer.from(payload));
  }

  async range(context: Context, start: string, end: string): Promise<string> {
    const found: string[] = [];
    for await (const { key, value } of context.stub.getStateByRange(start, end))
      found.push(`${key}=${Buffer.from(value).toString()}`);
    return found.join(',');
  }

  /** Writes how many keys a range has: a phantom if one comes in between. */
  async count(context: Context, start: string, end: string, target: string): Promise<string> {
    let count = 0;
    for await (const _ of context.stub.getStateByRange(start, end)) count += 1;
    await context.stub.putState(target, Buffer.from(String(count)));
    return String(count);
  }

  async putMany(context: Context, prefix: string, count: string): Promise<void> {
    for (let index = 0; index < Number(count); index += 1)
      await context.stub.putState(`${prefix}${String(index).padStart(5, '0')}`, Buffer.from(String(index)));
  }

  async page(context: Context, start: string, end: string, size: string, bookmark: string): Promise<string> {
    const query = context.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    const keys: string[] = [];
    for await (const { key } of query) keys.push(key);
    const { metadata } = await query;
    return JSON.stringify({ keys, bookmark: metadata.bookmark, count: metadata.fetchedRecordsCount });
  }

  /** A paginated query in a transaction that writes, which the ledger refuses. */
  async pageAndPut(context: Context, start: string, end: string): Promise<void> {
    await context.stub.getStateByRangeWithPagination(start, end, 2, '');
    await context.stub.putState('written', Buffer.from('never'));
  }

  async putComposite(context: Context, type: string, attributes: string, value: string): Promise<void> {
    await context.stub.putState(
      context.stub.createCompositeKey(type, attributes.split(',')),
      Buffer.from(value),
    );
  }

  async composites(context: Context, type: string, attributes: string): Promise<string> {
    const partial = attributes === '' ? [] : attributes.split(',');
    const found: string[] = [];
    for await (const { key, value } of context.stub.getStateByPartialCompositeKey(type, partial))
      found.push(
        `${context.stub.splitCompositeKey(key).attributes.join('/')}=${Buffer.from(value).toString()}`,
      );
    return found.join(',');
  }

  async history(context: Context, key: string): Promise<string> {
    const found: { value: string; isDelete: boolean; txId: string }[] = [];
    for await (const { value, isDelete, txId } of context.stub.getHistoryForKey(key))
      found.push({ value: Buffer.from(value).toString(), isDelete, txId });
    return JSON.stringify(found);
  }

  async refuse(_context: Context, message: string): Promise<void> {
    await Promise.resolve();
    throw new Error(message);
  }

  /** Each endorser answers something else. */
  async differ(context: Context, key: string): Promise<string> {
    const value = String(Math.random());
    await context.stub.putState(key, Buffer.from(value));
    return value;
  }

  /** `call` is the other transaction's name and arguments, separated by commas. */
  async invoke(context: Context, chaincode: string, call: string): Promise<string> {
    const { status, message, payload } = await context.stub.invokeChaincode(chaincode, call.split(','), '');
    return JSON.stringify({ status, message, payload: Buffer.from(payload ?? []).toString() });
  }

  async invokeElsewhere(context: Context, channel: string, chaincode: string, call: string): Promise<string> {
    const { payload } = await context.stub.invokeChaincode(chaincode, call.split(','), channel);
    return Buffer.from(payload ?? []).toString();
  }

  async putPrivate(context: Context, collection: string, key: string, value: string): Promise<void> {
    await context.stub.putPrivateData(collection, key, Buffer.from(value));
  }

  /** Writes what came as transient data, which no block has. */
  async putTransient(context: Context, collection: string, key: string): Promise<void> {
    await context.stub.putPrivateData(
      collection,
      key,
      context.stub.getTransient().get('value') ?? Buffer.alloc(0),
    );
  }

  async getPrivate(context: Context, collection: string, key: string): Promise<string> {
    return Buffer.from(await context.stub.getPrivateData(collection, key)).toString();
  }

  /** Reads private data, then writes: two at a time conflict. */
  async addPrivate(context: Context, collection: string, key: string, amount: string): Promise<string> {
    const found = Buffer.from(await context.stub.getPrivateData(collection, key)).toString();
    const sum = String(Number(found || '0') + Number(amount));
    await context.stub.putPrivateData(collection, key, Buffer.from(sum));
    return sum;
  }

  async removePrivate(context: Context, collection: string, key: string): Promise<void> {
    await context.stub.deletePrivateData(collection, key);
  }

  async purgePrivate(context: Context, collection: string, key: string): Promise<void> {
    await context.stub.purgePrivateData(collection, key);
  }

  async privateHash(context: Context, collection: string, key: string): Promise<string> {
    return Buffer.from(await context.stub.getPrivateDataHash(collection, key)).toString('hex');
  }

  async privateRange(context: Context, collection: string, start: string, end: string): Promise<string> {
    const found: string[] = [];
    for await (const { key, value } of context.stub.getPrivateDataByRange(collection, start, end))
      found.push(`${key}=${Buffer.from(value).toString()}`);
    return found.join(',');
  }

  async privateRangeAndPut(context: Context, collection: string): Promise<void> {
    await context.stub.getPrivateDataByRange(collection, '', '');
    await context.stub.putState('written', Buffer.from('never'));
  }

  /** Gives a key a policy of its own: `SignaturePolicyEnvelope` in base64. */
  async protect(context: Context, key: string, policy: string): Promise<void> {
    await context.stub.setStateValidationParameter(key, Buffer.from(policy, 'base64'));
  }

  async protectionOf(context: Context, key: string): Promise<string> {
    return Buffer.from(await context.stub.getStateValidationParameter(key)).toString('base64');
  }

  async protectPrivate(context: Context, collection: string, key: string, policy: string): Promise<void> {
    await context.stub.setPrivateDataValidationParameter(collection, key, Buffer.from(policy, 'base64'));
  }

  async richQuery(context: Context): Promise<void> {
    await context.stub.getQueryResult('{}');
  }

  /** Never answers in time. */
  async hang(_context: Context, milliseconds: string): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
    return 'at last';
  }

  /** The process dies while it executes. */
  async die(): Promise<void> {
    await Promise.resolve();
    process.exit(3);
  }

  async whoAmI(context: Context): Promise<string> {
    await Promise.resolve();
    return `${context.clientIdentity.getMSPID()} ${context.stub.getTxID()} ${context.stub.getChannelID()}`;
  }
}
