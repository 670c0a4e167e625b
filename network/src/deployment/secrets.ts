import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { documentServers, type Places } from '../topology/places.js';
import { replicaSet } from './document-services.js';
import { secrets, serviceAuthority } from './layout.js';

/** The user of the documents as whom the platform comes. */
export const documentsUser = 'medigraph';

/** What is kept in the file; drawn by lot and written the first time. */
async function keep(file: string, draw: () => string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    // Refused if it is there: a secret that is in use is never replaced.
    await writeFile(file, draw(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

/** Makes every password and key of a deployment that is not there yet, each in a file of its own. */
export async function generateSecrets(folder: string, places: Places): Promise<void> {
  const at = (file: string) => path.join(folder, file);
  await keep(at(secrets.masterKey), () => randomBytes(32).toString('hex'));
  await keep(at(secrets.identityKey), () => randomBytes(32).toString('hex'));
  await keep(at(secrets.identityAdministration), () => randomBytes(32).toString('base64url'));
  await keep(at(secrets.mongodbKeyFile), () => randomBytes(756).toString('base64'));
  await keep(at(secrets.mongodbRootPassword), () => randomBytes(24).toString('base64url'));
  await keep(at(secrets.postgresPassword), () => randomBytes(24).toString('base64url'));
  const password = await keep(at(secrets.mongodbPassword), () => randomBytes(24).toString('base64url'));
  const servers = documentServers.map((server) => `${places.hostOf(server)}:${places.portOf(server)}`);
  const query = new URLSearchParams({
    replicaSet,
    authSource: 'admin',
    tls: 'true',
    tlsCAFile: path.join(places.folder, serviceAuthority),
  });
  const uri = `mongodb://${documentsUser}:${password}@${servers.join(',')}/?${query.toString()}`;
  await writeFile(at(secrets.mongodbUri), uri, { mode: 0o600 });
}
