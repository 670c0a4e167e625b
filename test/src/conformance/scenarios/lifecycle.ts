import { peer } from '@hyperledger/fabric-protos';
import { type CollectionDescription, collectionsOf, packageService } from '@medigraph/network/admin';
import { refused, validationName } from '../answer.js';
import { type Consortium, type Member } from '../consortium.js';
import { type Signatory } from '../fabric/identity.js';
import { approval, named, proposed, type ProposedDefinition } from '../fabric/lifecycle-calls.js';
import { archiveOf, entryOf, metadataOf } from '../fabric/archives.js';
import { makeProposal } from '../fabric/proposal.js';
import { touchedBy } from '../fabric/touched.js';
import { group, scenario } from '../scenario.js';

const messages = peer.lifecycle;

/** Calls `_lifecycle` on the member's peer alone, outside of any channel. */
async function callPeer(
  member: Member,
  signatory: Signatory,
  operation: string,
  ...args: readonly Uint8Array[]
): Promise<peer.Response> {
  const parts = { channel: '', chaincode: '_lifecycle', args: [operation, ...args] };
  return member.peer.respond(await makeProposal(signatory, parts));
}

const answerOf = (response: peer.Response) => [
  response.getStatus(),
  response.getMessage().replace(/[0-9a-f]{64}/g, '<id>'),
];

async function install(member: Member, content: Uint8Array, signatory?: Signatory): Promise<peer.Response> {
  const args = new messages.InstallChaincodeArgs();
  args.setChaincodeInstallPackage(content);
  const who = signatory ?? (await member.administrator());
  return callPeer(member, who, 'InstallChaincode', args.serializeBinary());
}

/** Packages that the member's peer has, by label. */
async function installed(member: Member) {
  const response = await callPeer(
    member,
    await member.administrator(),
    'QueryInstalledChaincodes',
    new Uint8Array(),
  );
  return messages.QueryInstalledChaincodesResult.deserializeBinary(
    response.getPayload_asU8(),
  ).getInstalledChaincodesList();
}

async function packageOf(member: Member, label = 'probe'): Promise<string> {
  const found = (await installed(member)).find((each) => each.getLabel() === label);
  return found?.getPackageId() ?? 'nothing installed';
}

const lifecycleOf = (member: Member, signatory?: Signatory, channel = 'care') =>
  member.gateway(signatory).getNetwork(channel).getContract('_lifecycle');

/** Has the member's peer endorse a call of `_lifecycle`, as its administrator; what it touches is in the answer. */
async function endorsed(member: Member, operation: string, argument: Uint8Array, by = [member.mspId]) {
  return lifecycleOf(member, await member.administrator())
    .newProposal(operation, { arguments: [argument], endorsingOrganizations: [...by] })
    .endorse();
}

async function submitted(...call: Parameters<typeof endorsed>): Promise<string> {
  const transaction = await (await endorsed(...call)).submit();
  return validationName((await transaction.getStatus()).code);
}

/** Approves for the member's organisation, to be run from the package of the probe. */
async function approve(member: Member, definition: ProposedDefinition): Promise<string> {
  return submitted(
    member,
    'ApproveChaincodeDefinitionForMyOrg',
    approval(definition, await packageOf(member)),
  );
}

const commit = (member: Member, definition: ProposedDefinition, by: readonly Member[]) =>
  submitted(
    member,
    'CommitChaincodeDefinition',
    proposed(definition),
    by.map(({ mspId }) => mspId),
  );

const evaluated = async (member: Member, operation: string, argument: Uint8Array, channel = 'care') =>
  lifecycleOf(member, undefined, channel).evaluate(operation, {
    arguments: [argument],
    endorsingOrganizations: [member.mspId],
  });

const sorted = (map: { entries(): Iterable<[string, unknown]> | Iterator<[string, unknown]> }) =>
  Object.fromEntries(
    [...(map.entries() as Iterable<[string, unknown]>)].sort(([a], [b]) => (a < b ? -1 : 1)),
  );

async function readiness(member: Member, definition: ProposedDefinition) {
  const answer = await evaluated(member, 'CheckCommitReadiness', proposed(definition));
  const result = messages.CheckCommitReadinessResult.deserializeBinary(answer);
  const mismatches = [...result.getMismatchesMap().entries()].map(
    ([mspId, items]) => [mspId, items.getItemsList()] as const,
  );
  return [sorted(result.getApprovalsMap()), Object.fromEntries(mismatches.sort())];
}

/** How a definition is committed: version, sequence, whether it must be initialized, and who has approved it. */
async function committed(member: Member, name: string) {
  const answer = await evaluated(member, 'QueryChaincodeDefinition', named(name));
  const result = messages.QueryChaincodeDefinitionResult.deserializeBinary(answer);
  return [
    result.getVersion(),
    result.getSequence(),
    result.getInitRequired(),
    result.getEndorsementPlugin(),
    result.getValidationPlugin(),
    sorted(result.getApprovalsMap()),
  ];
}

const fresh = { name: 'fresh', initRequired: true };
const upgraded = { name: 'fresh', version: '2', sequence: 2, endorsers: ['HospitalAMSP'] };

/** A call of the chaincode that is brought up here, endorsed by these members. */
async function callFresh(member: Member, by: readonly Member[], args: readonly string[], isInit = false) {
  const proposal = await makeProposal(member.user, { chaincode: 'fresh', args, isInit });
  const envelope = await member.peer.endorse(
    proposal,
    by.map(({ mspId }) => mspId),
  );
  await member.peer.submit(proposal, await member.signEnvelope(envelope));
  const [code] = await member.peer.commitStatus(member.user, { transactionId: proposal.transactionId });
  return code;
}

