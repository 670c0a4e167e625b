import { mongo, type Connection } from 'mongoose';

/** What comparing two databases came to. */
export interface DatabaseComparison {
  /** Documents compared. */
  readonly documents: number;
  /** The first difference, in words; absent if there is none. */
  readonly difference?: string;
}

type Collection = ReturnType<NonNullable<Connection['db']>['collection']>;

/** Compares all documents of two databases, byte for byte, reading both in the order of their ids. */
export async function compareDatabases(kept: Connection, rebuilt: Connection): Promise<DatabaseComparison> {
  const names = new Set([...(await collectionsOf(kept)), ...(await collectionsOf(rebuilt))]);
  let documents = 0;
  for (const name of [...names].sort()) {
    const compared = await compareCollections(kept.collection(name), rebuilt.collection(name));
    documents += compared.documents;
    if (compared.difference !== undefined)
      return { documents, difference: `${name}: ${compared.difference}` };
  }
  return { documents };
}

async function collectionsOf({ db }: Connection): Promise<string[]> {
  const found = await db?.listCollections({}, { nameOnly: true }).toArray();
  return (found ?? []).map(({ name }) => name);
}

async function compareCollections(
  kept: Pick<Collection, 'find'>,
  rebuilt: Pick<Collection, 'find'>,
): Promise<DatabaseComparison> {
  const left = inOrder(kept);
  const right = inOrder(rebuilt);
  let documents = 0;
  try {
    for (;;) {
      const [found, expected] = await Promise.all([left.next(), right.next()]);
      if (found === null && expected === null) return { documents };
      if (found === null || expected === null || !found.equals(expected))
        return { documents, difference: describeDifference(found, expected) };
      documents += 1;
    }
  } finally {
    await left.close();
    await right.close();
  }
}

/** Documents as they are stored, undecoded. */
const inOrder = (collection: Pick<Collection, 'find'>) =>
  collection.find({}, { raw: true, sort: { _id: 1 } }) as unknown as {
    next(): Promise<Buffer | null>;
    close(): Promise<void>;
  };

function describeDifference(found: Buffer | null, expected: Buffer | null): string {
  const idOf = (document: Buffer | null) =>
    document === null ? undefined : String((mongo.BSON.deserialize(document) as { _id: unknown })._id);
  const foundId = idOf(found);
  const expectedId = idOf(expected);
  if (foundId === expectedId) return `document ${String(foundId)} is not what a rebuild makes of it`;
  if (expectedId === undefined || (foundId !== undefined && foundId < expectedId))
    return `document ${String(foundId)} is there, and a rebuild does not make it`;
  return `document ${expectedId} is missing`;
}
