import { documentServers } from '../topology/places.js';
import { replicaSet } from './document-services.js';
import { secrets, serviceAuthority } from './layout.js';
import { readPlaces } from './places-file.js';
import { documentsUser } from './secrets.js';

/** What it takes to make the document servers of a deployment one. Files are relative to its folder. */
export interface DocumentsDeployment {
  readonly replicaSet: string;
  /** `host:port` of each server. */
  readonly members: readonly string[];
  /** Of the first server. */
  readonly port: number;
  readonly authority: string;
  readonly rootPassword: string;
  /** As whom the platform comes, with which password. */
  readonly user: string;
  readonly password: string;
}

export async function documentsDeployment(folder: string): Promise<DocumentsDeployment> {
  const places = await readPlaces(folder);
  return {
    replicaSet,
    members: documentServers.map((server) => `${places.hostOf(server)}:${places.portOf(server)}`),
    port: places.portOf(documentServers[0]),
    authority: serviceAuthority,
    rootPassword: secrets.mongodbRootPassword,
    user: documentsUser,
    password: secrets.mongodbPassword,
  };
}