const collectionsFor = (...descriptions: readonly Partial<CollectionDescription>[]) =>
  collectionsOf(
    descriptions.map((description) => ({
      name: 'secrets',
      policy: "OR('HospitalAMSP.member', 'InsurerAMSP.member')",
      requiredPeers: 0,
      maxPeers: 1,
      blockToLive: 0,
      memberOnlyRead: false,
      memberOnlyWrite: false,
      ...description,
    })),
  );

const notApproved = "'fresh' at sequence 2 on channel 'care' has not yet been approved by this org";
const invalidDefinition = (reason: string) =>
  refused(
    'ABORTED',
    'failed to collect enough transaction endorsements, see attached details for more info',
    `HospitalAMSP: chaincode response 500, failed to invoke backing implementation of 'ApproveChaincodeDefinitionForMyOrg': ${reason}`,
  );
const hospitalRefuses = (operation: string, reason: string) =>
  refused(
    'ABORTED',
    'failed to collect enough transaction endorsements, see attached details for more info',
    `HospitalAMSP: chaincode response 500, failed to invoke backing implementation of '${operation}': ${reason}`,
  );

/** Packages that no peer takes, and what it says. */
const refusedPackages: readonly (readonly [string, () => Promise<Uint8Array>, string])[] = [
  ['nothing at all', () => Promise.resolve(new Uint8Array()), 'error reading as gzip stream: EOF'],
  [
    'no archive',
    () => Promise.resolve(Buffer.from('no archive at all')),
    'error reading as gzip stream: gzip: invalid header',
  ],
  ['no code', () => archiveOf(metadataOf('empty')), 'did not find a code package inside the package'],
  [
    'no metadata',
    () => archiveOf(entryOf('code.tar.gz', 'x')),
    'did not find any package metadata (missing metadata.json)',
  ],
  [
    'a label that would be a path',
    () => archiveOf(metadataOf('../../up'), entryOf('code.tar.gz', 'x')),
    "invalid label '../../up'. Label must be non-empty, can only consist of alphanumerics, symbols from '.+-_', and can only begin with alphanumerics",
  ],
  [
    'a folder in it',
    () => archiveOf(entryOf('src', '', 'directory')),
    'tar entry src is not a regular file, type 53',
  ],
  [
    'a link in it',
    () => archiveOf(entryOf('metadata.json', '', 'symlink')),
    'tar entry metadata.json is not a regular file, type 50',
  ],
];

const refusedDefinitions: readonly (readonly [string, ProposedDefinition, string])[] = [
  [
    'with a name that none may have',
    { name: 'not/allowed' },
    "error validating chaincode definition: invalid chaincode name 'not/allowed'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics",
  ],
  [
    'of a system chaincode',
    { name: 'qscc' },
    "error validating chaincode definition: chaincode name 'qscc' is the name of a system chaincode",
  ],
  [
    'with a version that none may have',
    { name: 'fresh', version: '1/2' },
    "error validating chaincode definition: invalid chaincode version '1/2'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'",
  ],
  [
    'of sequence 0',
    { name: 'fresh', sequence: 0 },
    'requested sequence is 0, but first definable sequence number is 1',
  ],
  [
    'of a sequence to come',
    { name: 'fresh', sequence: 3 },
    'requested sequence 3 is larger than the next available sequence number 1',
  ],
  [
    'of a sequence that is past',
    { name: 'other', sequence: 0 },
    'currently defined sequence 1 is larger than requested sequence 0',
  ],
  [
    'with a collection of somebody who is no member',
    { name: 'fresh', collections: collectionsFor({ policy: "OR('NobodyMSP.member')" }) },
    "error validating chaincode definition: collection-name: secrets -- collection member 'NobodyMSP' is not part of the channel",
  ],
  [
    'with a collection of two at once',
    {
      name: 'fresh',
      collections: collectionsFor({ policy: "AND('HospitalAMSP.member', 'InsurerAMSP.member')" }),
    },
    'error validating chaincode definition: collection-name: secrets -- error in member org policy: signature policy is not an OR concatenation, NOutOf 2',
  ],
  [
    'with two collections of one name',
    { name: 'fresh', collections: collectionsFor({}, {}) },
    'error validating chaincode definition: collection-name: secrets -- found duplicate in collection configuration',
  ],
  [
    'with a collection that must reach more peers than it may',
    { name: 'fresh', collections: collectionsFor({ requiredPeers: 2 }) },
    'error validating chaincode definition: collection-name: secrets -- maximum peer count (1) cannot be less than the required peer count (2)',
  ],
  [
    'with a collection that has a name of an implicit one',
    { name: 'fresh', collections: collectionsFor({ name: '_implicit_org_HospitalAMSP' }) },
    "error validating chaincode definition: invalid collection name '_implicit_org_HospitalAMSP'. Names can only consist of alphanumerics, '_', and '-' and cannot begin with '_'",
  ],
  [
    'that drops the collections there are',
    { name: 'probe', sequence: 2 },
    'error validating chaincode definition: the proposed collection config does not contain previously defined collections',
  ],
  [
    'that drops one of the collections there are',
    { name: 'probe', sequence: 2, collections: collectionsFor({ name: 'others' }) },
    'error validating chaincode definition: existing collection [shared] missing in the proposed collection configuration',
  ],
  [
    'that is committed otherwise',
    { name: 'other', version: 'another' },
    "attempted to redefine the current committed sequence (1) for namespace other with different parameters: expected Version '1' does not match passed Version 'another'",
  ],
];

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
