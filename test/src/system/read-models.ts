import { MongoClient } from 'mongodb';
import { type Medigraph } from '@medigraph/launcher';

/** Whose read models are looked at. */
interface System {
  readonly medigraph: Pick<Medigraph, 'configuration'>;
}

/** What is kept beside the read models does not come from the ledger: files, drafts, what was counted and done. */
const beside = /_(files|drafts|rewraps|operation|usage)$/;
const isReadModel = (name: string) => name.startsWith('medigraph_') && !beside.test(name);

async function withServer<T>(system: System, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(system.medigraph.configuration.mongodbUri);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function readModels(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases();
  return databases.map(({ name }) => name).filter(isReadModel);
}

/** Everything in the read models: a line a document, sorted, so that equal contents are equal texts. */
export function dump(system: System): Promise<string> {
  return withServer(system, async (client) => {
    const lines: string[] = [];
    for (const database of await readModels(client)) {
      for (const { name } of await client.db(database).listCollections({}, { nameOnly: true }).toArray()) {
        const documents = await client.db(database).collection(name).find().toArray();
        lines.push(...documents.map((document) => `${database}.${name} ${JSON.stringify(document)}`));
      }
    }
    return lines.sort().join('\n');
  });
}

/** Last block that each subgraph has applied, the hindmost of them, by channel. */
export function checkpoints(system: System): Promise<Record<string, number>> {
  return withServer(system, async (client) => {
    const last: Record<string, number> = {};
    for (const database of await readModels(client)) {
      for (const { name } of await client.db(database).listCollections({}, { nameOnly: true }).toArray()) {
        if (!name.endsWith('_checkpoints')) continue;
        const found = client.db(database).collection<{ _id: string; block: number }>(name).find();
        for await (const { _id, block } of found) last[_id] = Math.min(block, last[_id] ?? block);
      }
    }
    return last;
  });
}

/** Removes every read model, as an operator would. */
export function dropReadModels(system: System): Promise<void> {
  return withServer(system, async (client) => {
    for (const database of await readModels(client)) await client.db(database).dropDatabase();
  });
}
