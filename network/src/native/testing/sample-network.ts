import { fileURLToPath } from 'node:url';
import { type CollectionDescription, type NetworkDescription } from '../../description.js';
import { type ChaincodeProgram } from '../nodes.js';

const collection = (
  name: string,
  policy: string,
  more: Partial<CollectionDescription> = {},
): CollectionDescription => ({
  name,
  policy,
  requiredPeers: 0,
  maxPeers: 1,
  blockToLive: 0,
  memberOnlyRead: false,
  memberOnlyWrite: false,
  ...more,
});

const hospitalAndInsurerA = "OR('HospitalAMSP.member', 'InsurerAMSP.member')";

/** Collections of the probe on `care`. */
const sampleCollections = [
  collection('shared', hospitalAndInsurerA),
  collection('guarded', hospitalAndInsurerA, { memberOnlyRead: true, memberOnlyWrite: true }),
  collection('passing', hospitalAndInsurerA, { blockToLive: 2 }),
  // More peers than it has members besides the one that endorses.
  collection('crowded', hospitalAndInsurerA, { requiredPeers: 2, maxPeers: 2 }),
  // Its own organisation may write it alone, whatever the chaincode's policy says.
  collection('own', "OR('InsurerBMSP.member')", { endorsementPolicy: "OR('InsurerBMSP.peer')" }),
  // Endorsed by one who may not have it.
  collection('alien', hospitalAndInsurerA, { endorsementPolicy: "OR('InsurerBMSP.peer')" }),
];

/** Three organisations on two channels, with a chaincode that tries out the peer's interface. */
export const sampleDescription: NetworkDescription = {
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
          collections: sampleCollections,
        },
        {
          suite: 'other',
          chaincode: 'other',
          endorsementPolicy: "OR('HospitalAMSP.peer', 'InsurerAMSP.peer', 'InsurerBMSP.peer')",
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
  certificateAuthorities: { affiliations: ['ward.day'] },
  tls: true,
  batch: {
    timeoutMs: 50,
    maxTransactions: 100,
    absoluteMaxBytes: 99 * 1_048_576,
    preferredMaxBytes: 2 * 1_048_576,
  },
};

const program: ChaincodeProgram = {
  command: process.execPath,
  args: [fileURLToPath(new URL('probe-chaincode.js', import.meta.url))],
  env: { CORE_CHAINCODE_LOGGING_LEVEL: 'critical' },
};

export const sampleChaincodes: Readonly<Record<string, ChaincodeProgram>> = {
  probe: program,
  other: program,
};
