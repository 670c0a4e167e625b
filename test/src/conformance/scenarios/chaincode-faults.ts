import { type Member } from '../consortium.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

/** Has the member's peer alone simulate a transaction of chaincode `other`; ids and addresses in its answer are replaced. */
async function simulate(member: Member, ...args: string[]): Promise<readonly [number, string]> {
  const proposal = await makeProposal(member.user, { chaincode: 'other', args });
  const [status, message] = await member.peer.processProposal(proposal);
  const plain = message
    .replaceAll(proposal.transactionId, '<id>')
    .replaceAll(/\bother(_1\.0)?:[0-9a-f]{64}/g, '<package>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<address>');
  return [status, plain];
}

/**
 * What becomes of transactions when their chaincode fails. It is played last: the chaincode is not started again.
 * Only what chaincode that runs on a shim can do wrong is here; what no shim would do is tried on the embedded peers alone.
 */
export const chaincodeFaults = group('chaincode faults', [
  scenario(
    'a chaincode that never answers fails its own transaction, and nobody else waits for it',
    async ({ hospital }) => {
      const late = simulate(hospital, 'hang');
      await hospital.submit('put', 'meanwhile', '1');
      const others = await simulate(hospital, 'get', 'meanwhile');
      return [await hospital.evaluate('get', 'meanwhile'), others, await late];
    },
    [
      '1',
      [200, ''],
      [
        500,
        'error in simulation: failed to execute transaction <id>: error sending: timeout expired while executing transaction',
      ],
    ],
  ),
  scenario(
    'a chaincode that dies takes its own transactions along, and no others',
    async ({ hospital }) => {
      const waiting = simulate(hospital, 'hang');
      const dying = await simulate(hospital, 'exit');
      return [await waiting, dying, await hospital.evaluate('get', 'meanwhile')];
    },
    [
      [
        500,
        'error in simulation: failed to execute transaction <id>: error sending: chaincode stream terminated',
      ],
      [
        500,
        'error in simulation: failed to execute transaction <id>: error sending: chaincode stream terminated',
      ],
      '1',
    ],
  ),
  scenario(
    'a chaincode that is not there cannot be launched',
    ({ hospital }) => simulate(hospital, 'get', 'meanwhile'),
    [
      500,
      'error in simulation: failed to execute transaction <id>: could not launch chaincode <package>: connection to <package> failed: error cannot create connection for <package>: error creating grpc connection to <address>: failed to create new connection: connection error: desc = "transport: error while dialing: dial tcp <address>: connect: connection refused"',
    ],
  ),
]);
