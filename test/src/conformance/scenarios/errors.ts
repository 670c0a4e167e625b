import { validationName, refused } from '../answer.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

const notEndorsed = 'failed to endorse transaction, see attached details for more info';

export const errors = group('errors', [
  scenario(
    'what a contract throws while it is evaluated comes with its sentence',
    async ({ hospital }) => hospital.evaluate('fail', 'NOT_FOUND: no such thing'),
    refused(
      'UNKNOWN',
      'evaluate call to endorser returned error: chaincode response 500, NOT_FOUND: no such thing',
      'HospitalAMSP: chaincode response 500, NOT_FOUND: no such thing',
    ),
  ),
  scenario(
    'what a contract throws while it is endorsed comes with its sentence',
    async ({ hospital }) => hospital.submit('fail', 'NOT_FOUND: no such thing'),
    refused('ABORTED', notEndorsed, 'HospitalAMSP: chaincode response 500, NOT_FOUND: no such thing'),
  ),
  scenario(
    'a function that the contract does not have',
    async ({ hospital }) => hospital.evaluate('nothing'),
    refused(
      'UNKNOWN',
      'evaluate call to endorser returned error: chaincode response 500, no transaction nothing',
      'HospitalAMSP: chaincode response 500, no transaction nothing',
    ),
  ),
  ...[200, 201, 300, 399].map((status) =>
    scenario(
      `a contract that answers status ${status} has agreed`,
      async ({ hospital }) => {
        const transaction = await hospital
          .contract()
          .newProposal('status', { arguments: [String(status), 'message', 'payload'] })
          .endorse();
        const { code } = await (await transaction.submit()).getStatus();
        return [Buffer.from(transaction.getResult()).toString(), validationName(code)];
      },
      ['payload', 'VALID'],
    ),
  ),
  ...[400, 404, 499, 500, 501].flatMap((status) => [
    scenario(
      `a contract that answers status ${status} has refused the evaluation`,
      async ({ hospital }) => hospital.evaluate('status', String(status), 'message', 'payload'),
      refused(
        'UNKNOWN',
        `evaluate call to endorser returned error: chaincode response ${status}, message`,
        `HospitalAMSP: chaincode response ${status}, message`,
      ),
    ),
    scenario(
      `a contract that answers status ${status} has refused the endorsement`,
      async ({ hospital }) => hospital.submit('status', String(status), 'message', 'payload'),
      refused('ABORTED', notEndorsed, `HospitalAMSP: chaincode response ${status}, message`),
    ),
  ]),
  scenario(
    'a submitted transaction that is found invalid',
    async ({ hospital }) => {
      const arguments_ = ['too-few', '1'];
      return hospital
        .contract()
        .submit('put', { arguments: arguments_, endorsingOrganizations: ['HospitalAMSP'] });
    },
    refused(
      'ENDORSEMENT_POLICY_FAILURE',
      'Transaction <id> failed to commit with status code 10 (ENDORSEMENT_POLICY_FAILURE)',
    ),
  ),
  scenario(
    'the status of a transaction that nobody has submitted is waited for',
    async ({ hospital }) =>
      hospital.peer.commitStatus(hospital.user, { transactionId: 'ab'.repeat(32), wait: 1_500 }),
    refused('DEADLINE_EXCEEDED', ''),
  ),
  scenario(
    'the status of no transaction',
    async ({ hospital }) => hospital.peer.commitStatus(hospital.user, { transactionId: '' }),
    refused('INVALID_ARGUMENT', 'transaction ID should not be empty'),
  ),
  scenario(
    'the status of a transaction on no channel',
    async ({ hospital }) =>
      hospital.peer.commitStatus(hospital.user, { transactionId: 'ab'.repeat(32), channel: '' }),
    refused('INVALID_ARGUMENT', 'no channel ID provided'),
  ),
  scenario(
    'a submission without a transaction',
    async ({ hospital }) => hospital.peer.submit(await makeProposal(hospital.user)),
    refused('INVALID_ARGUMENT', 'a prepared transaction is required'),
  ),
]);
