import { type ChannelConfig, type ChannelOrganization } from './channel-config.js';

/**
 * Refuses a configuration that is right by itself but cannot follow this one.
 * @throws in Fabric's words.
 */
export function checkTransition(current: ChannelConfig, next: ChannelConfig): void {
  checkOrganizations('orderer', current.ordererOrganizations, next.ordererOrganizations);
  checkOrganizations('application', current.organizations, next.organizations);
  const { consensusType } = current.orderer;
  // There is one orderer here, of one kind: nothing to migrate to, so no maintenance for it either.
  if (next.orderer.consensusType !== consensusType)
    throw new Error(
      `attempted to change consensus type from ${consensusType} to ${next.orderer.consensusType}, but current config ConsensusType.State is not in maintenance mode`,
    );
  if (next.orderer.consensusState !== 0)
    throw new Error(
      `next config attempted to change ConsensusType.State to STATE_MAINTENANCE, but capability is disabled`,
    );
}

function checkOrganizations(
  kind: 'orderer' | 'application',
  current: ReadonlyMap<string, ChannelOrganization>,
  next: ReadonlyMap<string, ChannelOrganization>,
): void {
  const after = [...next.values()];
  for (const { name, mspId } of current.values()) {
    const renamed = after.find((organization) => organization.name === name && organization.mspId !== mspId);
    if (renamed !== undefined)
      throw new Error(`${kind} org ${name} attempted to change MSP ID from ${mspId} to ${renamed.mspId}`);
  }
}
