import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type NativeDescription } from '../description.js';
import { type ChaincodeProgram } from '../nodes.js';

/** Three organisations on two channels, with a chaincode that tries out the peer's interface. */
export const sampleDescription: NativeDescription = {
  organizations: [
    { mspId: 'HospitalAMSP', domain: 'hospital-a.example', peers: ['peer0'] },
    { mspId: 'InsurerAMSP', domain: 'insurer-a.example', peers: ['peer0'] },
    { mspId: 'InsurerBMSP', domain: 'insurer-b.example', peers: ['peer0'] },
  ],
  orderer: { mspId: 'OrdererMSP', domain: 'orderer.example', nodes: ['orderer0'] },
  channels: [
    {
      name: 'care',
      organizations: ['HospitalAMSP', 'InsurerAMSP', 'InsurerBMSP'],
      suites: [
        {
          suite: 'probe',
          chaincode: 'probe',
          endorsementPolicy: "AND('HospitalAMSP.peer', OR('InsurerAMSP.peer', 'InsurerBMSP.peer'))",
        },
      ],
    },
    {
      name: 'claims-insurer-a',
      organizations: ['HospitalAMSP', 'InsurerAMSP'],
      insurer: 'InsurerAMSP',
      suites: [
        {
          suite: 'probe',
          chaincode: 'probe',
          endorsementPolicy: "OR('HospitalAMSP.peer', 'InsurerAMSP.peer')",
        },
      ],
    },
  ],
  batch: {
    timeoutMs: 50,
    maxTransactions: 100,
    absoluteMaxBytes: 99 * 1_048_576,
    preferredMaxBytes: 2 * 1_048_576,
  },
};

export const sampleChaincodes: Readonly<Record<string, ChaincodeProgram>> = {
  probe: {
    command: process.execPath,
    args: [fileURLToPath(new URL('probe-chaincode.js', import.meta.url))],
    env: { CORE_CHAINCODE_LOGGING_LEVEL: 'critical' },
  },
};

/** Has Fabric's own `cryptogen` make the identities of the sample network below `folder`; returns where they are. */
export async function cryptogenMaterial(folder: string, cryptogen: string): Promise<string> {
  const names = ['127.0.0.1', 'localhost'];
  const { organizations, orderer } = sampleDescription;
  const config = {
    OrdererOrgs: [
      {
        Name: orderer.mspId,
        Domain: orderer.domain,
        EnableNodeOUs: true,
        Specs: orderer.nodes.map((Hostname) => ({ Hostname, SANS: names })),
      },
    ],
    PeerOrgs: organizations.map(({ mspId, domain, peers }) => ({
      Name: mspId,
      Domain: domain,
      EnableNodeOUs: true,
      Specs: peers.map((Hostname) => ({ Hostname, SANS: names })),
      Users: { Count: 1 },
    })),
  };
  const file = path.join(folder, 'crypto-config.yaml');
  const output = path.join(folder, 'crypto');
  await writeFile(file, stringify(config));
  await promisify(execFile)(cryptogen, ['generate', '--config', file, '--output', output]);
  return output;
}
