import { reasonOf } from '../errors.js';
import { MspManager } from '../msp/msp-manager.js';
import { type Msp } from '../msp/msp.js';
import { PolicyManager, type SignedData } from '../policy/policy-manager.js';
import { signatureFormOf } from '../policy/signature-form.js';
import { membersOfMost, type SignaturePolicy } from '../policy/signature-policy.js';
import { type Config, type ConfigGroup } from '../wire/config.js';
import {
  Acls,
  AnchorPeers,
  BlockDataHashingStructure,
  Capabilities,
  HashingAlgorithm,
  MspConfig,
  OrdererAddresses,
} from '../wire/config-values.js';
import { noBytes, type MessageType } from '../wire/message.js';
import { type AclResource, defaultAcls } from './acl.js';
import { checkCapabilities } from './capabilities.js';
import { type MspCache } from './msp-cache.js';
import { readOrdererSettings, type OrdererSettings } from './orderer-settings.js';

/** An organisation as a channel's configuration has it. */
export interface ChannelOrganization {
  /** Name of its group in the configuration. */
  readonly name: string;
  readonly mspId: string;
  readonly msp: Msp;
  /** `host:port` of peers that are known to others. */
  readonly anchorPeers: readonly string[];
  /** `host:port` of its ordering nodes. */
  readonly endpoints: readonly string[];
}

/** Why somebody may not use a channel. */
export class AccessDeniedError extends Error {}

const rootGroup = 'Channel';
const lifecyclePolicy = '/Channel/Application/LifecycleEndorsement';
const width = 2 ** 32 - 1;

/** What a channel's configuration says, at one moment: a change makes another. */
export class ChannelConfig {
  readonly policies: PolicyManager;
  /** Application organisations, by MSP id. */
  readonly organizations: ReadonlyMap<string, ChannelOrganization>;
  readonly ordererOrganizations: ReadonlyMap<string, ChannelOrganization>;
  /** The organisations of both. */
  readonly members: MspManager;
  readonly orderer: OrdererSettings;
  readonly #acls: ReadonlyMap<string, string>;
  readonly #capabilities: ReadonlySet<string>;

  private constructor(
    readonly channel: string,
    readonly config: Config,
    parts: {
      readonly members: MspManager;
      readonly policies: PolicyManager;
      readonly application: readonly ChannelOrganization[];
      readonly ordering: readonly ChannelOrganization[];
      readonly orderer: OrdererSettings;
      readonly acls: ReadonlyMap<string, string>;
      readonly capabilities: ReadonlySet<string>;
    },
  ) {
    const byMspId = (organizations: readonly ChannelOrganization[]) =>
      new Map(organizations.map((organization) => [organization.mspId, organization]));
    this.organizations = byMspId(parts.application);
    this.ordererOrganizations = byMspId(parts.ordering);
    this.members = parts.members;
    this.orderer = parts.orderer;
    this.#acls = parts.acls;
    this.#capabilities = parts.capabilities;
    this.policies = parts.policies;
  }

  /** @throws in Fabric's words if it is no configuration that a node could run. */
  static async open(channel: string, config: Config, msps: MspCache): Promise<ChannelConfig> {
    const { channelGroup: group } = config;
    if (group === undefined) throw new Error('config must contain a channel group');
    const ordererGroup = group.groups.get('Orderer');
    const applicationGroup = group.groups.get('Application');
    if (ordererGroup === undefined) throw new Error('config does not contain orderer config');
    if (applicationGroup === undefined) throw new Error('config does not contain application config');
    const capabilities = checkCapabilities(group);
    const parts = await readOrganizations(group, applicationGroup, ordererGroup, capabilities, msps);
    const members = new MspManager(new Set([...parts.application, ...parts.ordering].map(({ msp }) => msp)));
    let policies: PolicyManager;
    try {
      policies = new PolicyManager(rootGroup, group, members);
    } catch (error) {
      throw new Error(`initializing policymanager failed: ${reasonOf(error)}`, { cause: error });
    }
    return new ChannelConfig(channel, config, {
      ...parts,
      members,
      policies,
      acls: aclsOf(applicationGroup),
      capabilities,
    });
  }

  get sequence(): number {
    return this.config.sequence;
  }

  /** True if the application group has the capability, such as `V2_5`. */
  hasApplicationCapability(name: string): boolean {
    return this.#capabilities.has(name);
  }

  /** A policy by its full name, such as `/Channel/Application/Endorsement`, in the form of chaincodes' policies. */
  readonly signaturePolicy = (reference: string): SignaturePolicy | undefined =>
    signatureFormOf(this.policies.policy(reference).policy);

  /** Who must endorse that a chaincode is defined: what the channel says, or a member of most organisations if it does not. */
  get lifecycleEndorsement(): SignaturePolicy {
    const { found, policy } = this.policies.policy(lifecyclePolicy);
    return found ? signatureFormOf(policy) : membersOfMost([...this.organizations.keys()]);
  }

  /** The policy that guards a resource. */
  aclPolicy(resource: AclResource): string {
    return this.#acls.get(resource) ?? defaultAcls[resource];
  }

