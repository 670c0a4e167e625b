import { randomUUID } from 'node:crypto';
import { namesOf } from '../wire/enumeration.js';
import { noBytes } from '../wire/message.js';
import {
  ChaincodeMessage,
  GetHistoryForKey,
  GetStateByRange,
  GetStateMultiple,
  GetStateMultipleResult,
  KeyRequest,
  messageType,
  PutState,
  PutStateMetadata,
  QueryMetadata,
  QueryReference,
  QueryResponse,
  StateMetadataResult,
  WriteBatchState,
  writeRecordType,
} from '../wire/chaincode.js';
import { ChaincodeInput, ChaincodeSpec } from '../wire/transaction.js';
import {
  historySource,
  nextBatch,
  privateRangeSource,
  rangeSource,
  totalQueryLimit,
  type ResultSource,
} from './queries.js';
import { type TransactionContext } from './transaction-context.js';

type Handler = (context: TransactionContext, payload: Buffer) => Buffer | Promise<Buffer>;

/** Name of a message type as Fabric writes it, such as `GET_STATE`. */
export const messageTypeName = namesOf(messageType);

const handlers = new Map<number, Handler>([
  [messageType.getState, getState],
  [messageType.getStateMultiple, getStateMultiple],
  [messageType.putState, putState],
  [messageType.delState, delState],
  [messageType.writeBatchState, writeBatch],
  [messageType.getStateMetadata, getStateMetadata],
  [messageType.putStateMetadata, putStateMetadata],
  [messageType.getStateByRange, getStateByRange],
  [messageType.getHistoryForKey, getHistoryForKey],
  [messageType.queryStateNext, queryStateNext],
  [messageType.queryStateClose, queryStateClose],
  [messageType.invokeChaincode, invokeChaincode],
  [
    messageType.getQueryResult,
    () => {
      throw new Error('ExecuteQuery not supported for leveldb');
    },
  ],
  [messageType.getPrivateDataHash, getPrivateDataHash],
  [messageType.purgePrivateData, purgePrivateData],
]);

/** True for a message with which a chaincode asks something of the peer in a transaction. */
export const isRequest = (type: number): boolean => handlers.has(type);

/** Answers a chaincode's request: the payload of the RESPONSE. Throws what goes back as ERROR. */
export function answerRequest(
  context: TransactionContext,
  message: ChaincodeMessage,
): Buffer | Promise<Buffer> {
  const handler = handlers.get(message.type);
  if (handler === undefined) throw new Error(`no handler for ${messageTypeName(message.type)}`);
  return handler(context, message.payload);
}

function getState({ simulator, namespace, collections }: TransactionContext, payload: Buffer): Buffer {
  const { key, collection } = KeyRequest.decode(payload);
  if (collection === '') return simulator.getState(namespace, key) ?? noBytes;
  collections.checkRead(namespace, collection);
  return simulator.getPrivateData(namespace, collection, key) ?? noBytes;
}

function getStateMultiple(
  { simulator, namespace, collections }: TransactionContext,
  payload: Buffer,
): Buffer {
  const { keys, collection } = GetStateMultiple.decode(payload);
  if (collection !== '') collections.checkRead(namespace, collection);
  const values =
    collection === ''
      ? keys.map((key) => simulator.getState(namespace, key))
      : simulator.getPrivateDataMultiple(namespace, collection, keys);
  return GetStateMultipleResult.encode({ values: values.map((value) => value ?? noBytes) });
}

function getPrivateDataHash({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key, collection } = KeyRequest.decode(payload);
  return simulator.getPrivateDataHash(namespace, collection, key) ?? noBytes;
}

/** An empty value deletes. */
function write(context: TransactionContext, collection: string, key: string, value: Buffer): void {
  const { simulator, namespace, collections } = context;
  if (collection === '') {
    simulator.setState(namespace, key, value);
    return;
  }
  collections.checkWrite(namespace, collection);
  simulator.setPrivateData(namespace, collection, key, value);
}

function putState(context: TransactionContext, payload: Buffer): Buffer {
  const { key, value, collection } = PutState.decode(payload);
  write(context, collection, key, value);
  return noBytes;
}

function delState(context: TransactionContext, payload: Buffer): Buffer {
  const { key, collection } = KeyRequest.decode(payload);
  write(context, collection, key, noBytes);
  return noBytes;
}

function purge(
  { simulator, namespace, collections }: TransactionContext,
  collection: string,
  key: string,
): void {
  if (collection === '') throw new Error('only applicable for private data');
  collections.checkWrite(namespace, collection);
  simulator.purgePrivateData(namespace, collection, key);
}

function purgePrivateData(context: TransactionContext, payload: Buffer): Buffer {
  const { key, collection } = KeyRequest.decode(payload);
  purge(context, collection, key);
  return noBytes;
}

