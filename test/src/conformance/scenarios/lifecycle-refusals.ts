/** What a lifecycle refuses, and in which words. */
import { refused } from '../answer.js';
import { type ProposedDefinition } from '../fabric/lifecycle-calls.js';
import { archiveOf, entryOf, metadataOf } from '../fabric/archives.js';
import { collectionsFor } from './lifecycle-steps.js';

export const notApproved = "'fresh' at sequence 2 on channel 'care' has not yet been approved by this org";
export const invalidDefinition = (reason: string) =>
  refused(
    'ABORTED',
    'failed to collect enough transaction endorsements, see attached details for more info',
    `HospitalAMSP: chaincode response 500, failed to invoke backing implementation of 'ApproveChaincodeDefinitionForMyOrg': ${reason}`,
  );
export const hospitalRefuses = (operation: string, reason: string) =>
  refused(
    'ABORTED',
    'failed to collect enough transaction endorsements, see attached details for more info',
    `HospitalAMSP: chaincode response 500, failed to invoke backing implementation of '${operation}': ${reason}`,
  );

/** Packages that no peer takes, and what it says. */
export const refusedPackages: readonly (readonly [string, () => Promise<Uint8Array>, string])[] = [
  ['nothing at all', () => Promise.resolve(new Uint8Array()), 'error reading as gzip stream: EOF'],
  [
    'no archive',
    () => Promise.resolve(Buffer.from('no archive at all')),
    'error reading as gzip stream: gzip: invalid header',
  ],
  ['no code', () => archiveOf(metadataOf('empty')), 'did not find a code package inside the package'],
  [
    'no metadata',
    () => archiveOf(entryOf('code.tar.gz', 'x')),
    'did not find any package metadata (missing metadata.json)',
  ],
  [
    'a label that would be a path',
    () => archiveOf(metadataOf('../../up'), entryOf('code.tar.gz', 'x')),
    "invalid label '../../up'. Label must be non-empty, can only consist of alphanumerics, symbols from '.+-_', and can only begin with alphanumerics",
  ],
  [
    'a folder in it',
    () => archiveOf(entryOf('src', '', 'directory')),
    'tar entry src is not a regular file, type 53',
  ],
  [
    'a link in it',
    () => archiveOf(entryOf('metadata.json', '', 'symlink')),
    'tar entry metadata.json is not a regular file, type 50',
  ],
];

export const refusedDefinitions: readonly (readonly [string, ProposedDefinition, string])[] = [
  [
    'with a name that none may have',
    { name: 'not/allowed' },
    "error validating chaincode definition: invalid chaincode name 'not/allowed'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics",
  ],
  [
    'of a system chaincode',
    { name: 'qscc' },
    "error validating chaincode definition: chaincode name 'qscc' is the name of a system chaincode",
  ],
  [
    'with a version that none may have',
    { name: 'fresh', version: '1/2' },
    "error validating chaincode definition: invalid chaincode version '1/2'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'",
  ],
  [
    'of sequence 0',
    { name: 'fresh', sequence: 0 },
    'requested sequence is 0, but first definable sequence number is 1',
  ],
  [
    'of a sequence to come',
    { name: 'fresh', sequence: 3 },
    'requested sequence 3 is larger than the next available sequence number 1',
  ],
  [
    'of a sequence that is past',
    { name: 'other', sequence: 0 },
    'currently defined sequence 1 is larger than requested sequence 0',
  ],
  [
    'with a collection of somebody who is no member',
    { name: 'fresh', collections: collectionsFor({ policy: "OR('NobodyMSP.member')" }) },
    "error validating chaincode definition: collection-name: secrets -- collection member 'NobodyMSP' is not part of the channel",
  ],
  [
    'with a collection of two at once',
    {
      name: 'fresh',
      collections: collectionsFor({ policy: "AND('HospitalAMSP.member', 'InsurerAMSP.member')" }),
    },
    'error validating chaincode definition: collection-name: secrets -- error in member org policy: signature policy is not an OR concatenation, NOutOf 2',
  ],
  [
    'with two collections of one name',
    { name: 'fresh', collections: collectionsFor({}, {}) },
    'error validating chaincode definition: collection-name: secrets -- found duplicate in collection configuration',
  ],
  [
    'with a collection that must reach more peers than it may',
    { name: 'fresh', collections: collectionsFor({ requiredPeers: 2 }) },
    'error validating chaincode definition: collection-name: secrets -- maximum peer count (1) cannot be less than the required peer count (2)',
  ],
  [
    'with a collection that has a name of an implicit one',
    { name: 'fresh', collections: collectionsFor({ name: '_implicit_org_HospitalAMSP' }) },
    "error validating chaincode definition: invalid collection name '_implicit_org_HospitalAMSP'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'",
  ],
  [
    'that drops the collections there are',
    { name: 'probe', sequence: 2 },
    'error validating chaincode definition: the proposed collection config does not contain previously defined collections',
  ],
  [
    'that drops one of the collections there are',
    { name: 'probe', sequence: 2, collections: collectionsFor({ name: 'others' }) },
    'error validating chaincode definition: existing collection [shared] missing in the proposed collection configuration',
  ],
  [
    'that is committed otherwise',
    { name: 'other', version: 'another' },
    "attempted to redefine the current committed sequence (1) for namespace other with different parameters: expected Version '1' does not match passed Version 'another'",
  ],
];
