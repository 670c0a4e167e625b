import { validationName } from '../answer.js';
import { type Consortium, type Member } from '../consortium.js';
import { peerPolicy } from '../fabric/peer-policy.js';
import { commitEverywhere, endorse, settled } from '../fabric/private-data.js';
import { group, scenario } from '../scenario.js';

const onlyInsurerA = peerPolicy(1, 'InsurerAMSP');
const onlyInsurerB = peerPolicy(1, 'InsurerBMSP');
const bothInsurers = peerPolicy(2, 'InsurerAMSP', 'InsurerBMSP');
const twoOfThree = peerPolicy(2, 'HospitalAMSP', 'InsurerAMSP', 'InsurerBMSP');

/** Who must endorse for the chaincode, and could. */
const usual = ['HospitalAMSP', 'InsurerAMSP'];

/** Validation codes of transactions, one after the other: who endorses, then the transaction and its arguments. */
async function codesOf(
  consortium: Consortium,
  ...calls: readonly (readonly [by: readonly string[], transaction: string, ...args: string[]])[]
): Promise<string[]> {
  const codes: string[] = [];
  for (const [by, transaction, ...args] of calls) {
    const committed = await commitEverywhere(consortium, consortium.hospital, {
      transaction,
      arguments: args,
      by,
    });
    codes.push(committed.code);
  }
  return codes;
}

/** Endorsers that a member's gateway chooses, and the validation code that this gets. */
async function chosenBy(consortium: Consortium, member: Member, transaction: string, ...args: string[]) {
  const { endorsers, code } = await commitEverywhere(consortium, member, { transaction, arguments: args });
  return [endorsers, code];
}

/** Has transactions endorsed one after the other on the same state, then submits them in this order. */
async function together(
  consortium: Consortium,
  ...calls: readonly (readonly [by: readonly string[], transaction: string, ...args: string[]])[]
): Promise<string[]> {
  const endorsed = [];
  for (const [by, transaction, ...args] of calls)
    endorsed.push(await endorse(consortium.hospital, { transaction, arguments: args, by }));
  const submitted = [];
  for (const { transaction } of endorsed) submitted.push(await transaction.submit());
  const statuses = await Promise.all(submitted.map((each) => each.getStatus()));
  for (const { transactionId } of endorsed) await settled(consortium, transactionId);
  return statuses.map(({ code }) => validationName(code));
}

