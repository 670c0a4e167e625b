import path from 'node:path';
import { documentServers, type Places } from '../topology/places.js';
import * as layout from './layout.js';
import { type Service } from './service.js';

export const replicaSet = 'medigraph';
/** Makes the servers one, and ends. */
export const firstDocumentService = 'mongodb-init';

const dataFolder = (server: string) => path.join('documents', server, 'data');

function serverService(server: string, places: Places): Service {
  const inside = (file: string) => path.join(places.folder, file);
  const port = places.portOf(server);
  const tls = layout.serviceTls(server, 'tls.pem');
  return {
    name: server,
    image: 'mongodb',
    command: [
      'mongod',
      ...['--replSet', replicaSet, '--bind_ip_all', '--port', String(port)],
      ...['--dbpath', inside(dataFolder(server)), '--keyFile', inside(layout.secrets.mongodbKeyFile)],
      ...['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', inside(tls)],
      // Members know each other by the key file; clients by their passwords.
      ...['--tlsCAFile', inside(layout.serviceAuthority), '--tlsAllowConnectionsWithoutCertificates'],
    ],
    environment: {},
    files: [layout.serviceAuthority],
    secrets: [layout.secrets.mongodbKeyFile, tls],
    ownerOnly: [layout.secrets.mongodbKeyFile],
    identities: [],
    data: [dataFolder(server)],
    ports: { mongodb: port },
    networks: ['medigraph', 'dapps'],
    health: [
      'mongosh',
      '--quiet',
      ...['--tls', '--tlsCAFile', inside(layout.serviceAuthority), '--port', String(port)],
      ...['--eval', 'quit(db.hello().ok === 1 ? 0 : 1)'],
    ],
    startAfter: {},
    once: false,
    published: false,
    limits: { processors: 1, memory: 1024 },
  };
}

/** @param initiate - command of the platform's image, to which the deployment's folder is appended. */
export function documentServices(places: Places, initiate: readonly string[]): Service[] {
  const [first] = documentServers;
  return [
    ...documentServers.map((server) => serverService(server, places)),
    {
      name: firstDocumentService,
      image: 'platform',
      command: [...initiate, places.folder],
      environment: { NODE_ENV: 'production' },
      files: [layout.placesFile, layout.serviceAuthority],
      secrets: [layout.secrets.mongodbRootPassword, layout.secrets.mongodbPassword],
      identities: [],
      data: [],
      ports: {},
      startAfter: Object.fromEntries(documentServers.map((server) => [server, 'healthy'])),
      once: true,
      // Before there is a user, a server takes orders from its own loopback alone.
      besides: first,
      published: false,
      limits: { processors: 1, memory: 256 },
    },
  ];
}
