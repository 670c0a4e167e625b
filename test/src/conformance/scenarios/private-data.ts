import { refused } from '../answer.js';
import { atEach, commitEverywhere, endorse, privateDataOf, settled } from '../fabric/private-data.js';
import { group, scenario } from '../scenario.js';
import { keptPrivateData } from './private-data-blocks.js';
import {
  hash,
  both,
  put,
  call,
  commit,
  evaluationRefused,
  endorsementRefused,
  unavailable,
  notAtInsurerB,
} from './private-data-steps.js';

export const privateData = group('private data', [
  scenario(
    'members have it, others have not',
    async (consortium) => {
      const { code } = await commit(consortium, put('shared', 'a', 'secret of a'));
      return [code, await atEach(consortium, consortium.hospital, 'getPrivate', 'shared', 'a')];
    },
    ['VALID', { HospitalAMSP: 'secret of a', InsurerAMSP: 'secret of a', InsurerBMSP: notAtInsurerB }],
  ),
  scenario(
    'its hash is for everybody',
    async (consortium) => atEach(consortium, consortium.insurerB, 'privateHash', 'shared', 'a'),
    { HospitalAMSP: hash('secret of a'), InsurerAMSP: hash('secret of a'), InsurerBMSP: hash('secret of a') },
  ),
  scenario(
    'a range has what the peer has',
    async (consortium) => {
      await commit(consortium, put('shared', 'r1', '1', 'r2', '2', 'r3', '3'));
      return atEach(consortium, consortium.hospital, 'privateRange', 'shared', 'r1', 'r3');
    },
    { HospitalAMSP: '[["r1","1"],["r2","2"]]', InsurerAMSP: '[["r1","1"],["r2","2"]]', InsurerBMSP: '[]' },
  ),
  scenario(
    'a client that is no member reads it at a member, unless the collection forbids that',
    async (consortium) => {
      await commit(consortium, put('guarded', 'g', 'for members'));
      const { hospital, insurerB } = consortium;
      const at = { endorsingOrganizations: ['HospitalAMSP'] };
      const ask = async (member: typeof hospital, ...args: string[]) =>
        Buffer.from(await member.contract().evaluate('getPrivate', { arguments: args, ...at })).toString();
      return [
        await ask(insurerB, 'shared', 'a'),
        await ask(hospital, 'guarded', 'g'),
        await consortium.refusalOf(ask(insurerB, 'guarded', 'g')),
      ];
    },
    [
      'secret of a',
      'for members',
      evaluationRefused(
        'HospitalAMSP',
        'GET_STATE failed: transaction ID: <id>: tx creator does not have read access permission on privatedata in chaincodeName:probe collectionName: guarded',
      ),
    ],
  ),
  scenario(
    'a client that is no member writes it, unless the collection forbids that',
    async (consortium) => {
      const { insurerB } = consortium;
      const { code } = await commitEverywhere(consortium, insurerB, put('shared', 'of another', 'x'));
      const forbidden = endorse(insurerB, put('guarded', 'of another', 'x'));
      return [code, await consortium.refusalOf(forbidden)];
    },
    [
      'VALID',
      refused(
        'ABORTED',
        'failed to collect enough transaction endorsements, see attached details for more info',
        ...both.map(
          (mspId) =>
            `${mspId}: chaincode response 500, PUT_STATE failed: transaction ID: <id>: tx creator does not have write access permission on privatedata in chaincodeName:probe collectionName: guarded`,
        ),
      ),
    ],
  ),
  ...(
    [
      ['getPrivate', 'GET_STATE', 'collection care/probe/nowhere could not be found'],
      ['putPrivate', 'PUT_STATE', 'collection care/probe/nowhere could not be found'],
      ['delPrivate', 'DEL_STATE', 'collection care/probe/nowhere could not be found'],
      ['purgePrivate', 'PURGE_PRIVATE_DATA', 'collection care/probe/nowhere could not be found'],
      ['privateRange', 'GET_STATE_BY_RANGE', 'collection care/probe/nowhere could not be found'],
      [
        'privateHash',
        'GET_PRIVATE_DATA_HASH',
        'collection [nowhere] not defined in the collection config for chaincode [probe]',
      ],
    ] as const
  ).map(([transaction, request, words]) =>
    scenario(
      `a collection that there is not: ${transaction}`,
      async ({ hospital }) => hospital.evaluate(transaction, 'nowhere', 'k', 'v'),
      evaluationRefused('HospitalAMSP', `${request} failed: transaction ID: <id>: ${words}`),
    ),
  ),
  scenario(
    'the implicit collection of an organisation that is not of the channel',
    async ({ hospital }) => hospital.evaluate('putPrivate', '_implicit_org_NobodyMSP', 'k', 'v'),
    evaluationRefused(
      'HospitalAMSP',
      'PUT_STATE failed: transaction ID: <id>: collection [_implicit_org_NobodyMSP] not defined in the collection config for chaincode [probe]',
    ),
  ),
  scenario(
    'an organisation has an implicit collection of its own, without a definition',
    async (consortium) => {
      const { code } = await commit(consortium, put('_implicit_org_HospitalAMSP', 'mine', 'alone'));
      const collection = '_implicit_org_HospitalAMSP';
      return [code, await atEach(consortium, consortium.hospital, 'getPrivate', collection, 'mine')];
    },
    [
      'VALID',
      {
        HospitalAMSP: 'alone',
        InsurerAMSP: evaluationRefused('InsurerAMSP', unavailable),
        InsurerBMSP: notAtInsurerB,
      },
    ],
  ),
  scenario(
    "another's implicit collection is written by none who does not endorse for it",
    async (consortium) => {
      const collection = '_implicit_org_InsurerBMSP';
      const { code } = await commit(consortium, put(collection, 'gift', 'x'));
      return [
        code,
        await atEach(consortium, consortium.hospital, 'privateHash', collection, 'gift'),
        await atEach(consortium, consortium.hospital, 'getPrivate', collection, 'gift'),
      ];
    },
    [
      'ENDORSEMENT_POLICY_FAILURE',
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
    ],
  ),
  scenario(
    'an endorser must reach as many peers as the collection asks for',
    async ({ hospital }) => hospital.submit('putPrivate', 'crowded', 'k', 'v'),
    endorsementRefused(
      'HospitalAMSP',
      'error in simulation: failed to distribute private collection, txID <id>, channel care: could not build private data dissemination plan for chaincode probe and collection crowded: required to disseminate to at least 2 peers, but know of only 1 eligible peers',
    ),
  ),
  scenario(
    'an evaluation goes on to a peer that can reach as many as the collection asks for',
    async ({ hospital }) => hospital.evaluate('putPrivate', 'crowded', 'k', 'v'),
    '',
  ),
  scenario(
    'a value is there until it is deleted, and an empty value is none',
    async (consortium) => {
      await commit(consortium, put('shared', 'short', 'lived', 'hollow', ''));
      const { hospital } = consortium;
      const before = [
        await hospital.evaluate('getPrivate', 'shared', 'short'),
        await hospital.evaluate('getPrivate', 'shared', 'hollow'),
        await hospital.evaluate('privateHash', 'shared', 'hollow'),
      ];
      await commit(consortium, call('delPrivate', 'shared', 'short'));
      return [
        before,
        await atEach(consortium, hospital, 'getPrivate', 'shared', 'short'),
        await hospital.evaluate('privateHash', 'shared', 'short'),
      ];
    },
    [['lived', '', ''], { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' }, ''],
  ),
  scenario(
    'two transactions that read what the other writes do not both become valid',
    async (consortium) => {
      const { hospital } = consortium;
      const increment = call('incrementPrivate', 'shared', 'counter');
      const first = await endorse(hospital, increment);
      const second = await endorse(hospital, increment);
      const codes = [];
      for (const { transaction } of [first, second]) {
        const submitted = await transaction.submit();
        codes.push((await submitted.getStatus()).code);
      }
      await settled(consortium, second.transactionId);
      return [codes, await hospital.evaluate('getPrivate', 'shared', 'counter')];
    },
    [[0, 11], '1'],
  ),
  scenario(
    'a query of private data does not go together with writes',
    async (consortium) => [
      await consortium.refusalOf(consortium.hospital.evaluate('privateRangeThenPut', 'shared', 'k')),
      await consortium.refusalOf(consortium.hospital.evaluate('putThenPrivateRange', 'shared', 'k')),
    ],
    [
      evaluationRefused(
        'HospitalAMSP',
        'PUT_STATE failed: transaction ID: <id>: txid [<id>]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed',
      ),
      evaluationRefused(
        'HospitalAMSP',
        'GET_STATE_BY_RANGE failed: transaction ID: <id>: txid [<id>]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction',
      ),
    ],
  ),
  scenario(
    'an organisation that does not have what a transaction reads cannot endorse it',
    async (consortium) => {
      const { hospital } = consortium;
      const by = ['HospitalAMSP', 'InsurerBMSP'];
      return endorse(hospital, { ...call('publish', 'shared', 'a', 'published'), by });
    },
    refused(
      'ABORTED',
      'failed to collect enough transaction endorsements, see attached details for more info',
      `InsurerBMSP: chaincode response 500, ${unavailable}`,
    ),
  ),
  scenario(
    'the gateway has those endorse who have what is read',
    async (consortium) => {
      const { endorsers, code } = await commitEverywhere(consortium, consortium.hospital, {
        transaction: 'publish',
        arguments: ['shared', 'a', 'published'],
      });
      return [endorsers, code, await consortium.hospital.evaluate('get', 'published')];
    },
    [both, 'VALID', 'secret of a'],
  ),
  scenario(
    'a gateway whose own organisation does not have what is read asks no other one',
    async ({ insurerB }) => insurerB.submit('publish', 'shared', 'a', 'published'),
    endorsementRefused('InsurerBMSP', `chaincode response 500, ${unavailable}`),
  ),
  scenario(
    'transient data goes to members alone, and into no block',
    async (consortium) => {
      const { hospital } = consortium;
      const { endorsers, code, block } = await commitEverywhere(consortium, hospital, {
        transaction: 'putTransient',
        arguments: ['shared', 'transient'],
        transientData: { value: 'never in a block' },
      });
      const stream = await hospital.network().getBlockEvents({ startBlock: block });
      let found = true;
      for await (const delivered of stream) {
        found = Buffer.from(delivered.serializeBinary()).includes('never in a block');
        break;
      }
      stream.close();
      return [endorsers, code, found, await hospital.evaluate('getPrivate', 'shared', 'transient')];
    },
    [both, 'VALID', false, 'never in a block'],
  ),
  scenario(
    'transient data goes nowhere if only its own organisation may keep what is written',
    async (consortium) => {
      const { endorsers, code } = await commitEverywhere(consortium, consortium.hospital, {
        transaction: 'putTransient',
        arguments: ['_implicit_org_HospitalAMSP', 'mine too'],
        transientData: { value: 'to myself' },
      });
      return [endorsers, code];
    },
    [['HospitalAMSP'], 'VALID'],
  ),
  scenario(
    'transient data is not sent to organisations that may not keep it, unless they are named',
    async (consortium) => {
      const { hospital } = consortium;
      const what = {
        transaction: 'putTransient',
        arguments: ['alien', 't'],
        transientData: { value: 'for members' },
      };
      const named = await commitEverywhere(consortium, hospital, { ...what, by: ['InsurerBMSP'] });
      return [await consortium.refusalOf(endorse(hospital, what)), named.code];
    },
    [
      refused(
        'FAILED_PRECONDITION',
        'requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [alien]; retry specifying trusted endorsing organizations to protect transient data',
      ),
      'VALID',
    ],
  ),
  scenario(
    'a collection may say itself who endorses',
    async (consortium) => [
      (await commit(consortium, { ...put('own', 'o', '1'), by: ['InsurerBMSP'] })).code,
      (await commit(consortium, put('own', 'o', '2'))).code,
      (
        await commitEverywhere(consortium, consortium.insurerB, {
          transaction: 'putPrivate',
          arguments: ['own', 'p', '1'],
        })
      ).endorsers,
      await atEach(consortium, consortium.hospital, 'getPrivate', 'own', 'o'),
    ],
    [
      'VALID',
      'ENDORSEMENT_POLICY_FAILURE',
      ['InsurerBMSP'],
      {
        HospitalAMSP: evaluationRefused('HospitalAMSP', unavailable),
        InsurerAMSP: evaluationRefused('InsurerAMSP', unavailable),
        InsurerBMSP: '1',
      },
    ],
  ),
  ...keptPrivateData,
  scenario(
    'data of a transaction that is found invalid changes nothing',
    async (consortium) => {
      const { code, block } = await commit(consortium, {
        ...put('shared', 'void', 'x'),
        by: ['HospitalAMSP'],
      });
      return [
        code,
        await consortium.hospital.evaluate('getPrivate', 'shared', 'void'),
        await consortium.hospital.evaluate('privateHash', 'shared', 'void'),
        await privateDataOf(consortium.hospital, block),
      ];
    },
    ['ENDORSEMENT_POLICY_FAILURE', '', '', { 0: [['probe/shared', 'void', 'x']] }],
  ),
  scenario(
    'private data is there after a restart, and what was endorsed before one can be committed after it',
    async (consortium) => {
      const { hospital } = consortium;
      const { transaction, transactionId } = await endorse(hospital, put('shared', 'over', 'the restart'));
      await consortium.restart();
      await consortium.patiently(async () => transaction.submit());
      await settled(consortium, transactionId);
      return consortium.patiently(async () => [
        await hospital.evaluate('getPrivate', 'shared', 'over'),
        await hospital.evaluate('getPrivate', 'shared', 'a'),
      ]);
    },
    ['the restart', 'secret of a'],
  ),
]);
