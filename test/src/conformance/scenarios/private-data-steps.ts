/** Calls of the scenarios of private data, and how peers refuse them. */
import { createHash } from 'node:crypto';
import { type Consortium } from '../consortium.js';
import { refused } from '../answer.js';
import { commitEverywhere, type Call } from '../fabric/private-data.js';

export const hash = (value: string) => createHash('sha256').update(value).digest('hex');

export const both = ['HospitalAMSP', 'InsurerAMSP'];
export const put = (collection: string, ...pairs: string[]): Call => ({
  transaction: 'putPrivate',
  arguments: [collection, ...pairs],
  by: both,
});
export const call = (transaction: string, ...args: string[]): Call => ({
  transaction,
  arguments: args,
  by: both,
});

export const commit = (consortium: Consortium, what: Call) =>
  commitEverywhere(consortium, consortium.hospital, what);

export const evaluationRefused = (mspId: string, sentence: string) =>
  refused(
    'UNKNOWN',
    `evaluate call to endorser returned error: chaincode response 500, ${sentence}`,
    `${mspId}: chaincode response 500, ${sentence}`,
  );
export const endorsementRefused = (mspId: string, sentence: string) =>
  refused(
    'ABORTED',
    'failed to endorse transaction, see attached details for more info',
    `${mspId}: ${sentence}`,
  );
export const unavailable =
  'GET_STATE failed: transaction ID: <id>: private data matching public hash version is not available. Public hash version = <height>, Private data version = <nil>';
export const notAtInsurerB = evaluationRefused('InsurerBMSP', unavailable);

/** What every transaction reads that touches a collection: the whole definition of its chaincode. */
export const definitionRead = {
  namespace: '_lifecycle',
  reads: [
    'namespaces/fields/probe/Collections',
    'namespaces/fields/probe/EndorsementInfo',
    'namespaces/fields/probe/Sequence',
    'namespaces/fields/probe/ValidationInfo',
    'namespaces/metadata/probe',
  ].map((key) => [key, 'there']),
  writes: [],
  collections: [],
};

/** Writes something else, so that so many blocks pass. */
export async function pass(consortium: Consortium, blocks: number): Promise<void> {
  for (let passed = 0; passed < blocks; passed += 1)
    await commit(consortium, call('put', 'passed', String(passed)));
}