export const keyLevelEndorsement = group('key-level endorsement', [
  scenario(
    'a key with a policy of its own is written by those whom it names, and by nobody else',
    async (consortium) =>
      codesOf(
        consortium,
        [usual, 'put', 'k1', '1'],
        [usual, 'protect', 'k1', onlyInsurerB],
        [usual, 'put', 'k1', '2'],
        [['InsurerBMSP'], 'put', 'k1', '3'],
        [['InsurerBMSP'], 'put', 'not k1', '3'],
        [usual, 'del', 'k1'],
      ),
    [
      'VALID',
      'VALID',
      'ENDORSEMENT_POLICY_FAILURE',
      'VALID',
      'ENDORSEMENT_POLICY_FAILURE',
      'ENDORSEMENT_POLICY_FAILURE',
    ],
  ),
  scenario(
    'the policy can be read',
    async ({ hospital }) => [
      (await hospital.evaluate('protection', 'k1')) === onlyInsurerB,
      await hospital.evaluate('protection', 'unprotected'),
    ],
    [true, ''],
  ),
  scenario(
    'the gateway has those endorse whom the key names, and them alone',
    async (consortium) => [
      await chosenBy(consortium, consortium.hospital, 'put', 'k1', '4'),
      await chosenBy(consortium, consortium.insurerB, 'put', 'k1', '5'),
      await chosenBy(consortium, consortium.insurerB, 'increment', 'k1'),
    ],
    [
      [['InsurerBMSP'], 'VALID'],
      [['InsurerBMSP'], 'VALID'],
      [['InsurerBMSP'], 'VALID'],
    ],
  ),
  scenario(
    'a transaction that writes a key without a policy, too, needs the chaincode to be satisfied as well',
    async (consortium) => [
      await codesOf(
        consortium,
        [['InsurerBMSP'], 'put', 'k1', '6', 'other', '6'],
        [usual, 'put', 'k1', '6', 'other', '6'],
        [[...usual, 'InsurerBMSP'], 'put', 'k1', '6', 'other', '6'],
      ),
      await chosenBy(consortium, consortium.hospital, 'put', 'k1', '7', 'other', '7'),
    ],
    [
      ['ENDORSEMENT_POLICY_FAILURE', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'],
      [['HospitalAMSP', 'InsurerBMSP'], 'VALID'],
    ],
  ),
  scenario(
    'a policy is changed by those whom it names',
    async (consortium) =>
      codesOf(
        consortium,
        [usual, 'protect', 'k1', twoOfThree],
        [['InsurerBMSP'], 'protect', 'k1', twoOfThree],
        [['InsurerBMSP'], 'put', 'k1', '8'],
        [['InsurerAMSP', 'InsurerBMSP'], 'put', 'k1', '9'],
      ),
    ['ENDORSEMENT_POLICY_FAILURE', 'VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'],
  ),
  scenario(
    'keys with different policies need all of them',
    async (consortium) => [
      await codesOf(
        consortium,
        [usual, 'put', 'k2', '1', 'k3', '1'],
        [usual, 'protect', 'k2', onlyInsurerA],
        [usual, 'protect', 'k3', onlyInsurerB],
        [['InsurerAMSP'], 'put', 'k2', '2', 'k3', '2'],
        [['InsurerAMSP', 'InsurerBMSP'], 'put', 'k2', '3', 'k3', '3'],
      ),
      await chosenBy(consortium, consortium.hospital, 'put', 'k2', '4', 'k3', '4'),
    ],
    [
      ['VALID', 'VALID', 'VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'],
      [['InsurerAMSP', 'InsurerBMSP'], 'VALID'],
    ],
  ),
  scenario(
    'without its policy a key is again as others',
    async (consortium) => [
      await codesOf(
        consortium,
        [['HospitalAMSP', 'InsurerBMSP'], 'protect', 'k2', ''],
        [['InsurerAMSP'], 'protect', 'k2', ''],
        [['InsurerAMSP'], 'put', 'k2', '5'],
        [usual, 'put', 'k2', '6'],
      ),
      await consortium.hospital.evaluate('protection', 'k2'),
    ],
    [['ENDORSEMENT_POLICY_FAILURE', 'VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'], ''],
  ),
  scenario(
    'a key that is deleted loses its policy',
    async (consortium) =>
      codesOf(
        consortium,
        [['InsurerBMSP'], 'del', 'k3'],
        [usual, 'put', 'k3', 'again'],
        [['InsurerBMSP'], 'put', 'k3', 'again'],
      ),
    ['VALID', 'VALID', 'ENDORSEMENT_POLICY_FAILURE'],
  ),
  scenario(
    'a policy for a key that there is not is none',
    async (consortium) =>
      codesOf(consortium, [usual, 'protect', 'k4', onlyInsurerB], [usual, 'put', 'k4', '1']),
    ['VALID', 'VALID'],
  ),
  scenario(
    'a policy may come with the value, in one transaction',
    async (consortium) =>
      codesOf(
        consortium,
        [usual, 'putProtected', 'k5', '1', bothInsurers],
        [usual, 'put', 'k5', '2'],
        [['InsurerAMSP', 'InsurerBMSP'], 'put', 'k5', '2'],
      ),
    ['VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'],
  ),
  scenario(
    'a value keeps the policy of its key',
    async ({ hospital }) => (await hospital.evaluate('protection', 'k5')) === bothInsurers,
    true,
  ),
  scenario(
    'a policy counts for transactions right behind the one that sets it, though endorsed before',
    async (consortium) => {
      await codesOf(consortium, [usual, 'put', 'k6', '1', 'k7', '1']);
      return [
        await together(
          consortium,
          [usual, 'protect', 'k6', onlyInsurerB],
          [usual, 'put', 'k6', '2'],
          [usual, 'put', 'k7', '2'],
        ),
        await consortium.hospital.evaluate('get', 'k6'),
      ];
    },
    [['VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'], '1'],
  ),
  scenario(
    'a policy that is not endorsed as it must be counts for none of them',
    async (consortium) => {
      await codesOf(consortium, [usual, 'put', 'k8', '1']);
      return together(
        consortium,
        [['InsurerAMSP'], 'protect', 'k8', onlyInsurerB],
        [usual, 'put', 'k8', '2'],
      );
    },
    ['ENDORSEMENT_POLICY_FAILURE', 'VALID'],
  ),
  scenario(
    'a private key may have a policy of its own',
    async (consortium) => [
      await codesOf(
        consortium,
        [usual, 'putPrivate', 'shared', 'p1', '1'],
        [usual, 'protectPrivate', 'shared', 'p1', onlyInsurerA],
        [['HospitalAMSP', 'InsurerBMSP'], 'putPrivate', 'shared', 'p1', '2'],
        [['InsurerAMSP'], 'putPrivate', 'shared', 'p1', '3'],
      ),
      await consortium.hospital.evaluate('getPrivate', 'shared', 'p1'),
      (await consortium.hospital.evaluate('privateProtection', 'shared', 'p1')) === onlyInsurerA,
      await chosenBy(consortium, consortium.hospital, 'putPrivate', 'shared', 'p1', '4'),
    ],
    [['VALID', 'VALID', 'ENDORSEMENT_POLICY_FAILURE', 'VALID'], '3', true, [['InsurerAMSP'], 'VALID']],
  ),
  scenario(
    'a private value is there under the version that its new policy gave it',
    async (consortium) => [
      await codesOf(
        consortium,
        [usual, 'putPrivate', 'shared', 'p2', '1'],
        [usual, 'protectPrivate', 'shared', 'p2', onlyInsurerA],
      ),
      await consortium.hospital.evaluate('getPrivate', 'shared', 'p2'),
      await consortium.hospital.submit('incrementPrivate', 'shared', 'p2'),
    ],
    [['VALID', 'VALID'], '1', '2'],
  ),
]);
