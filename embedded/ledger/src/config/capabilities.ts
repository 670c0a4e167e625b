import { type ConfigGroup } from '../wire/config.js';
import { Capabilities } from '../wire/config-values.js';
import { noBytes } from '../wire/message.js';

/** What Fabric 3.1 knows, by the group that asks for it. */
const supported = {
  Channel: ['V1_1', 'V1_3', 'V1_4_2', 'V1_4_3', 'V2_0', 'V3_0'],
  Orderer: ['V1_1', 'V1_4_2', 'V2_0'],
  Application: [
    'V1_1',
    'V1_2',
    'V1_3',
    'V1_4_2',
    'V2_0',
    'V2_5',
    'V1_1_PVTDATA_EXPERIMENTAL',
    'V1_1_RESOURCETREE_EXPERIMENTAL',
  ],
} as const;

const capabilitiesIn = (group: ConfigGroup | undefined): string[] => [
  ...Capabilities.decode(group?.values.get('Capabilities')?.value ?? noBytes).capabilities.keys(),
];

/** A configuration asks for what this network cannot do. */
export class UnsupportedCapabilityError extends Error {}

/**
 * Refuses what this network cannot do.
 * @returns the capabilities of the application group
 * @throws {@link UnsupportedCapabilityError}, or in Fabric's words if the groups do not go together.
 */
export function checkCapabilities(channel: ConfigGroup): ReadonlySet<string> {
  const groups = {
    Orderer: channel.groups.get('Orderer'),
    Channel: channel,
    Application: channel.groups.get('Application'),
  };
  const asks = ({ values }: ConfigGroup) => values.has('Capabilities');
  if (groups.Orderer !== undefined && !asks(groups.Orderer)) {
    if (asks(channel)) throw new Error('cannot enable channel capabilities without orderer support first');
    if (groups.Application !== undefined && asks(groups.Application))
      throw new Error('cannot enable application capabilities without orderer support first');
  }
  for (const [kind, group] of Object.entries(groups)) {
    const known: readonly string[] = supported[kind as keyof typeof supported];
    for (const name of capabilitiesIn(group))
      if (!known.includes(name)) {
        const reason = `${kind} capability ${name} is required but not supported`;
        throw new UnsupportedCapabilityError(
          `config requires unsupported ${kind.toLowerCase()} capabilities: ${reason}: ${reason}`,
        );
      }
  }
  return new Set(capabilitiesIn(groups.Application));
}
