import path from 'node:path';
import { type NetworkDescription } from '../description.js';

// Where things are in the folder of a deployment, relative to it.

export const materialFolder = 'organizations';
export const descriptionFile = 'network.json';
/** Where the services are. */
export const placesFile = 'places.json';
export const connectionProfileFile = 'connection-profile.json';
export const builderFolder = 'builder';
export const channelsFolder = 'channels';
export const platformData = path.join('platform', 'data');
/** Where which version of a DApp serves. */
export const dappsData = path.join('dapps', 'data');
/** Accounts, clients and sessions. */
export const identityData = path.join('identity', 'data');

/** Keys and certificates with which services that are no nodes of Fabric speak TLS. */
export const serviceTlsFolder = 'services';
export const serviceTls = (service: string, file: string): string =>
  path.join(serviceTlsFolder, service, file);
export const serviceAuthority = path.join(serviceTlsFolder, 'ca.crt');

/** Says as what a contract suite registers. */
export const suiteEnvironment = (suite: string): string => path.join('suites', `${suite}.env`);

export const nodeFolder = (node: string): string => path.join('nodes', node);

const secret = (name: string): string => path.join('secrets', name);
/** Passwords and keys that are drawn by lot when the deployment is made. */
export const secrets = {
  masterKey: secret('master-key'),
  identityKey: secret('identity-key'),
  identityAdministration: secret('identity-administration'),
  mongodbKeyFile: secret('mongodb-key-file'),
  mongodbRootPassword: secret('mongodb-root-password'),
  mongodbPassword: secret('mongodb-password'),
  postgresPassword: secret('postgres-password'),
  mongodbUri: secret('mongodb-uri'),
} as const;

export const ordererFolder = ({ orderer }: NetworkDescription, node: string): string =>
  path.join(materialFolder, 'ordererOrganizations', orderer.domain, 'orderers', node);

/** Of the administrator that an organisation's material begins with. */
export const administratorFolder = (domain: string): string =>
  path.join(materialFolder, 'peerOrganizations', domain, 'users', `Admin@${domain}`);

export const peerFolder = (domain: string, node: string): string =>
  path.join(materialFolder, 'peerOrganizations', domain, 'peers', node);
