import { packageService } from '@medigraph/network/admin';
import { refused } from '../answer.js';
import { type Consortium } from '../consortium.js';
import { approval, named, proposed } from '../fabric/lifecycle-calls.js';
import { archiveOf, entryOf, metadataOf } from '../fabric/archives.js';
import { makeProposal } from '../fabric/proposal.js';
import { touchedBy } from '../fabric/touched.js';
import { group, scenario } from '../scenario.js';
import {
  messages,
  callPeer,
  answerOf,
  install,
  installed,
  packageOf,
  lifecycleOf,
  endorsed,
  approve,
  commit,
  evaluated,
  readiness,
  committed,
  fresh,
  upgraded,
  callFresh,
} from './lifecycle-steps.js';
import {
  notApproved,
  invalidDefinition,
  hospitalRefuses,
  refusedDefinitions,
  refusedPackages,
} from './lifecycle-refusals.js';

export const lifecycle = group('lifecycle', [
  scenario(
    'an administrator installs a package and gets it back as it was',
    async ({ hospital }) => {
      const { content, id } = await packageService('unused_1.0', '127.0.0.1:9');
      const result = messages.InstallChaincodeResult.deserializeBinary(
        (await install(hospital, content)).getPayload_asU8(),
      );
      const args = new messages.GetInstalledChaincodePackageArgs();
      args.setPackageId(id);
      const administrator = await hospital.administrator();
      const response = await callPeer(
        hospital,
        administrator,
        'GetInstalledChaincodePackage',
        args.serializeBinary(),
      );
      const back = messages.GetInstalledChaincodePackageResult.deserializeBinary(response.getPayload_asU8());
      return [
        result.getLabel(),
        result.getPackageId() === id,
        Buffer.compare(back.getChaincodeInstallPackage_asU8(), content),
      ];
    },
    ['unused_1.0', true, 0],
  ),
  scenario(
    'a package is installed once',
    async ({ hospital }) => {
      const { content } = await packageService('unused_1.0', '127.0.0.1:9');
      return answerOf(await install(hospital, content));
    },
    [
      500,
      "failed to invoke backing implementation of 'InstallChaincode': chaincode already successfully installed (package ID 'unused_1.0:<id>')",
    ],
  ),
  ...refusedPackages.map(([what, make, reason]) =>
    scenario(
      `a package is refused that has ${what}`,
      async ({ hospital }) => answerOf(await install(hospital, await make())),
      [
        500,
        `failed to invoke backing implementation of 'InstallChaincode': could not parse as a chaincode install package: ${reason}`,
      ],
    ),
  ),
  ...(['golang', 'ccaas'] as const).map((type) =>
    scenario(
      `a package of type ${type} is refused if nobody here can run what is in it`,
      async ({ hospital }) => {
        const code = await archiveOf(entryOf('src/main.go', 'package main'));
        const content = await archiveOf(metadataOf('golang_1', type), entryOf('code.tar.gz', code));
        const [status, message] = answerOf(await install(hospital, content));
        return [status, String(message).split(': ').slice(0, 2)];
      },
      [500, ["failed to invoke backing implementation of 'InstallChaincode'", 'could not build chaincode']],
    ),
  ),
  scenario(
    'a package that is not installed is not found',
    async ({ hospital }) => {
      const args = new messages.GetInstalledChaincodePackageArgs();
      args.setPackageId('nobody:00');
      const administrator = await hospital.administrator();
      return Promise.all(
        ['GetInstalledChaincodePackage', 'QueryInstalledChaincode'].map(async (operation) =>
          answerOf(await callPeer(hospital, administrator, operation, args.serializeBinary())),
        ),
      );
    },
    [
      [
        500,
        "failed to invoke backing implementation of 'GetInstalledChaincodePackage': could not load cc install package: chaincode install package 'nobody:00' not found",
      ],
      [
        500,
        "failed to invoke backing implementation of 'QueryInstalledChaincode': could not find chaincode with package id 'nobody:00'",
      ],
    ],
  ),
  scenario(
    'an installed package names the chaincodes that run from it, by channel',
    async ({ hospital, insurerB }) =>
      Promise.all(
        [hospital, insurerB].map(async (member) => {
          const found = (await installed(member)).find((each) => each.getLabel() === 'probe');
          return [...(found?.getReferencesMap().entries() ?? [])]
            .map(([channel, using]) => [
              channel,
              using.getChaincodesList().map((each) => [each.getName(), each.getVersion()]),
            ])
            .sort();
        }),
      ),
    [
      [
        ['care', [['probe', '1']]],
        ['claims-insurer-a', [['probe', '1']]],
      ],
      [['care', [['probe', '1']]]],
    ],
  ),
  scenario(
    'only administrators of its own organisation install on a peer',
    async (consortium) => {
      const { hospital, insurerA } = consortium;
      const content = (await packageService('unused_2.0', '127.0.0.1:9')).content;
      return [
        answerOf(await install(hospital, content, hospital.user)),
        await consortium.refusalOf(install(hospital, content, await insurerA.administrator())),
      ];
    },
    [
      [
        500,
        "Failed to authorize invocation due to failed ACL check: Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [The identity is not an admin under this MSP [HospitalAMSP]: The identity does not contain OU [ADMIN], MSP: [HospitalAMSP]]",
      ],
      refused(
        'UNKNOWN',
        'error validating proposal: access denied: channel [] creator org unknown, creator is malformed',
      ),
    ],
  ),
  scenario(
    'a client may be let to invoke, and yet not to approve',
    async ({ hospital }) =>
      lifecycleOf(hospital).submit('ApproveChaincodeDefinitionForMyOrg', {
        arguments: [approval(fresh)],
        endorsingOrganizations: ['HospitalAMSP'],
      }),
    refused(
      'ABORTED',
      'failed to collect enough transaction endorsements, see attached details for more info',
      "HospitalAMSP: chaincode response 500, Failed to authorize invocation due to failed ACL check: Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [Admins]: [The identity is not an admin under this MSP [HospitalAMSP]: The identity does not contain OU [ADMIN], MSP: [HospitalAMSP]]",
    ),
  ),
  scenario(
    'an operation takes one argument, which must be readable, and must be one',
    async ({ hospital }) => {
      const administrator = await hospital.administrator();
      const garbage = Buffer.from([0xff]);
      return Promise.all(
        [
          ['QueryInstalledChaincodes'],
          ['QueryInstalledChaincodes', garbage, garbage],
          ['InstallChaincode', garbage],
          ['Nonsense', garbage],
        ].map(async ([operation = '', ...args]) => {
          const [status, message] = answerOf(
            await callPeer(hospital, administrator, operation as string, ...(args as Uint8Array[])),
          );
          return [status, String(message).replace(/proto:\s/g, 'proto: ')];
        }),
      );
    },
    [
      [500, 'lifecycle scc operations require exactly two arguments but received 1'],
      [500, 'lifecycle scc operations require exactly two arguments but received 3'],
      [
        500,
        "failed to invoke backing implementation of 'InstallChaincode': could not decode input arg for *lifecycle.Invocation.InstallChaincode: proto: cannot parse invalid wire-format data",
      ],
      [
        500,
        'Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/Nonsense',
      ],
    ],
  ),
  ...refusedDefinitions.map(([what, definition, reason]) =>
    scenario(
      `a definition is not approved ${what}`,
      ({ hospital }) => approve(hospital, definition),
      invalidDefinition(reason),
    ),
  ),
  scenario(
    'an approval reads what is committed, and writes to nothing but the collection of its organisation',
    async ({ hospital }) => {
      const transaction = await endorsed(
        hospital,
        'ApproveChaincodeDefinitionForMyOrg',
        approval(fresh, await packageOf(hospital)),
      );
      return touchedBy(transaction.getBytes());
    },
    [
      {
        namespace: '_lifecycle',
        reads: ['namespaces/fields/fresh/Sequence', 'namespaces/metadata/fresh'],
        writes: [],
        collections: ['_implicit_org_HospitalAMSP: 2 reads, 6 writes'],
      },
      { namespace: 'lscc', reads: ['fresh'], writes: [], collections: [] },
    ],
  ),
  scenario(
    'nothing is approved at first, then each organisation for itself',
    async ({ hospital, insurerA }) => [
      await readiness(hospital, fresh),
      await approve(hospital, fresh),
      await approve(insurerA, fresh),
      await readiness(hospital, fresh),
      await readiness(hospital, { ...fresh, version: 'other', endorsers: ['HospitalAMSP'] }),
    ],
    [
      [
        { HospitalAMSP: false, InsurerAMSP: false, InsurerBMSP: false },
        {
          HospitalAMSP: ['ChaincodeParameters'],
          InsurerAMSP: ['ChaincodeParameters'],
          InsurerBMSP: ['ChaincodeParameters'],
        },
      ],
      'VALID',
      'VALID',
      [
        { HospitalAMSP: true, InsurerAMSP: true, InsurerBMSP: false },
        { InsurerBMSP: ['ChaincodeParameters'] },
      ],
      [
        { HospitalAMSP: false, InsurerAMSP: false, InsurerBMSP: false },
        {
          HospitalAMSP: ['EndorsementInfo', 'ValidationInfo'],
          InsurerAMSP: ['EndorsementInfo', 'ValidationInfo'],
          InsurerBMSP: ['ChaincodeParameters'],
        },
      ],
    ],
  ),
  scenario(
    'an approval is not given twice',
    ({ hospital }) => approve(hospital, fresh),
    invalidDefinition(
      'attempted to redefine uncommitted sequence (1) for namespace fresh with unchanged content',
    ),
  ),
  scenario(
    'a peer does not endorse the commit of what its organisation has not approved',
    ({ hospital, insurerA, insurerB }) => commit(hospital, fresh, [hospital, insurerA, insurerB]),
    refused(
      'ABORTED',
      'failed to collect enough transaction endorsements, see attached details for more info',
      "InsurerBMSP: chaincode response 500, failed to invoke backing implementation of 'CommitChaincodeDefinition': chaincode definition not agreed to by this org (InsurerBMSP)",
    ),
  ),
  scenario(
    'a commit of the wrong sequence is not endorsed',
    ({ hospital }) => commit(hospital, { ...fresh, sequence: 2 }, [hospital]),
    hospitalRefuses(
      'CommitChaincodeDefinition',
      'requested sequence is 2, but new definition must be sequence 1',
    ),
  ),
  scenario(
    'readiness is not told of the wrong sequence',
    ({ hospital }) => readiness(hospital, { ...fresh, sequence: 7 }),
    refused(
      'UNKNOWN',
      "evaluate call to endorser returned error: chaincode response 500, failed to invoke backing implementation of 'CheckCommitReadiness': requested sequence is 7, but new definition must be sequence 1",
      "HospitalAMSP: chaincode response 500, failed to invoke backing implementation of 'CheckCommitReadiness': requested sequence is 7, but new definition must be sequence 1",
    ),
  ),
  scenario(
    'a commit that a minority endorses is not valid',
    ({ hospital }) => commit(hospital, fresh, [hospital]),
    'ENDORSEMENT_POLICY_FAILURE',
  ),
  scenario(
    'a definition that is not committed is not found',
    ({ hospital }) => committed(hospital, 'fresh'),
    refused(
      'UNKNOWN',
      'evaluate call to endorser returned error: chaincode response 404, namespace fresh is not defined',
      'HospitalAMSP: chaincode response 404, namespace fresh is not defined',
    ),
  ),
  scenario(
    'a commit reads every approval, and writes the definition field by field',
    async ({ hospital, insurerA }) => {
      const transaction = await endorsed(hospital, 'CommitChaincodeDefinition', proposed(fresh), [
        hospital.mspId,
        insurerA.mspId,
      ]);
      return touchedBy(transaction.getBytes());
    },
    [
      {
        namespace: '_lifecycle',
        reads: ['namespaces/fields/fresh/Sequence', 'namespaces/metadata/fresh'],
        writes: [
          'namespaces/fields/fresh/Collections',
          'namespaces/fields/fresh/EndorsementInfo',
          'namespaces/fields/fresh/Sequence',
          'namespaces/fields/fresh/ValidationInfo',
          'namespaces/metadata/fresh',
        ],
        collections: [
          '_implicit_org_HospitalAMSP: 4 reads, 0 writes',
          '_implicit_org_InsurerAMSP: 4 reads, 0 writes',
          '_implicit_org_InsurerBMSP: 4 reads, 0 writes',
        ],
      },
      { namespace: 'lscc', reads: ['fresh'], writes: [], collections: [] },
    ],
  ),
  scenario(
    'a commit that a majority endorses is valid, and everybody sees it',
    async (consortium) => {
      const { hospital, insurerA, insurerB } = consortium;
      const code = await commit(hospital, fresh, [hospital, insurerA]);
      return [
        code,
        await committed(hospital, 'fresh'),
        await consortium.patiently(() => committed(insurerB, 'fresh')),
      ];
    },
    [
      'VALID',
      ...Array<unknown>(2).fill([
        '1',
        1,
        true,
        'escc',
        'vscc',
        { HospitalAMSP: true, InsurerAMSP: true, InsurerBMSP: false },
      ]),
    ],
  ),
  scenario(
    'an approval that comes late is one all the same',
    async ({ insurerB }) => [await approve(insurerB, fresh), (await committed(insurerB, 'fresh')).at(-1)],
    ['VALID', { HospitalAMSP: true, InsurerAMSP: true, InsurerBMSP: true }],
  ),
  scenario(
    'a chaincode that must be initialized is called as init first, and once',
    async (consortium) => {
      const { hospital, insurerA } = consortium;
      const both = [hospital, insurerA];
      const call = (isInit: boolean) =>
        consortium.refusalOf(callFresh(hospital, both, ['put', 'begun', '1'], isInit));
      return [await call(false), await call(true), await call(true), await call(false)];
    },
    [
      refused(
        'ABORTED',
        'failed to collect enough transaction endorsements, see attached details for more info',
        "HospitalAMSP: error in simulation: failed to execute transaction <id>: invalid invocation: chaincode 'fresh' has not been initialized for this version, must call as init first",
        "InsurerAMSP: error in simulation: failed to execute transaction <id>: invalid invocation: chaincode 'fresh' has not been initialized for this version, must call as init first",
      ),
      'VALID',
      refused(
        'ABORTED',
        'failed to collect enough transaction endorsements, see attached details for more info',
        "HospitalAMSP: error in simulation: failed to execute transaction <id>: invalid invocation: chaincode 'fresh' is already initialized but called as init",
        "InsurerAMSP: error in simulation: failed to execute transaction <id>: invalid invocation: chaincode 'fresh' is already initialized but called as init",
      ),
      'VALID',
    ],
  ),
  scenario(
    'an upgrade is approved and committed as the next sequence, and its policy holds',
    async (consortium) => {
      const { hospital, insurerA, insurerB } = consortium;
      const approvals = [await approve(hospital, upgraded), await approve(insurerA, upgraded)];
      const code = await commit(hospital, upgraded, [hospital, insurerA]);
      await consortium.patiently(() => committed(insurerB, 'fresh'));
      return [
        ...approvals,
        code,
        (await committed(hospital, 'fresh')).slice(0, 3),
        await consortium.refusalOf(callFresh(hospital, [hospital], ['put', 'begun', '2'])),
        await consortium.refusalOf(callFresh(hospital, [insurerA], ['put', 'begun', '3'])),
      ];
    },
    ['VALID', 'VALID', 'VALID', ['2', 2, false], 'VALID', 'ENDORSEMENT_POLICY_FAILURE'],
  ),
  scenario(
    'a peer whose organisation has not approved the upgrade does not run it',
    async (consortium) => {
      const proposal = await makeProposal(consortium.insurerB.user, { chaincode: 'fresh' });
      const [status, message] = await consortium.patiently(async () => {
        const answer = await consortium.insurerB.peer.processProposal(proposal);
        if (!answer[1].includes('sequence 2')) throw new Error('its peer has not seen the upgrade yet');
        return answer;
      });
      return [status, message.includes(notApproved)];
    },
    [500, true],
  ),
  scenario(
    'an organisation asks what it has approved: of one sequence, or the latest',
    async (consortium) => {
      const { hospital } = consortium;
      const administrator = await hospital.administrator();
      const ask = async (name: string, sequence: number) => {
        const answer = await lifecycleOf(hospital, administrator).evaluate(
          'QueryApprovedChaincodeDefinition',
          {
            arguments: [named(name, sequence)],
            endorsingOrganizations: ['HospitalAMSP'],
          },
        );
        const result = messages.QueryApprovedChaincodeDefinitionResult.deserializeBinary(answer);
        const packageId = result.getSource()?.getLocalPackage()?.getPackageId() ?? '';
        return [result.getSequence(), result.getVersion(), packageId.replace(/[0-9a-f]{64}/, '<id>')];
      };
      return [await ask('fresh', 0), await ask('fresh', 1), await consortium.refusalOf(ask('fresh', 9))];
    },
    [
      [2, '2', 'probe:<id>'],
      [1, '1', 'probe:<id>'],
      refused(
        'UNKNOWN',
        "evaluate call to endorser returned error: chaincode response 500, failed to invoke backing implementation of 'QueryApprovedChaincodeDefinition': could not fetch approved chaincode definition (name: 'fresh', sequence: '9') on channel 'care'",
        "HospitalAMSP: chaincode response 500, failed to invoke backing implementation of 'QueryApprovedChaincodeDefinition': could not fetch approved chaincode definition (name: 'fresh', sequence: '9') on channel 'care'",
      ),
    ],
  ),
  scenario(
    'all that is committed on a channel is listed',
    async ({ hospital }) => {
      const answer = await evaluated(hospital, 'QueryChaincodeDefinitions', new Uint8Array());
      return messages.QueryChaincodeDefinitionsResult.deserializeBinary(answer)
        .getChaincodeDefinitionsList()
        .map((each) => [each.getName(), each.getSequence()])
        .sort();
    },
    [
      ['fresh', 2],
      ['other', 1],
      ['probe', 1],
    ],
  ),
  scenario(
    'who is in no organisation of a channel is told nothing of its definitions',
    ({ insurerB }: Consortium) =>
      evaluated(insurerB, 'QueryChaincodeDefinitions', new Uint8Array(), 'claims-insurer-a'),
    refused(
      'UNAVAILABLE',
      'failed to get config for channel [claims-insurer-a]: could not get last config for channel claims-insurer-a',
    ),
  ),
]);
