import { refused } from '../answer.js';
import { type Consortium } from '../consortium.js';
import { whileListed } from '../fabric/channel-administration.js';
import { type Signatory } from '../fabric/identity.js';
import { approval, proposed } from '../fabric/lifecycle-calls.js';
import { makeProposal } from '../fabric/proposal.js';
import { group, scenario } from '../scenario.js';

const channel = 'claims-insurer-a';
const hospitalAdministrators = '/Channel/Application/HospitalAMSP/Admins';

/** The answer of the member's peer to a proposal, or what it is refused with. */
async function propose(
  consortium: Consortium,
  signatory: Signatory,
  parts: { readonly chaincode?: string; readonly args?: readonly (string | Uint8Array)[] } = {},
): Promise<unknown> {
  const proposal = await makeProposal(signatory, { channel, ...parts });
  return consortium.refusalOf(consortium.hospital.peer.processProposal(proposal));
}

/** Number of the first block of a kind of stream, or what its reader is refused with. */
async function firstBlock(
  consortium: Consortium,
  kind: 'full' | 'filtered',
  signatory: Signatory,
): Promise<unknown> {
  const network = consortium.hospital.gateway(signatory).getNetwork(channel);
  const read = async () => {
    const stream =
      kind === 'full'
        ? await network.getBlockEvents({ startBlock: 0n })
        : await network.getFilteredBlockEvents({ startBlock: 0n });
    try {
      for await (const block of stream)
        return 'getNumber' in block ? block.getNumber() : block.getHeader()?.getNumber();
      return 'ended';
    } finally {
      stream.close();
    }
  };
  return read().catch((error: unknown) => {
    // The client has no class for what a peer answers instead of blocks.
    if (error instanceof Error && error.message.startsWith('Unexpected status response'))
      return error.message;
    throw error;
  });
}

const unsatisfied = (policy: string) =>
  `failed evaluating policy on signed data during check policy [/Channel/Application/${policy}]: [signature set did not satisfy policy]`;
const onlyForAdministrators = unsatisfied('HospitalAMSP/Admins');
const unknownPolicy = refused(
  'UNKNOWN',
  'failed evaluating policy on signed data during check policy [/Channel/Application/Cooks]: [policy /Channel/Application/Cooks not found]',
);
const notAdministrator = [
  500,
  "Failed to authorize invocation due to failed ACL check: Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [The identity is not an admin under this MSP [HospitalAMSP]: The identity does not contain OU [ADMIN], MSP: [HospitalAMSP]]",
];
const notAgreed = [
  500,
  "failed to invoke backing implementation of 'CommitChaincodeDefinition': chaincode definition not agreed to by this org (HospitalAMSP)",
];
const ok = [200, ''];

const definition = { name: 'unheard', version: '1', sequence: 1 };

export const accessControlLists = group('access control lists', [
  scenario(
    'a client may invoke, and may neither install nor approve',
    async (consortium) => {
      const { hospital } = consortium;
      return [
        (await hospital.contract('probe', channel).submit('put', { arguments: ['invoked', '1'] })).length,
        await propose(consortium, hospital.user, {
          chaincode: '_lifecycle',
          args: ['InstallChaincode', new Uint8Array()],
        }),
        await propose(consortium, hospital.user, {
          chaincode: '_lifecycle',
          args: ['ApproveChaincodeDefinitionForMyOrg', approval(definition)],
        }),
      ];
    },
    [0, notAdministrator, notAdministrator],
  ),
  scenario(
    'where the list keeps commits for administrators, a client may not commit a definition; without it he may try',
    async (consortium) => {
      const { hospital } = consortium;
      const commit = async (signatory: Signatory) =>
        propose(consortium, signatory, {
          chaincode: '_lifecycle',
          args: ['CommitChaincodeDefinition', proposed(definition)],
        });
      const administrator = await hospital.administrator();
      const listed = { '_lifecycle/CommitChaincodeDefinition': hospitalAdministrators };
      return [
        await whileListed(consortium, listed, async () => [
          await commit(hospital.user),
          await commit(administrator),
        ]),
        await commit(hospital.user),
      ];
    },
    [
      [[500, `Failed to authorize invocation due to failed ACL check: ${onlyForAdministrators}`], notAgreed],
      notAgreed,
    ],
  ),
  scenario(
    'where the list keeps proposals for administrators, a client may not propose; once it does not, he may',
    async (consortium) => {
      const { hospital } = consortium;
      const administrator = await hospital.administrator();
      return [
        await whileListed(consortium, { 'peer/Propose': hospitalAdministrators }, async () => [
          await propose(consortium, hospital.user),
          await consortium.refusalOf(
            hospital.contract('probe', channel).evaluate('get', { arguments: ['x'] }),
          ),
          await propose(consortium, administrator),
        ]),
        await propose(consortium, hospital.user),
      ];
    },
    [
      [
        refused('UNKNOWN', onlyForAdministrators),
        refused(
          'FAILED_PRECONDITION',
          `evaluate call to endorser returned error: ${onlyForAdministrators}`,
          `HospitalAMSP: ${onlyForAdministrators}`,
        ),
        ok,
      ],
      ok,
    ],
  ),
  scenario(
    'where the list keeps blocks for administrators, clients get filtered ones alone',
    async (consortium) => {
      const { hospital } = consortium;
      const administrator = await hospital.administrator();
      return [
        await whileListed(consortium, { 'event/Block': hospitalAdministrators }, async () => [
          await firstBlock(consortium, 'full', hospital.user),
          await firstBlock(consortium, 'filtered', hospital.user),
          await firstBlock(consortium, 'full', administrator),
        ]),
        await firstBlock(consortium, 'full', hospital.user),
      ];
    },
    [['Unexpected status response: 403', 0, 0], 0],
  ),
  scenario(
    'a policy may be named relatively, as one of the application',
    async (consortium) => {
      const { hospital, insurerA } = consortium;
      return whileListed(consortium, { 'peer/Propose': 'HospitalAMSP/Writers' }, async () => [
        await propose(consortium, hospital.user),
        await propose(consortium, insurerA.user),
      ]);
    },
    [ok, refused('UNKNOWN', unsatisfied('HospitalAMSP/Writers'))],
  ),
  scenario(
    'what is kept by a policy that there is not is kept from everybody',
    async (consortium) => {
      const { hospital } = consortium;
      return whileListed(consortium, { 'peer/Propose': '/Channel/Application/Cooks' }, async () => [
        await propose(consortium, hospital.user),
        await propose(consortium, await hospital.administrator()),
      ]);
    },
    [unknownPolicy, unknownPolicy],
  ),
  scenario(
    'who may read and not write gets blocks, and may not propose',
    async (consortium) => {
      const reader = await consortium.hospital.peerIdentity();
      return [
        await firstBlock(consortium, 'full', reader),
        await firstBlock(consortium, 'filtered', reader),
        await propose(consortium, reader),
      ];
    },
    [
      0,
      0,
      refused(
        'UNKNOWN',
        "Failed evaluating policy on signed data during check policy on channel [claims-insurer-a] with policy [/Channel/Application/Writers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied]",
      ),
    ],
  ),
]);
