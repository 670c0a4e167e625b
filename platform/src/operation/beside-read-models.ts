import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';

interface Expiring {
  readonly _id: string;
  /** When the document goes by itself; never, if absent. */
  readonly expiresAt?: Date | undefined;
}

/**
 * A collection that no rebuild touches, in a database beside that of the read models; its documents go when their time has come.
 * @param connection - of the read models.
 */
export function besideReadModels<Document extends Expiring>(
  connection: Connection,
  collection: string,
  indexes: readonly Record<string, 1 | -1>[],
): Model<Document> {
  const beside = connection.useDb(`${connection.name}_operation`, { useCache: true });
  const known = beside.models[collection] as Model<Document> | undefined;
  if (known !== undefined) return known;
  const schema = new Schema<Document>({ _id: String } as SchemaDefinition<Document>, {
    strict: false,
    versionKey: false,
    collection,
    minimize: false,
  });
  for (const index of indexes) schema.index(index);
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return beside.model<Document>(collection, schema);
}
