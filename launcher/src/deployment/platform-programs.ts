import { type PlatformPrograms } from '@medigraph/network/deployment';
import { nodeArguments } from '../node-arguments.js';

const node = (...args: readonly string[]) => ['node', ...nodeArguments, ...args];

/** How the image's parts are run in its working folder, which is that of a checkout. */
export const platformPrograms: PlatformPrograms = {
  suites: {
    care: node('chaincode/care/dist/server.js'),
    claims: node('chaincode/claims/dist/server.js'),
    registry: node('chaincode/registry/dist/server.js'),
  },
  platform: node('launcher/dist/platform/server.js'),
  dapps: node('launcher/dist/dapps/server.js'),
  identity: node('embedded/identity/dist/server.js'),
  provision: node('launcher/dist/cli.js', 'network', 'provision'),
  documents: node('launcher/dist/cli.js', 'network', 'initiate-documents'),
  health: ['node', 'launcher/dist/health.js'],
};
