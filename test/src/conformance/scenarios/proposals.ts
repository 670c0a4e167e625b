import { refused } from '../answer.js';
import { makeProposal, type ProposalParts } from '../fabric/proposal.js';
import { group, scenario, stated } from '../scenario.js';

/** One thing that is unusual in a proposal, and what the gateway and the endorser make of it. */
interface Unusual {
  readonly what: string;
  readonly parts: () => ProposalParts;
  readonly evaluate?: unknown;
  readonly endorse?: unknown;
  readonly processProposal?: unknown;
}

const proposalsWith: readonly Unusual[] = [
  {
    what: 'a wrong signature',
    parts: () => ({ signature: Buffer.alloc(70, 1) }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: access denied: channel [care] creator org [HospitalAMSP]',
      'HospitalAMSP: error validating proposal: access denied: channel [care] creator org [HospitalAMSP]',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: access denied: channel [care] creator org [HospitalAMSP]',
    ),
    processProposal: refused(
      'UNKNOWN',
      'error validating proposal: access denied: channel [care] creator org [HospitalAMSP]',
    ),
  },
  {
    what: 'no signature',
    parts: () => ({ signature: new Uint8Array() }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: empty signature bytes',
      'HospitalAMSP: error validating proposal: empty signature bytes',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: empty signature bytes',
    ),
    processProposal: refused('UNKNOWN', 'error validating proposal: empty signature bytes'),
  },
  {
    what: 'a transaction id that was not computed',
    parts: () => ({ transactionId: 'ab'.repeat(32) }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      "evaluate call to endorser returned error: error validating proposal: incorrectly computed txid '<id>' -- expected '<id>'",
      "HospitalAMSP: error validating proposal: incorrectly computed txid '<id>' -- expected '<id>'",
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      "HospitalAMSP: error validating proposal: incorrectly computed txid '<id>' -- expected '<id>'",
    ),
    processProposal: refused(
      'UNKNOWN',
      "error validating proposal: incorrectly computed txid '<id>' -- expected '<id>'",
    ),
  },
  {
    what: 'no transaction id',
    parts: () => ({ transactionId: '' }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      "evaluate call to endorser returned error: error validating proposal: incorrectly computed txid '' -- expected '<id>'",
      "HospitalAMSP: error validating proposal: incorrectly computed txid '' -- expected '<id>'",
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      "HospitalAMSP: error validating proposal: incorrectly computed txid '' -- expected '<id>'",
    ),
    processProposal: refused(
      'UNKNOWN',
      "error validating proposal: incorrectly computed txid '' -- expected '<id>'",
    ),
  },
  {
    what: 'no nonce',
    parts: () => ({ nonce: new Uint8Array() }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: nonce is empty',
      'HospitalAMSP: error validating proposal: nonce is empty',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: nonce is empty',
    ),
    processProposal: refused('UNKNOWN', 'error validating proposal: nonce is empty'),
  },
  {
    what: 'a creator that is no identity',
    parts: () => ({ creator: Buffer.from('rubbish') }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
      'HospitalAMSP: error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
    ),
    processProposal: refused(
      'UNKNOWN',
      'error validating proposal: access denied: channel [care] creator org unknown, creator is malformed',
    ),
  },
  {
    what: 'no creator',
    parts: () => ({ creator: new Uint8Array() }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: creator is empty',
      'HospitalAMSP: error validating proposal: creator is empty',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: creator is empty',
    ),
    processProposal: refused('UNKNOWN', 'error validating proposal: creator is empty'),
  },
  {
    what: 'a channel that there is not',
    parts: () => ({ channel: 'nochannel' }),
    processProposal: [500, "channel 'nochannel' not found"],
  },
  {
    what: 'no channel',
    parts: () => ({ channel: '' }),
    evaluate: refused('INVALID_ARGUMENT', 'failed to unpack transaction proposal: no channel id provided'),
  },
  {
    what: 'a chaincode that there is not',
    parts: () => ({ chaincode: 'nochaincode' }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'no peers available to evaluate chaincode nochaincode in channel care',
    ),
    processProposal: [
      500,
      'make sure the chaincode nochaincode has been successfully defined on channel care and try again: chaincode nochaincode not found',
    ],
  },
  {
    what: 'no header extension',
    parts: () => ({ without: ['extension'] }),
    processProposal: refused('UNKNOWN', 'ChaincodeHeaderExtension.ChaincodeId is nil'),
  },
  {
    what: 'a header extension without a chaincode',
    parts: () => ({ without: ['extension id'] }),
    processProposal: refused('UNKNOWN', 'ChaincodeHeaderExtension.ChaincodeId is nil'),
  },
  {
    what: 'no chaincode',
    parts: () => ({ without: ['chaincode id'] }),
    processProposal: [200, ''],
  },
  {
    what: 'no input',
    parts: () => ({ without: ['input'] }),
    processProposal: refused('UNKNOWN', 'chaincode input did not contain any input'),
  },
  {
    what: 'no call',
    parts: () => ({ without: ['spec'] }),
    processProposal: refused('UNKNOWN', 'chaincode invocation spec did not contain chaincode spec'),
  },
  {
    what: 'another language of the chaincode',
    parts: () => ({ chaincodeType: 1 }),
    evaluate: '',
    endorse: 'endorsed',
    processProposal: [200, ''],
  },
  {
    what: 'an epoch',
    parts: () => ({ epoch: 1 }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: epoch is non-zero',
      'HospitalAMSP: error validating proposal: epoch is non-zero',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: epoch is non-zero',
    ),
    processProposal: refused('UNKNOWN', 'error validating proposal: epoch is non-zero'),
  },
  {
    what: 'another version of the header',
    parts: () => ({ headerVersion: 1 }),
    evaluate: '',
    endorse: 'endorsed',
    processProposal: [200, ''],
  },
  {
    what: 'no payload',
    parts: () => ({ payload: new Uint8Array() }),
    processProposal: refused('UNKNOWN', 'chaincode invocation spec did not contain chaincode spec'),
  },
];

export const proposals = group(
  'proposals',
  stated(
    proposalsWith.flatMap(({ what, parts, evaluate, endorse, processProposal }) => [
      scenario(
        `a proposal with ${what} is evaluated`,
        async ({ hospital }) => hospital.peer.evaluate(await makeProposal(hospital.user, parts())),
        evaluate,
      ),
      scenario(
        `a proposal with ${what} is endorsed`,
        async ({ hospital }) => {
          await hospital.peer.endorse(await makeProposal(hospital.user, parts()));
          return 'endorsed';
        },
        endorse,
      ),
      scenario(
        `a proposal with ${what} comes to an endorser`,
        async ({ hospital }) => hospital.peer.processProposal(await makeProposal(hospital.user, parts())),
        processProposal,
      ),
    ]),
  ),
);
