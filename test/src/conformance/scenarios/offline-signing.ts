import { validationName, refused } from '../answer.js';
import { type Member } from '../consortium.js';
import { type Signatory, signerOf } from '../fabric/identity.js';
import { group, scenario } from '../scenario.js';

/** Carries what is to be signed to the signer as a digest and back, as a browser wallet does. */
async function submitOffline(member: Member, signatory: Signatory): Promise<string> {
  const sign = signerOf(signatory);
  const gateway = member.gateway();
  const contract = gateway.getNetwork('care').getContract('probe');
  const unsigned = contract.newProposal('put', { arguments: ['offline', 'signed'] });
  const proposal = gateway.newSignedProposal(unsigned.getBytes(), await sign(unsigned.getDigest()));
  const endorsed = await proposal.endorse();
  const transaction = gateway.newSignedTransaction(endorsed.getBytes(), await sign(endorsed.getDigest()));
  const submitted = await transaction.submit();
  const commit = gateway.newSignedCommit(submitted.getBytes(), await sign(submitted.getDigest()));
  return validationName((await commit.getStatus()).code);
}

export const offlineSigning = group('offline signing', [
  scenario(
    'a transaction whose every message is signed elsewhere is committed',
    async ({ hospital }) => [
      await submitOffline(hospital, hospital.user),
      await hospital.evaluate('get', 'offline'),
    ],
    ['VALID', 'signed'],
  ),
  scenario(
    "a proposal that was signed with another's key is refused",
    async ({ hospital, insurerA }) => submitOffline(hospital, { ...hospital.user, key: insurerA.user.key }),
    refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: access denied: channel [care] creator org [HospitalAMSP]',
    ),
  ),
  scenario(
    'an evaluation that is signed elsewhere is answered',
    async ({ hospital }) => {
      const gateway = hospital.gateway();
      const contract = gateway.getNetwork('care').getContract('probe');
      const unsigned = contract.newProposal('about', { arguments: ['offline'] });
      const signature = await signerOf(hospital.user)(unsigned.getDigest());
      const answer = await gateway.newSignedProposal(unsigned.getBytes(), signature).evaluate();
      return JSON.parse(Buffer.from(answer).toString()) as unknown;
    },
    { channel: 'care', mspId: 'HospitalAMSP', args: ['about', 'offline'], transient: [] },
  ),
]);
