/** What is kept of private data, for how long, and what blocks show of it: part of the group `private data`, in its order. */
import { atEach, privateDataOf } from '../fabric/private-data.js';
import { peerPolicy } from '../fabric/peer-policy.js';
import { contentOf } from '../fabric/read-write-sets.js';
import { scenario } from '../scenario.js';
import { hash, put, call, commit, notAtInsurerB, definitionRead, pass } from './private-data-steps.js';

export const keptPrivateData = [
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
];
