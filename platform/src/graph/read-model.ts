import { PlatformError } from '../errors/index.js';
import { type TransactionReference } from '../ledger/index.js';
import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';

/** Every document of a read model has a string for its id, chosen by what it is of. */
export interface ReadModelDocument {
  readonly _id: string;
}

/**
 * A collection of a read model. Documents are replaced whole, in the order of the ledger, so the same blocks always
 * come to the same bytes.
 */
export function readModelCollection<Document extends ReadModelDocument>(
  connection: Connection,
  collection: string,
  indexes: readonly Record<string, 1 | -1>[],
): Model<Document> {
  const schema = new Schema<Document>({ _id: String } as SchemaDefinition<Document>, {
    strict: false,
    versionKey: false,
    collection,
    minimize: false,
  });
  for (const index of indexes) schema.index(index);
  return connection.model<Document>(collection, schema);
}

/** Writes documents, the last one of an id winning. */
export async function replaceAll<Document extends ReadModelDocument>(
  model: Model<Document>,
  documents: Iterable<Document>,
): Promise<void> {
  const latest = new Map<string, Document>();
  for (const document of documents) latest.set(document._id, document);
  if (latest.size === 0) return;
  await model.collection.bulkWrite(
    [...latest.values()].map((document) => ({
      replaceOne: { filter: { _id: document._id } as never, replacement: document as never, upsert: true },
    })),
    { ordered: false },
  );
}

/** Documents of these ids, in their order; undefined where there is none. */
export async function findAll<Document extends ReadModelDocument>(
  model: Model<Document>,
  ids: readonly string[],
  filter: object = {},
): Promise<(Document | undefined)[]> {
  const found = await model
    .find({ $and: [{ _id: { $in: [...new Set(ids)] } }, filter] } as never)
    .lean<Document[]>()
    .exec();
  const byId = new Map(found.map((document) => [document._id, document]));
  return ids.map((id) => byId.get(id));
}

/** A write is on the ledger, and the read model has not come to its block in time. */
export class ReadModelBehind extends PlatformError {
  constructor(transaction: TransactionReference | undefined) {
    const where =
      transaction && ` in block ${transaction.block} of ${transaction.channel} (${transaction.id})`;
    super(
      'READ_MODEL_BEHIND',
      `It is committed${where ?? ''} and can be read in a moment. Do not send it again.`,
    );
  }
}

/**
 * What a committed transaction wrote, as the read model has it.
 * @throws {@link ReadModelBehind}
 */
export async function written<Document extends ReadModelDocument>(
  model: Model<Document>,
  ids: readonly string[],
  transaction: TransactionReference | undefined,
): Promise<Document[]> {
  const found = await findAll(model, ids);
  return found.map((document) => {
    if (document === undefined) throw new ReadModelBehind(transaction);
    return document;
  });
}

/** {@link written} of one. */
export async function writtenOne<Document extends ReadModelDocument>(
  model: Model<Document>,
  id: string,
  transaction: TransactionReference | undefined,
): Promise<Document> {
  const [document] = await written(model, [id], transaction);
  if (document === undefined) throw new ReadModelBehind(transaction);
  return document;
}
