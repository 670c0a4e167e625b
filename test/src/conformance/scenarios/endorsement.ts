import { randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { refused } from '../answer.js';
import { type Member } from '../consortium.js';
import { sign } from '../fabric/identity.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

/** Has a transaction endorsed, changes the endorsed envelope, signs it as its author would, and submits it. */
async function submitAltered(
  member: Member,
  value: string,
  alter: (envelope: common.Envelope) => void,
): Promise<string> {
  const proposal = await makeProposal(member.user, { args: ['put', 'altered', value] });
  const envelope = await member.peer.endorse(proposal);
  alter(envelope);
  envelope.setSignature(await sign(member.user, envelope.getPayload_asU8()));
  await member.peer.submit(proposal, envelope);
  return (await member.peer.commitStatus(member.user, { transactionId: proposal.transactionId }))[0];
}

function withEndorsements(
  envelope: common.Envelope,
  change: (endorsements: peer.Endorsement[]) => peer.Endorsement[],
): void {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  for (const action of transaction.getActionsList()) {
    const content = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const endorsed = content.getAction();
    endorsed?.setEndorsementsList(change(endorsed.getEndorsementsList()));
    action.setPayload(content.serializeBinary());
  }
  payload.setData(transaction.serializeBinary());
  envelope.setPayload(payload.serializeBinary());
}

const duplicate = 'duplicate transaction found [<id>]. Creator [<creator>]';

export const endorsement = group('endorsement', [
  ...(
    [
      [['HospitalAMSP', 'InsurerAMSP'], 'VALID'],
      [['HospitalAMSP', 'InsurerBMSP'], 'VALID'],
      [['HospitalAMSP', 'InsurerAMSP', 'InsurerBMSP'], 'VALID'],
      [['HospitalAMSP'], 'ENDORSEMENT_POLICY_FAILURE'],
      [['InsurerAMSP', 'InsurerBMSP'], 'ENDORSEMENT_POLICY_FAILURE'],
    ] as const
  ).map(([mspIds, code]) =>
    scenario(
      `the hospital and an insurer must endorse; ${mspIds.join(', ')} did: ${code}`,
      async ({ hospital }) => hospital.submitEndorsedBy(mspIds, 'put', 'endorsed', '1'),
      code,
    ),
  ),
  scenario(
    'a transaction that is found invalid changes nothing',
    async ({ hospital }) => {
      await hospital.submitEndorsedBy(['HospitalAMSP'], 'put', 'unchanged', '1');
      return hospital.evaluate('get', 'unchanged');
    },
    '',
  ),
  scenario(
    'an organisation that there is not cannot be asked to endorse',
    async ({ hospital }) => hospital.submitEndorsedBy(['InsurerBMSP', 'NobodyMSP'], 'put', 'nobody', '1'),
    refused('UNAVAILABLE', 'failed to find any endorsing peers for org(s): NobodyMSP'),
  ),
  scenario(
    'an evaluation goes to the organisation that is named',
    async ({ hospital }) => {
      const endorsingOrganizations = ['InsurerBMSP'];
      const answer = await hospital.contract().evaluate('get', { arguments: ['x'], endorsingOrganizations });
      return answer.length;
    },
    0,
  ),
  scenario(
    'results that were changed after the endorsement',
    async ({ hospital }) =>
      submitAltered(hospital, 'aaaa', (envelope) => {
        const bytes = Buffer.from(envelope.getPayload_asU8());
        for (let at = bytes.indexOf('aaaa'); at >= 0; at = bytes.indexOf('aaaa')) bytes.write('bbbb', at);
        envelope.setPayload(bytes);
      }),
    'INVALID_ENDORSER_TRANSACTION',
  ),
  scenario(
    'endorsements that were removed',
    async ({ hospital }) => submitAltered(hospital, '1', (envelope) => withEndorsements(envelope, () => [])),
    'ENDORSEMENT_POLICY_FAILURE',
  ),
  scenario(
    'one endorsement, counted twice',
    async ({ hospital }) =>
      submitAltered(hospital, '1', (envelope) =>
        withEndorsements(envelope, ([first]) => (first ? [first, first] : [])),
      ),
    'ENDORSEMENT_POLICY_FAILURE',
  ),
  scenario(
    'a transaction that is submitted twice is committed once',
    async ({ hospital }) => {
      const proposal = await makeProposal(hospital.user, { args: ['put', 'twice', '1'] });
      const envelope = await hospital.peer.endorse(proposal);
      envelope.setSignature(await sign(hospital.user, envelope.getPayload_asU8()));
      await hospital.peer.submit(proposal, envelope);
      const question = { transactionId: proposal.transactionId };
      const first = await hospital.peer.commitStatus(hospital.user, question);
      await hospital.peer.submit(proposal, envelope);
      await hospital.submit('put', 'after-twice', '1');
      const second = await hospital.peer.commitStatus(hospital.user, question);
      return [first[0], second[0], first[1] === second[1], await hospital.ask('history', 'twice')];
    },
    ['VALID', 'VALID', true, [['1', false]]],
  ),
  scenario(
    'an id that is committed is not endorsed again',
    async (consortium) => {
      const { hospital } = consortium;
      const nonce = randomBytes(24);
      const proposal = await makeProposal(hospital.user, { nonce, args: ['put', 'again', '1'] });
      const envelope = await hospital.peer.endorse(proposal);
      envelope.setSignature(await sign(hospital.user, envelope.getPayload_asU8()));
      await hospital.peer.submit(proposal, envelope);
      await hospital.peer.commitStatus(hospital.user, { transactionId: proposal.transactionId });
      return hospital.peer.endorse(await makeProposal(hospital.user, { nonce, args: ['put', 'again', '2'] }));
    },
    refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      `HospitalAMSP: ${duplicate}`,
    ),
  ),
]);