type MetadataEntry = { readonly metakey: string; readonly value: Buffer } | undefined;

function writeMetadata(
  { simulator, namespace, collections }: TransactionContext,
  collection: string,
  key: string,
  metadata: MetadataEntry,
): void {
  const entries = [{ name: metadata?.metakey ?? '', value: metadata?.value ?? noBytes }];
  if (collection === '') {
    simulator.setStateMetadata(namespace, key, entries);
    return;
  }
  collections.checkWrite(namespace, collection);
  simulator.setPrivateDataMetadata(namespace, collection, key, entries);
}

function writeBatch(context: TransactionContext, payload: Buffer): Buffer {
  for (const { key, value, collection, metadata, type } of WriteBatchState.decode(payload).rec) {
    switch (type) {
      case writeRecordType.putState:
        write(context, collection, key, value);
        break;
      case writeRecordType.delState:
        write(context, collection, key, noBytes);
        break;
      case writeRecordType.putStateMetadata:
        writeMetadata(context, collection, key, metadata);
        break;
      case writeRecordType.purgePrivateData:
        purge(context, collection, key);
        break;
      default:
        throw new Error('unknown operation type');
    }
  }
  return noBytes;
}

function getStateMetadata(
  { simulator, namespace, collections }: TransactionContext,
  payload: Buffer,
): Buffer {
  const { key, collection } = KeyRequest.decode(payload);
  if (collection !== '') collections.checkRead(namespace, collection);
  const entries =
    collection === ''
      ? simulator.getStateMetadata(namespace, key)
      : simulator.getPrivateDataMetadata(namespace, collection, key);
  return StateMetadataResult.encode({
    entries: entries.map(({ name, value }) => ({ metakey: name, value })),
  });
}

function putStateMetadata(context: TransactionContext, payload: Buffer): Buffer {
  const { key, metadata, collection } = PutStateMetadata.decode(payload);
  writeMetadata(context, collection, key, metadata);
  return noBytes;
}

function getStateByRange(context: TransactionContext, payload: Buffer): Promise<Buffer> {
  const { simulator, namespace, collections } = context;
  const { startKey, endKey, metadata, collection } = GetStateByRange.decode(payload);
  const { pageSize, bookmark } = QueryMetadata.decode(metadata);
  if (collection !== '') {
    // Never in pages.
    collections.checkRead(namespace, collection);
    const range = simulator.privateRange(namespace, collection, startKey, endKey);
    return begin(context, privateRangeSource(namespace, range));
  }
  if (pageSize === 0 && bookmark === '')
    return begin(context, rangeSource(namespace, simulator.range(namespace, startKey, endKey)));
  const range = simulator.page(namespace, bookmark === '' ? startKey : bookmark, endKey, pageSize);
  return begin(context, rangeSource(namespace, range), pageSize);
}

function getHistoryForKey(context: TransactionContext, payload: Buffer): Promise<Buffer> {
  const { key } = GetHistoryForKey.decode(payload);
  const { store, namespace, simulator } = context;
  return begin(context, historySource(store, simulator.snapshot.writesOf(namespace, key), namespace, key));
}

async function begin(context: TransactionContext, source: ResultSource, pageSize?: number): Promise<Buffer> {
  const limit =
    pageSize !== undefined && pageSize > 0 ? Math.min(pageSize, totalQueryLimit) : totalQueryLimit;
  const query = { id: randomUUID(), source, limit, paginated: pageSize !== undefined, returned: 0 };
  context.queries.set(query.id, query);
  const { response, ended } = await nextBatch(query);
  if (ended) context.queries.delete(query.id);
  return response;
}

async function queryStateNext({ queries }: TransactionContext, payload: Buffer): Promise<Buffer> {
  const query = queries.get(QueryReference.decode(payload).id);
  if (query === undefined) throw new Error('query iterator not found');
  const { response, ended } = await nextBatch(query);
  if (ended) queries.delete(query.id);
  return response;
}

async function queryStateClose({ queries }: TransactionContext, payload: Buffer): Promise<Buffer> {
  const { id } = QueryReference.decode(payload);
  await queries.get(id)?.source.close();
  queries.delete(id);
  return QueryResponse.encode({ id });
}

async function invokeChaincode(context: TransactionContext, payload: Buffer): Promise<Buffer> {
  const { chaincodeId, input } = ChaincodeSpec.decode(payload);
  // `name[:version][/channel]`
  const [nameAndVersion = '', channel = ''] = (chaincodeId?.name ?? '').split('/', 2);
  const [name = ''] = nameAndVersion.split(':', 1);
  const answer = await context.invoke(channel, name, ChaincodeInput.encode(input ?? {}));
  // The RESPONSE carries the called chaincode's own COMPLETED or ERROR message.
  return ChaincodeMessage.encode(answer);
}
