import { type Channel, type Channels } from '../channel.js';
import { type AclResource, defaultAcls } from '../config/acl.js';
import { reasonOf } from '../errors.js';
import { checkLocalAdministrator } from '../system/local-access.js';
import { failure, success, type SystemCall, type SystemChaincode } from '../system/system-chaincode.js';
import { type Msp } from '../msp/msp.js';
import { type InstalledPackages } from '../packages/installed-packages.js';
import { type SignedData } from '../policy/policy-manager.js';
import { WireError } from '../wire/reader.js';
import { type Response } from '../wire/transaction.js';
import * as agreement from './agreement.js';
import * as approvals from './approvals.js';
import { NotFoundError, type LifecycleCall } from './lifecycle-call.js';
import * as installation from './installation.js';
import { type LocalChaincodes } from './local-chaincodes.js';
import { lifecycleNamespace } from './state-layout.js';

/** Who may ask: administrators of the peer's own organisation, or whom the channel's policy for a resource lets. */
type Access = 'administrator' | AclResource;

interface Operation {
  readonly access: Access;
  run(call: LifecycleCall, argument: Buffer): Promise<Buffer> | Buffer;
}

const operations = new Map<string, Operation>([
  ['InstallChaincode', { access: 'administrator', run: installation.install }],
  ['QueryInstalledChaincode', { access: 'administrator', run: installation.queryInstalled }],
  ['QueryInstalledChaincodes', { access: 'administrator', run: installation.queryAllInstalled }],
  ['GetInstalledChaincodePackage', { access: 'administrator', run: installation.getPackage }],
  ['ApproveChaincodeDefinitionForMyOrg', { access: 'administrator', run: approvals.approve }],
  ['QueryApprovedChaincodeDefinition', { access: 'administrator', run: approvals.queryApproved }],
  ['QueryApprovedChaincodeDefinitions', { access: 'administrator', run: approvals.queryAllApproved }],
  ['CheckCommitReadiness', { access: '_lifecycle/CheckCommitReadiness', run: agreement.checkReadiness }],
  ['CommitChaincodeDefinition', { access: '_lifecycle/CommitChaincodeDefinition', run: agreement.commit }],
  [
    'QueryChaincodeDefinition',
    { access: '_lifecycle/QueryChaincodeDefinition', run: agreement.queryCommitted },
  ],
  [
    'QueryChaincodeDefinitions',
    { access: '_lifecycle/QueryChaincodeDefinitions', run: agreement.queryAllCommitted },
  ],
]);

export interface LifecycleChaincodeOptions {
  /** The peer's own organisation. */
  readonly msp: Msp;
  /** Channels that it is in. */
  readonly channels: Channels;
  readonly packages: InstalledPackages;
  readonly chaincodes: LocalChaincodes;
}

/** `_lifecycle`: what an organisation installs and approves, and what a channel commits. */
export class LifecycleChaincode implements SystemChaincode {
  readonly name = lifecycleNamespace;
  readonly simulates = true;
  readonly #options: LifecycleChaincodeOptions;

  constructor(options: LifecycleChaincodeOptions) {
    this.#options = options;
  }

  async invoke({ args, channel, signed, simulator }: SystemCall): Promise<Response> {
    const [name, argument] = args;
    if (name === undefined) return failure('lifecycle scc must be invoked with arguments');
    if (argument === undefined || args.length !== 2)
      return failure(`lifecycle scc operations require exactly two arguments but received ${args.length}`);
    const asked = name.toString();
    const operation = operations.get(asked);
    const unauthorized = 'Failed to authorize invocation due to failed ACL check:';
    if (operation === undefined) return failure(`${unauthorized} Unmapped policy for ${this.name}/${asked}`);
    try {
      this.#checkAccess(operation.access, channel, signed);
    } catch (error) {
      return failure(`${unauthorized} ${reasonOf(error)}`);
    }
    const { msp, ...rest } = this.#options;
    try {
      const result = await operation.run({ ...rest, mspId: msp.mspId, channel, simulator }, argument);
      return success(result);
    } catch (error) {
      if (error instanceof NotFoundError) return failure(error.message, 404);
      const reason = error instanceof WireError ? unreadableArgument(asked) : reasonOf(error);
      return failure(`failed to invoke backing implementation of '${asked}': ${reason}`);
    }
  }

  #checkAccess(access: Access, channel: Channel | undefined, signed: SignedData): void {
    if (access === 'administrator') checkLocalAdministrator(this.#options.msp, signed);
    else if (channel === undefined)
      throw new Error(
        `Failed getting local MSP principal during channelless check policy with policy [${defaultAcls[access]}]: [MSP Principal role [${defaultAcls[access]}] not recognized]`,
      );
    else channel.config.checkAccess(access, signed);
  }
}

const unreadableArgument = (operation: string) =>
  `could not decode input arg for *lifecycle.Invocation.${operation}: proto: cannot parse invalid wire-format data`;
