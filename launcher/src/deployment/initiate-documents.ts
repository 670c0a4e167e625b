import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { documentsDeployment } from '@medigraph/network/deployment';
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { CommandError } from '../errors.js';

/** Milliseconds until a replica set without a primary counts as failed. */
const patience = 60_000;
const pollInterval = 250;

/** Codes with which MongoDB says that something is so already. */
const alreadyInitialized = 23;
const userExists = 51_003;
const unauthorized = 13;

async function unlessSo(codes: readonly number[], command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof MongoServerError && codes.includes(Number(error.code))) return;
    throw error;
  }
}

async function primary(admin: Db): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
    if (Date.now() > deadline) {
      throw new CommandError('DOCUMENTS_NOT_READY', 'The document servers have not chosen a primary');
    }
    await delay(pollInterval);
  }
}

/**
 * Makes the document servers of a deployment one replica set, with the users that its secrets name. Runs on the loopback
 * of the first server, which takes orders from nobody else before it has a user. What is so already is left alone.
 */
export async function initiateDocuments(folder: string): Promise<void> {
  const { replicaSet, members, port, authority, rootPassword, user, password } =
    await documentsDeployment(folder);
  const options = {
    directConnection: true,
    tls: true,
    tlsCAFile: path.join(folder, authority),
    serverSelectionTimeoutMS: patience,
  };
  const [root, own] = await Promise.all(
    [rootPassword, password].map((file) => readFile(path.join(folder, file), 'utf8')),
  );
  const anonymous = new MongoClient(`mongodb://127.0.0.1:${port}`, options);
  try {
    const admin = anonymous.db('admin');
    const configuration = {
      _id: replicaSet,
      members: members.map((host, index) => ({ _id: index, host })),
    };
    // Once there is a user, who comes without a name is refused both: then it has been done before.
    await unlessSo([alreadyInitialized, unauthorized], () =>
      admin.command({ replSetInitiate: configuration }),
    );
    await primary(admin);
    await unlessSo([userExists, unauthorized], () =>
      admin.command({ createUser: 'root', pwd: root, roles: ['root'] }),
    );
  } finally {
    await anonymous.close();
  }
  const authenticated = new MongoClient(`mongodb://127.0.0.1:${port}`, {
    ...options,
    directConnection: false,
    replicaSet,
    auth: { username: 'root', password: root },
    authSource: 'admin',
  });
  try {
    await unlessSo([userExists], () =>
      authenticated
        .db('admin')
        .command({ createUser: user, pwd: own, roles: [{ role: 'readWriteAnyDatabase', db: 'admin' }] }),
    );
  } finally {
    await authenticated.close();
  }
}
