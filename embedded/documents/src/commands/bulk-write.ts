import { decodeDocument } from '../bson/decode.js';
import { jsonText } from '../bson/json-text.js';
import { assertStorable, encodeDocument } from '../bson/encode.js';
import { isDoc, isNumeric, type Doc } from '../bson/value.js';
import { toNumber } from '../bson/exact.js';
import { CommandError, toCommandError } from '../errors.js';
import { isTruthy } from '../expression/compile.js';
import { withId } from '../update/updater.js';
import { flag, optionalCount } from './arguments.js';
import { streamOf } from './collections.js';
import type { Call, Command } from './command.js';
import { inCollection } from './insert.js';
import { runDelete, runUpdate } from './update.js';

interface Totals {
  nErrors: number;
  nInserted: number;
  nMatched: number;
  nModified: number;
  nUpserted: number;
  nDeleted: number;
}

/** `bulkWrite`: writes to several collections, each one's result in a cursor. */
export const bulkWrite: Command = async (call) => {
  if (call.database !== 'admin')
    throw new CommandError('Unauthorized', 'bulkWrite may only be run against the admin database.');
  const ops = documentsOf(call, 'ops');
  const namespaces = documentsOf(call, 'nsInfo').map(({ ns }) => namespaceOf(ns));
  const ordered = flag(call, 'ordered', true);
  const errorsOnly = flag(call, 'errorsOnly');
  const totals: Totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
  const results: Doc[] = [];
  for (const [idx, op] of ops.entries()) {
    try {
      const result = await runOne(call, op, namespaces, totals);
      if (!errorsOnly) results.push({ ok: 1, idx, ...result });
    } catch (error) {
      const { code, message, details } = toCommandError(error);
      totals.nErrors += 1;
      results.push({ ok: 0, idx, code, ...details, errmsg: message, n: 0 });
      if (ordered) break;
    }
  }
  await call.server.store.durable();
  const encoded = await call.server.cursors.firstBatch(streamOf(results.map(encodeDocument)), {
    namespace: 'admin.$cmd.bulkWrite',
    operation: call.operation,
    batchSize: batchSizeOf(call),
  });
  return { ...decodeDocument(encoded), ...totals };
};

function batchSizeOf(call: Call): number | undefined {
  const { cursor } = call.body;
  return isDoc(cursor) ? optionalCount({ ...call, body: cursor }, 'batchSize') : undefined;
}

function documentsOf(call: Call, field: string): Doc[] {
  const sequence = call.sequences.get(field);
  if (sequence) return sequence.map(decodeDocument);
  const items = call.body[field];
  if (!Array.isArray(items) || !items.every(isDoc) || items.length === 0)
    throw new CommandError(
      'InvalidLength',
      `BSON field 'bulkWrite.${field}' must be a non-empty array of objects`,
    );
  return items;
}

function namespaceOf(ns: Doc[string]): readonly [string, string] {
  const at = typeof ns === 'string' ? ns.indexOf('.') : -1;
  if (typeof ns !== 'string' || at <= 0 || at === ns.length - 1)
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${jsonText(ns)}'`);
  return [ns.slice(0, at), ns.slice(at + 1)];
}

async function runOne(
  call: Call,
  op: Doc,
  namespaces: readonly (readonly [string, string])[],
  totals: Totals,
): Promise<Doc> {
  const [kind = ''] = Object.keys(op);
  const target = namespaces[isNumeric(op[kind]) ? toNumber(op[kind]) : -1];
  if (!target) throw new CommandError('BadValue', `BulkWrite ops entry ${kind} has an invalid nsInfo index.`);
  const [database, name] = target;
  const inner = { ...call, database };
  const filter = isDoc(op.filter) ? op.filter : {};
  return inCollection(inner, name, async (collection) => {
    if (kind === 'insert') {
      const doc = withId(isDoc(op.document) ? op.document : {});
      const bytes = encodeDocument(doc);
      assertStorable(bytes);
      if (!flag(call, 'bypassDocumentValidation')) collection.validate(doc);
      collection.insert(doc, bytes);
      totals.nInserted += 1;
      return { n: 1 };
    }
    if (kind === 'update') {
      const outcome = await runUpdate(inner, collection, {
        filter,
        update: op.updateMods,
        multi: isTruthy(op.multi),
        upsert: isTruthy(op.upsert),
        arrayFilters: op.arrayFilters,
        collation: op.collation,
        hint: op.hint,
        sort: op.sort,
        constants: isDoc(op.constants) ? op.constants : {},
      });
      totals.nMatched += outcome.matched;
      totals.nModified += outcome.modified;
      totals.nUpserted += Number(outcome.upserted !== undefined);
      const upserted = outcome.upserted ? { upserted: { _id: outcome.upserted._id } } : {};
      return {
        n: outcome.matched + Number(outcome.upserted !== undefined),
        nModified: outcome.modified,
        ...upserted,
      };
    }
    if (kind === 'delete') {
      const n = await runDelete(inner, collection, {
        filter,
        limit: isTruthy(op.multi) ? 0 : 1,
        collation: op.collation,
        hint: op.hint,
      });
      totals.nDeleted += n;
      return { n };
    }
    throw new CommandError(40415, `Unrecognized bulkWrite operation: ${kind}`);
  });
}
