import { refused } from '../answer.js';
import { makeProposal, type ProposalParts } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

/** One thing that is unusual in a proposal, and what the gateway and the endorser make of it. */
interface Unusual {
  readonly what: string;
  readonly parts: () => ProposalParts;
  readonly evaluate: unknown;
  readonly endorse: unknown;
  readonly processProposal: unknown;
}

const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);

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
    evaluate: refused(
      'UNAVAILABLE',
      'failed to get config for channel [nochannel]: could not get last config for channel nochannel',
    ),
    endorse: refused(
      'FAILED_PRECONDITION',
      'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode probe in channel nochannel',
    ),
    processProposal: [500, "channel 'nochannel' not found"],
  },
  {
    what: 'no channel',
    parts: () => ({ channel: '' }),
    evaluate: refused('INVALID_ARGUMENT', 'failed to unpack transaction proposal: no channel id provided'),
    endorse: refused('FAILED_PRECONDITION', ''),
    processProposal: [
      500,
      "make sure the chaincode probe has been successfully defined on channel  and try again: could not get channel config for channel ''",
    ],
  },
  {
    what: 'a chaincode that there is not',
    parts: () => ({ chaincode: 'nochaincode' }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'no peers available to evaluate chaincode nochaincode in channel care',
    ),
    endorse: refused(
      'FAILED_PRECONDITION',
      'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode nochaincode in channel care',
    ),
    processProposal: [
      500,
      'make sure the chaincode nochaincode has been successfully defined on channel care and try again: chaincode nochaincode not found',
    ],
  },
  {
    what: 'no header extension',
    parts: () => ({ without: ['extension'] }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: ChaincodeHeaderExtension.ChaincodeId is nil',
      'HospitalAMSP: ChaincodeHeaderExtension.ChaincodeId is nil',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: ChaincodeHeaderExtension.ChaincodeId is nil',
    ),
    processProposal: refused('UNKNOWN', 'ChaincodeHeaderExtension.ChaincodeId is nil'),
  },
  {
    what: 'a header extension without a chaincode',
    parts: () => ({ without: ['extension id'] }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: ChaincodeHeaderExtension.ChaincodeId is nil',
      'HospitalAMSP: ChaincodeHeaderExtension.ChaincodeId is nil',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: ChaincodeHeaderExtension.ChaincodeId is nil',
    ),
    processProposal: refused('UNKNOWN', 'ChaincodeHeaderExtension.ChaincodeId is nil'),
  },
  {
    what: 'no chaincode',
    parts: () => ({ without: ['chaincode id'] }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: no chaincode id is provided, channel id [care]',
    ),
    endorse: refused(
      'FAILED_PRECONDITION',
      'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode  in channel care',
    ),
    processProposal: [200, ''],
  },
  {
    what: 'no input',
    parts: () => ({ without: ['input'] }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: chaincode input did not contain any input',
      'HospitalAMSP: chaincode input did not contain any input',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: chaincode input did not contain any input',
    ),
    processProposal: refused('UNKNOWN', 'chaincode input did not contain any input'),
  },
  {
    what: 'no call',
    parts: () => ({ without: ['spec'] }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: no chaincode spec is provided, channel id [care]',
    ),
    endorse: refused(
      'FAILED_PRECONDITION',
      'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode  in channel care',
    ),
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
    what: 'a header of another type',
    parts: () => ({ headerType: 0 }),
    evaluate: refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: invalid header type MESSAGE',
      'HospitalAMSP: error validating proposal: invalid header type MESSAGE',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: error validating proposal: invalid header type MESSAGE',
    ),
    processProposal: refused('UNKNOWN', 'error validating proposal: invalid header type MESSAGE'),
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
    what: 'a time twenty minutes ago',
    parts: () => ({ time: minutesFromNow(-20) }),
    evaluate: refused(
      'UNAVAILABLE',
      'failed to evaluate transaction, see attached details for more info',
      'HospitalAMSP: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
      'InsurerAMSP: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
      'InsurerBMSP: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
    processProposal: refused(
      'UNKNOWN',
      'request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
  },
  {
    what: 'a time in twenty minutes',
    parts: () => ({ time: minutesFromNow(20) }),
    evaluate: refused(
      'UNAVAILABLE',
      'failed to evaluate transaction, see attached details for more info',
      'HospitalAMSP: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
      'InsurerAMSP: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
      'InsurerBMSP: rpc error: code = Unknown desc = request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
    processProposal: refused(
      'UNKNOWN',
      'request unauthorized due to incorrect timestamp <time>, peer time <time>, peer.authentication.timewindow 15m0s',
    ),
  },
  {
    what: 'bytes that are no proposal',
    parts: () => ({ bytes: Buffer.from('rubbish!') }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: error unmarshalling Proposal: proto: cannot parse invalid wire-format data',
    ),
    endorse: refused(
      'INVALID_ARGUMENT',
      'error unmarshalling Proposal: proto: cannot parse invalid wire-format data',
    ),
    processProposal: refused(
      'UNKNOWN',
      'failed parsing proposal: error unmarshalling Proposal: proto: cannot parse invalid wire-format data',
    ),
  },
  {
    what: 'a header that is none',
    parts: () => ({ header: Buffer.from('rubbish!') }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: error unmarshalling Header: proto: cannot parse invalid wire-format data',
    ),
    endorse: refused(
      'INVALID_ARGUMENT',
      'error unmarshalling Header: proto: cannot parse invalid wire-format data',
    ),
    processProposal: refused(
      'UNKNOWN',
      'failed parsing header: error unmarshalling Header: proto: cannot parse invalid wire-format data',
    ),
  },
  {
    what: 'a payload that is none',
    parts: () => ({ payload: Buffer.from('rubbish!') }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: error unmarshalling ChaincodeProposalPayload: proto: cannot parse invalid wire-format data',
    ),
    endorse: refused(
      'INVALID_ARGUMENT',
      'error unmarshalling ChaincodeProposalPayload: proto: cannot parse invalid wire-format data',
    ),
    processProposal: refused(
      'UNKNOWN',
      'error unmarshalling ChaincodeProposalPayload: proto: cannot parse invalid wire-format data',
    ),
  },
  {
    what: 'no payload',
    parts: () => ({ payload: new Uint8Array() }),
    evaluate: refused(
      'INVALID_ARGUMENT',
      'failed to unpack transaction proposal: no chaincode spec is provided, channel id [care]',
    ),
    endorse: refused(
      'FAILED_PRECONDITION',
      'no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode  in channel care',
    ),
    processProposal: refused('UNKNOWN', 'chaincode invocation spec did not contain chaincode spec'),
  },
];

export const proposals = group(
  'proposals',
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
);
