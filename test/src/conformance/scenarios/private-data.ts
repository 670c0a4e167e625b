import { createHash } from 'node:crypto';
import { type Consortium } from '../consortium.js';
import { refused } from '../answer.js';
import {
  atEach,
  commitEverywhere,
  endorse,
  privateDataOf,
  settled,
  type Call,
} from '../fabric/private-data.js';
import { peerPolicy } from '../fabric/peer-policy.js';
import { contentOf } from '../fabric/read-write-sets.js';
import { group, scenario } from '../scenario.js';

const hash = (value: string) => createHash('sha256').update(value).digest('hex');

const both = ['HospitalAMSP', 'InsurerAMSP'];
const put = (collection: string, ...pairs: string[]): Call => ({
  transaction: 'putPrivate',
  arguments: [collection, ...pairs],
  by: both,
});
const call = (transaction: string, ...args: string[]): Call => ({ transaction, arguments: args, by: both });

const commit = (consortium: Consortium, what: Call) =>
  commitEverywhere(consortium, consortium.hospital, what);

const evaluationRefused = (mspId: string, sentence: string) =>
  refused(
    'UNKNOWN',
    `evaluate call to endorser returned error: chaincode response 500, ${sentence}`,
    `${mspId}: chaincode response 500, ${sentence}`,
  );
const endorsementRefused = (mspId: string, sentence: string) =>
  refused(
    'ABORTED',
    'failed to endorse transaction, see attached details for more info',
    `${mspId}: ${sentence}`,
  );
const unavailable =
  'GET_STATE failed: transaction ID: <id>: private data matching public hash version is not available. Public hash version = <height>, Private data version = <nil>';
const notAtInsurerB = evaluationRefused('InsurerBMSP', unavailable);

/** What every transaction reads that touches a collection: the whole definition of its chaincode. */
const definitionRead = {
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
async function pass(consortium: Consortium, blocks: number): Promise<void> {
  for (let passed = 0; passed < blocks; passed += 1)
    await commit(consortium, call('put', 'passed', String(passed)));
}

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
  scenario(
    'data of a collection with a limited life is forgotten after so many blocks, and its hash too',
    async (consortium) => {
      const { hospital } = consortium;
      await commit(consortium, put('passing', 'p', 'for a while'));
      await pass(consortium, 2);
      const there = await hospital.evaluate('getPrivate', 'passing', 'p');
      await pass(consortium, 1);
      return [
        there,
        await atEach(consortium, hospital, 'getPrivate', 'passing', 'p'),
        await atEach(consortium, hospital, 'privateHash', 'passing', 'p'),
      ];
    },
    [
      'for a while',
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
    ],
  ),
  scenario(
    'what is written again lives on',
    async (consortium) => {
      const { hospital } = consortium;
      await commit(consortium, put('passing', 'q', 'first'));
      await pass(consortium, 1);
      await commit(consortium, put('passing', 'q', 'second'));
      await pass(consortium, 2);
      return atEach(consortium, hospital, 'getPrivate', 'passing', 'q');
    },
    { HospitalAMSP: 'second', InsurerAMSP: 'second', InsurerBMSP: notAtInsurerB },
  ),
  scenario(
    'blocks are delivered with what the peer has and the reader may see of their private data',
    async (consortium) => {
      const { block } = await commit(consortium, put('shared', 'delivered', 'with the block'));
      return Promise.all(
        [consortium.hospital, consortium.insurerA, consortium.insurerB].map((member) =>
          privateDataOf(member, block),
        ),
      );
    },
    [
      { 0: [['probe/shared', 'delivered', 'with the block']] },
      { 0: [['probe/shared', 'delivered', 'with the block']] },
      {},
    ],
  ),
  scenario(
    'in a block there are hashes, of keys and values, in the order of the keys',
    async (consortium) => {
      const { block } = await commit(consortium, put('shared', 'z', '1', 'y', '2', 'n', ''));
      return contentOf(consortium.hospital, block);
    },
    [
      definitionRead,
      {
        namespace: 'probe',
        reads: [],
        writes: [],
        collections: [
          {
            name: 'shared',
            reads: [],
            writes: [
              [hash('n'), '', 'deletes'],
              [hash('y'), hash('2')],
              [hash('z'), hash('1')],
            ],
            metadata: [],
            privateSet: true,
          },
        ],
      },
    ],
  ),
  scenario(
    'what is read of private data is in the block by hashes, too',
    async (consortium) => {
      const { block } = await commit(consortium, call('publish', 'shared', 'z', 'published z'));
      return contentOf(consortium.hospital, block);
    },
    [
      definitionRead,
      {
        namespace: 'probe',
        reads: [],
        writes: ['published z'],
        collections: [
          {
            name: 'shared',
            reads: [[hash('z'), 'there']],
            writes: [],
            metadata: [],
            privateSet: 'none',
          },
        ],
      },
    ],
  ),
  scenario(
    'a policy of a private key is in the block for everybody',
    async (consortium) => {
      const { block } = await commit(
        consortium,
        call('protectPrivate', 'shared', 'z', peerPolicy(1, 'HospitalAMSP')),
      );
      return contentOf(consortium.hospital, block);
    },
    [
      definitionRead,
      {
        namespace: 'probe',
        reads: [],
        writes: [],
        collections: [
          { name: 'shared', reads: [], writes: [], metadata: ['VALIDATION_PARAMETER'], privateSet: true },
        ],
      },
    ],
  ),
  scenario(
    'a purge says that it is one',
    async (consortium) => {
      const { block } = await commit(consortium, call('purgePrivate', 'shared', 'z'));
      const [, { collections } = { collections: [] }] = await contentOf(consortium.hospital, block);
      return collections.map(({ writes }) => writes);
    },
    [[[hash('z'), '', 'deletes', 'purges']]],
  ),
  scenario(
    'what has passed is delivered no more',
    async (consortium) => {
      const { block } = await commit(consortium, put('passing', 'late', 'too late'));
      const before = await privateDataOf(consortium.hospital, block);
      await pass(consortium, 3);
      return [before, await privateDataOf(consortium.hospital, block)];
    },
    [{ 0: [['probe/passing', 'late', 'too late']] }, {}],
  ),
  scenario(
    'a purge takes a key out of everything that was kept of it',
    async (consortium) => {
      const { hospital } = consortium;
      const first = await commit(consortium, put('shared', 'regret', 'a', 'keep', 'b'));
      const second = await commit(consortium, put('shared', 'regret', 'c'));
      const purge = await commit(consortium, call('purgePrivate', 'shared', 'regret'));
      return [
        purge.code,
        await atEach(consortium, hospital, 'getPrivate', 'shared', 'regret'),
        await atEach(consortium, hospital, 'privateHash', 'shared', 'regret'),
        await privateDataOf(hospital, first.block),
        await privateDataOf(hospital, second.block),
        await privateDataOf(hospital, purge.block),
        await hospital.evaluate('getPrivate', 'shared', 'keep'),
      ];
    },
    [
      'VALID',
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
      { HospitalAMSP: '', InsurerAMSP: '', InsurerBMSP: '' },
      { 0: [['probe/shared', 'keep', 'b']] },
      { 0: [] },
      { 0: [] },
      'b',
    ],
  ),
  scenario(
    'a purged key may be written again',
    async (consortium) => {
      await commit(consortium, put('shared', 'regret', 'again'));
      return atEach(consortium, consortium.hospital, 'getPrivate', 'shared', 'regret');
    },
    { HospitalAMSP: 'again', InsurerAMSP: 'again', InsurerBMSP: notAtInsurerB },
  ),
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
