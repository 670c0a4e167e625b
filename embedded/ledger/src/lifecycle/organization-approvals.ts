import { type Channel } from '../channel.js';
import { parametersStructure } from './chaincode-definition.js';
import { type ChannelChaincode } from './committed-chaincodes.js';
import { committedState, isSerialized, readPackageId } from './organization-state.js';

/** That an organisation has approved a definition. */
export interface Approval {
  /** The package that runs it there; empty for none. */
  readonly packageId: string;
}

/** What one organisation has approved of what its channels have committed. */
export class OrganizationApprovals {
  readonly #mspId: string;
  /** As of which change of the channel's lifecycle state, and the approval if there is one. */
  readonly #known = new WeakMap<
    ChannelChaincode,
    { readonly revision: number; readonly approval: Approval | undefined }
  >();

  constructor(mspId: string) {
    this.#mspId = mspId;
  }

  /** Undefined if the organisation has not approved it as it was committed. */
  of(channel: Channel, definition: ChannelChaincode): Approval | undefined {
    const { revision } = channel.chaincodes;
    const known = this.#known.get(definition);
    if (known?.revision === revision) return known.approval;
    const approval = this.#read(channel, definition);
    this.#known.set(definition, { revision, approval });
    return approval;
  }

  #read(channel: Channel, definition: ChannelChaincode): Approval | undefined {
    const state = committedState(channel.store, this.#mspId);
    const name = `${definition.name}#${definition.sequence}`;
    if (!isSerialized(state, 'namespaces', name, parametersStructure(definition))) return undefined;
    return { packageId: readPackageId(state, name) ?? '' };
  }
}
