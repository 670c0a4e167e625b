import { refused } from '../answer.js';
import { type Consortium } from '../consortium.js';
import { type Signatory } from '../fabric/identity.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario, stated } from '../scenario.js';

/** Somebody who calls through the peer of the organisation that he says is his, and what he is answered. */
interface Caller {
  readonly who: string;
  readonly signatory: (consortium: Consortium) => Promise<Signatory>;
  readonly evaluate?: unknown;
  readonly endorse?: unknown;
  readonly processProposal?: unknown;
}

const callers: readonly Caller[] = [
  {
    who: "somebody with another's key",
    signatory: ({ hospital, insurerA }) => Promise.resolve({ ...hospital.user, key: insurerA.user.key }),
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
    who: 'somebody of an organisation that there is not',
    signatory: ({ hospital }) => Promise.resolve({ ...hospital.user, mspId: 'NobodyMSP' }),
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
    who: 'somebody whose certificate has expired',
    signatory: ({ hospital }) => hospital.issue({ expired: true }),
    endorse: refused(
      'ABORTED',
      'failed to endorse transaction, see attached details for more info',
      'HospitalAMSP: proposal client identity expired',
    ),
    processProposal: refused('UNKNOWN', 'proposal client identity expired'),
  },
  {
    who: 'somebody whose certificate has no role',
    signatory: ({ hospital }) => hospital.issue({ role: '' }),
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
    who: 'somebody whose certificate has a role that there is not',
    signatory: ({ hospital }) => hospital.issue({ role: 'cook' }),
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
    who: 'an administrator',
    signatory: ({ hospital }) => hospital.administrator(),
    evaluate: '',
    endorse: 'endorsed',
    processProposal: [200, ''],
  },
  {
    who: 'somebody who was enrolled just now',
    signatory: ({ hospital }) => hospital.issue(),
    evaluate: '',
    endorse: 'endorsed',
    processProposal: [200, ''],
  },
];

/** The peer of the organisation that is claimed; the hospital's for one that there is not. */
const peerFor = ({ hospital, insurerA }: Consortium, { mspId }: Signatory) =>
  (mspId === insurerA.mspId ? insurerA : hospital).peer;

const notReader = (channel: string) =>
  `Failed evaluating policy on signed data during check policy on channel [${channel}] with policy [/Channel/Application/Readers]: ` +
  "[implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]";

export const access = group('access control', [
  ...stated(
    callers.flatMap(({ who, signatory, evaluate, endorse, processProposal }) => [
      scenario(
        `${who} evaluates`,
        async (consortium) => {
          const caller = await signatory(consortium);
          return peerFor(consortium, caller).evaluate(await makeProposal(caller));
        },
        evaluate,
      ),
      scenario(
        `${who} has a transaction endorsed`,
        async (consortium) => {
          const caller = await signatory(consortium);
          await peerFor(consortium, caller).endorse(await makeProposal(caller));
          return 'endorsed';
        },
        endorse,
      ),
      scenario(
        `${who} asks an endorser`,
        async (consortium) => {
          const caller = await signatory(consortium);
          return peerFor(consortium, caller).processProposal(await makeProposal(caller));
        },
        processProposal,
      ),
    ]),
  ),
  scenario(
    'a channel is kept from those who are not its members',
    async ({ hospital, insurerB }) => {
      const gateway = hospital.gateway(insurerB.user);
      return gateway
        .getNetwork('claims-insurer-a')
        .getContract('probe')
        .evaluate('get', { arguments: ['x'] });
    },
    refused(
      'FAILED_PRECONDITION',
      'evaluate call to endorser returned error: error validating proposal: access denied: channel [claims-insurer-a] creator org unknown, creator is malformed',
      'HospitalAMSP: error validating proposal: access denied: channel [claims-insurer-a] creator org unknown, creator is malformed',
    ),
  ),
  scenario(
    "another's signature under a question for a status",
    async ({ hospital, insurerA }) =>
      hospital.peer.commitStatus(
        { ...hospital.user, key: insurerA.user.key },
        { transactionId: 'ab'.repeat(32) },
      ),
    refused('PERMISSION_DENIED', notReader('care')),
  ),
  scenario(
    'a question for a status on a channel of others',
    async ({ hospital, insurerB }) =>
      hospital.peer.commitStatus(insurerB.user, {
        transactionId: 'ab'.repeat(32),
        channel: 'claims-insurer-a',
      }),
    refused('PERMISSION_DENIED', notReader('claims-insurer-a')),
  ),
]);