  /**
   * Checks that who signed may use the resource.
   * @throws {@link AccessDeniedError} with the words of a peer's access control.
   */
  checkAccess(resource: AclResource, signed: SignedData): void {
    const own = this.#acls.get(resource);
    const path = own ?? defaultAcls[resource];
    const { found, policy } = this.policies.policy(path);
    try {
      if (own !== undefined && !found) throw new Error(`policy ${path} not found`);
      policy.evaluateIdentities(this.policies.signers([signed]));
    } catch (error) {
      const checked =
        own === undefined
          ? `Failed evaluating policy on signed data during check policy on channel [${this.channel}] with policy [${path}]`
          : `failed evaluating policy on signed data during check policy [${path}]`;
      throw new AccessDeniedError(`${checked}: [${reasonOf(error)}]`, { cause: error });
    }
  }
}

/** The value of a name in a group, or what an empty one says. */
export function valueOf<T>(group: ConfigGroup, name: string, type: MessageType<T>): T {
  return type.decode(group.values.get(name)?.value ?? noBytes);
}

async function readOrganizations(
  group: ConfigGroup,
  applicationGroup: ConfigGroup,
  ordererGroup: ConfigGroup,
  capabilities: ReadonlySet<string>,
  msps: MspCache,
) {
  try {
    checkChannelValues(group);
    const application = await inSubGroup('Application', () => {
      if (applicationGroup.values.has('ACLs') && capabilities.size === 0)
        throw new Error('ACLs may not be specified without the required capability');
      return organizationsOf('Application', applicationGroup, msps);
    });
    const { ordering, orderer } = await inSubGroup('Orderer', async () => {
      const settings = readOrdererSettings(ordererGroup);
      const organizations = await organizationsOf('Orderer', ordererGroup, msps);
      checkEndpoints(group, organizations);
      return { ordering: organizations, orderer: settings };
    });
    const all = [...application, ...ordering].map(({ msp }) => msp);
    for (const msp of all)
      if (all.some((other) => other.mspId === msp.mspId && other !== msp))
        throw new Error(`Attempted to define two different versions of MSP: ${msp.mspId}`);
    return { application, ordering, orderer };
  } catch (error) {
    throw new Error(`initializing channelconfig failed: ${reasonOf(error)}`, { cause: error });
  }
}

type SubGroup = 'Application' | 'Orderer';

async function inSubGroup<T>(name: SubGroup, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`could not create channel ${name} sub-group config: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function checkChannelValues(group: ConfigGroup): void {
  for (const name of group.groups.keys())
    if (name !== 'Application' && name !== 'Orderer') throw new Error(`Disallowed channel group: ${name}`);
  const { name: algorithm } = valueOf(group, 'HashingAlgorithm', HashingAlgorithm);
  // The chain is made of SHA-256 alone here.
  if (algorithm !== 'SHA256') throw new Error(`Unknown hashing algorithm type: ${algorithm}`);
  if (valueOf(group, 'BlockDataHashingStructure', BlockDataHashingStructure).width !== width)
    throw new Error('BlockDataHashStructure width only supported at MaxUint32 in this version');
  const { addresses } = valueOf(group, 'OrdererAddresses', OrdererAddresses);
  const { capabilities } = valueOf(group, 'Capabilities', Capabilities);
  if (capabilities.has('V3_0') && addresses.length > 0)
    throw new Error(
      'global OrdererAddresses are not allowed with V3_0 capability, use org specific addresses only',
    );
}

function checkEndpoints(group: ConfigGroup, ordering: readonly ChannelOrganization[]): void {
  if (!valueOf(group, 'Capabilities', Capabilities).capabilities.has('V3_0')) return;
  const without = ordering.filter(({ endpoints }) => endpoints.length === 0).map(({ name }) => name);
  if (without.length > 0)
    throw new Error(`some orderer organizations endpoints are empty: [${without.join(' ')}]`);
}

function organizationsOf(kind: SubGroup, group: ConfigGroup, msps: MspCache): Promise<ChannelOrganization[]> {
  return Promise.all(
    [...group.groups].map(async ([name, organization]) => {
      if (organization.groups.size > 0) throw new Error(`${kind}Org config does not allow sub-groups`);
      const msp = await openMsp(organization, msps);
      if (msp.mspId === '') throw new Error(`MSP for org ${name} has empty MSP ID`);
      const { anchorPeers } = valueOf(organization, 'AnchorPeers', AnchorPeers);
      return {
        name,
        mspId: msp.mspId,
        msp,
        anchorPeers: anchorPeers.map(({ host, port }) => `${host}:${port}`),
        endpoints: valueOf(organization, 'Endpoints', OrdererAddresses).addresses,
      };
    }),
  );
}

async function openMsp(organization: ConfigGroup, msps: MspCache): Promise<Msp> {
  try {
    return await msps.open(organization.values.get('MSP')?.value ?? MspConfig.encode({}));
  } catch (error) {
    throw new Error(`setting up the MSP manager failed: ${reasonOf(error)}`, { cause: error });
  }
}

/** Policies are named absolutely, or relative to the application group. */
function aclsOf(application: ConfigGroup): Map<string, string> {
  const { acls } = valueOf(application, 'ACLs', Acls);
  return new Map(
    [...acls]
      .filter(([, { policyRef }]) => policyRef !== '')
      .map(([resource, { policyRef }]) => [
        resource,
        policyRef.startsWith('/') ? policyRef : `/${rootGroup}/Application/${policyRef}`,
      ]),
  );
}
