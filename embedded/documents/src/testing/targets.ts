import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient, type Db } from 'mongodb';
import { startDocuments } from '../documents-server.js';

/** A server that the scenarios run against. */
export interface Target {
  readonly name: string;
  /** Starts it, or takes the one that is running. */
  readonly open: () => Promise<OpenTarget>;
}

export interface OpenTarget {
  readonly uri: string;
  readonly close: () => Promise<void>;
}

/** The embedded server, on a directory of its own. */
export const embedded: Target = {
  name: 'embedded',
  open: async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'documents-'));
    const server = await startDocuments({ dataDir: directory });
    const close = async (): Promise<void> => {
      await server.close();
      await rm(directory, { recursive: true });
    };
    return { uri: server.uri, close };
  },
};

/** A server that a developer has started and named in the environment. */
function running(name: string, variable: string): Target & { readonly uri: string | undefined } {
  const uri = process.env[variable];
  return { name, uri, open: () => Promise.resolve({ uri: uri ?? '', close: () => Promise.resolve() }) };
}

export const mongodb = running('MongoDB', 'MEDIGRAPH_TEST_MONGODB_URI');
export const ferretdb = running('FerretDB', 'MEDIGRAPH_TEST_FERRETDB_URI');

/** A client of a target, and a database of the suite's own that is dropped with it. */
export interface Session {
  readonly client: MongoClient;
  readonly db: Db;
  readonly uri: string;
  readonly close: () => Promise<void>;
}

let sessions = 0;

export async function openSession(
  target: Target,
  options: ConstructorParameters<typeof MongoClient>[1] = {},
): Promise<Session> {
  const { uri, close } = await target.open();
  const client = await new MongoClient(uri, options).connect();
  sessions += 1;
  const db = client.db(`scenarios_${process.pid}_${Date.now()}_${sessions}`);
  return {
    client,
    db,
    uri,
    close: async () => {
      await db.dropDatabase();
      await client.close();
      await close();
    },
  };
}
