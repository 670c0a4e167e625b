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
import { historySource, nextBatch, rangeSource, totalQueryLimit, type ResultSource } from './queries.js';
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
  [messageType.getPrivateDataHash, refuseCollections],
  [messageType.purgePrivateData, refuseCollections],
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

function refuseCollections(): never {
  throw new Error('PRIVATE_DATA_UNSUPPORTED: this network has no private data collections');
}

function withoutCollection<R extends { collection: string }>(request: R): R {
  return request.collection === '' ? request : refuseCollections();
}

function getState({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key } = withoutCollection(KeyRequest.decode(payload));
  return simulator.getState(namespace, key) ?? noBytes;
}

function getStateMultiple({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { keys } = withoutCollection(GetStateMultiple.decode(payload));
  return GetStateMultipleResult.encode({
    values: keys.map((key) => simulator.getState(namespace, key) ?? noBytes),
  });
}

function putState({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key, value } = withoutCollection(PutState.decode(payload));
  simulator.setState(namespace, key, value);
  return noBytes;
}

function delState({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key } = withoutCollection(KeyRequest.decode(payload));
  simulator.setState(namespace, key, noBytes);
  return noBytes;
}

function writeBatch({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  for (const record of WriteBatchState.decode(payload).rec) {
    const { key, value, metadata, type } = withoutCollection(record);
    switch (type) {
      case writeRecordType.putState:
        simulator.setState(namespace, key, value);
        break;
      case writeRecordType.delState:
        simulator.setState(namespace, key, noBytes);
        break;
      case writeRecordType.putStateMetadata:
        simulator.setStateMetadata(namespace, key, [
          { name: metadata?.metakey ?? '', value: metadata?.value ?? noBytes },
        ]);
        break;
      case writeRecordType.purgePrivateData:
        return refuseCollections();
      default:
        throw new Error('unknown operation type');
    }
  }
  return noBytes;
}

function getStateMetadata({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key } = withoutCollection(KeyRequest.decode(payload));
  const entries = simulator.getStateMetadata(namespace, key);
  return StateMetadataResult.encode({
    entries: entries.map(({ name, value }) => ({ metakey: name, value })),
  });
}

function putStateMetadata({ simulator, namespace }: TransactionContext, payload: Buffer): Buffer {
  const { key, metadata } = withoutCollection(PutStateMetadata.decode(payload));
  simulator.setStateMetadata(namespace, key, [
    { name: metadata?.metakey ?? '', value: metadata?.value ?? noBytes },
  ]);
  return noBytes;
}

function getStateByRange(context: TransactionContext, payload: Buffer): Promise<Buffer> {
  const { simulator, namespace } = context;
  const { startKey, endKey, metadata } = withoutCollection(GetStateByRange.decode(payload));
  const { pageSize, bookmark } = QueryMetadata.decode(metadata);
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
