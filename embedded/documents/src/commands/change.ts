import { assertStorable, encodeDocument } from '../bson/encode.js';
import type { Doc } from '../bson/value.js';
import type { Find, Match } from '../planner/find.js';
import type { Collection } from '../storage/collection.js';
import type { Updater } from '../update/updater.js';
import { upsertDocument } from '../update/upsert.js';
import type { Server } from './command.js';

/** What an update has done. */
export interface Outcome {
  readonly matched: number;
  readonly modified: number;
  /** The document that an upsert has inserted. */
  readonly upserted: Doc | undefined;
  /** The last document updated, before and after. */
  readonly before: Doc | undefined;
  readonly after: Doc | undefined;
}

export interface UpdateRequest {
  readonly find: Find;
  readonly filter: Doc;
  readonly updater: Updater;
  readonly upsert: boolean;
  readonly bypassValidation: boolean;
}

/** Updates what a query finds, or inserts where it finds nothing and that is asked for. The collection's lock is held. */
export async function updateMatches(
  server: Server,
  collection: Collection,
  request: UpdateRequest,
): Promise<Outcome> {
  let matched = 0;
  let modified = 0;
  let before: Doc | undefined;
  let after: Doc | undefined;
  for await (const matches of request.find.runForWriter()) {
    for (const match of matches) {
      const result = updateOne(collection, match, request);
      matched += 1;
      modified += Number(result.changed);
      before = match.doc;
      after = result.doc;
      if (server.store.isFull) await server.store.durable();
    }
  }
  if (matched > 0 || !request.upsert) return { matched, modified, upserted: undefined, before, after };
  const upserted = upsertDocument(request.filter, request.updater);
  const bytes = encodeDocument(upserted);
  assertStorable(bytes);
  if (!request.bypassValidation) collection.validate(upserted);
  collection.insert(upserted, bytes);
  return { matched: 0, modified: 0, upserted, before: undefined, after: upserted };
}

function updateOne(
  collection: Collection,
  match: Match,
  request: UpdateRequest,
): { doc: Doc; changed: boolean } {
  const { stored, doc, position } = match;
  const after = request.updater.apply({ doc, position, inserting: false });
  const bytes = encodeDocument(after);
  if (Buffer.compare(bytes, stored.bytes) === 0) return { doc, changed: false };
  assertStorable(bytes);
  if (!request.bypassValidation) collection.validate(after, doc);
  collection.replace(stored, doc, after, bytes);
  return { doc: after, changed: true };
}

/** Deletes what a query finds, and tells how many and the last; the collection's lock is held. */
export async function deleteMatches(
  server: Server,
  collection: Collection,
  find: Find,
): Promise<{ readonly count: number; readonly last: Doc | undefined }> {
  let count = 0;
  let last: Doc | undefined;
  for await (const matches of find.runForWriter()) {
    for (const { stored, doc } of matches) {
      collection.remove(stored, doc);
      count += 1;
      last = doc;
    }
    if (server.store.isFull) await server.store.durable();
  }
  return { count, last };
}
