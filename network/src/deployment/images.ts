import { type ImageName } from './service.js';

/** The images of a deployment, each pinned to a release; `platform` is built from this checkout. */
export const images: Readonly<Record<ImageName, string>> = {
  orderer: 'hyperledger/fabric-orderer:3.1.5',
  peer: 'hyperledger/fabric-peer:3.1.5',
  platform: 'medigraph/platform:0.1.0',
  mongodb: 'mongo:8.0.15',
  ca: 'hyperledger/fabric-ca:1.5.15',
  haproxy: 'haproxy:3.0.12',
  postgres: 'postgres:17.6',
};
