import { ObjectId, Timestamp } from 'bson';
import { decodeDocument, firstElement } from '../bson/decode.js';
import { assertStorable, encodeDocument } from '../bson/encode.js';
import type { Doc } from '../bson/value.js';
import { timestampOf } from '../update/modifiers.js';
import { assertId, withId } from '../update/updater.js';
import { assertSome, collectionName, flag, writeStatements } from './arguments.js';
import type { Call, Command, Server } from './command.js';
import { WriteErrors } from './write-errors.js';
import { writableCollection } from './collections.js';
import type { Collection } from '../storage/collection.js';

/** A document ready to be stored, and its bytes. */
interface Prepared {
  readonly doc: Doc;
  readonly bytes: Uint8Array;
}

/** `insert`: new documents, in one or more batches of the store. */
export const insert: Command = async (call) => {
  const name = collectionName(call);
  const sequence = call.sequences.get('documents');
  const documents = sequence
    ? assertSome(call, 'documents', sequence)
    : writeStatements(call, 'documents').map(encodeDocument);
  const errors = new WriteErrors(flag(call, 'ordered', true));
  let inserted = 0;
  await inCollection(call, name, async (collection) => {
    for (const [index, bytes] of documents.entries()) {
      if (errors.stopped) break;
      try {
        const prepared = prepare(bytes, call.operation.now);
        if (!flag(call, 'bypassDocumentValidation')) collection.validate(prepared.doc);
        collection.insert(prepared.doc, prepared.bytes);
        inserted += 1;
      } catch (error) {
        errors.add(index, error);
      }
      if (call.server.store.isFull) await call.server.store.durable();
    }
  });
  return { n: inserted, ...errors.answer };
};

/** Runs a write with the collection's lock, the collection made where there is none, and waits until it is on disk. */
export async function inCollection<T>(
  call: Call,
  name: string,
  write: (collection: Collection) => Promise<T>,
): Promise<T> {
  const result = await locked(call.server, call.database, name, write);
  await call.server.store.durable();
  return result;
}

async function locked<T>(
  server: Server,
  database: string,
  name: string,
  write: (collection: Collection) => Promise<T>,
): Promise<T> {
  for (;;) {
    const collection = writableCollection(server, database, name);
    const outcome = await collection.lock.run(async () =>
      collection.isDropped ? undefined : { result: await write(collection) },
    );
    if (outcome) return outcome.result;
  }
}

/** Checks a document and puts its id first, keeping its bytes as they are wherever that can be. */
function prepare(bytes: Uint8Array, now: Date): Prepared {
  assertStorable(bytes);
  const doc = decodeDocument(bytes);
  if (hasEmptyTimestamp(doc)) return encoded(withTimestamps(withId(doc), now));
  if (doc._id === undefined) {
    if (Object.hasOwn(doc, '_id')) assertId(undefined);
    return withNewId(doc, bytes);
  }
  assertId(doc._id);
  return firstElement(bytes)?.name === '_id' ? { doc, bytes } : encoded(withId(doc));
}

function encoded(doc: Doc): Prepared {
  const bytes = encodeDocument(doc);
  assertStorable(bytes);
  return { doc, bytes };
}

const ID_ELEMENT_BYTES = 17;

function withNewId(doc: Doc, bytes: Uint8Array): Prepared {
  const id = new ObjectId();
  const result = Buffer.alloc(bytes.length + ID_ELEMENT_BYTES);
  result.writeInt32LE(result.length, 0);
  result.write('\x07_id\0', 4, 'latin1');
  result.set(id.id, 9);
  result.set(bytes.subarray(4), 4 + ID_ELEMENT_BYTES);
  assertStorable(result);
  return { doc: { _id: id, ...doc }, bytes: result };
}

const isEmptyTimestamp = (value: unknown): boolean =>
  value instanceof Timestamp && value.t === 0 && value.i === 0;

function hasEmptyTimestamp(doc: Doc): boolean {
  return Object.values(doc).some(isEmptyTimestamp);
}

/** An empty timestamp at the top of a document stands for the time of its insertion. */
function withTimestamps(doc: Doc, now: Date): Doc {
  return Object.fromEntries(
    Object.entries(doc).map(([name, value]) => [
      name,
      isEmptyTimestamp(value) && name !== '_id' ? timestampOf(now) : value,
    ]),
  );
}
