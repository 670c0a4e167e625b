import { type NodeRole } from './certificates.js';

const roles: readonly NodeRole[] = ['client', 'peer', 'admin', 'orderer'];

/**
 * An MSP's `config.yaml`: what somebody is stands in the organisational unit of the certificate (NodeOUs).
 *
 * @param authority - file of the authority that must have issued the certificate, relative to the MSP's folder
 */
export function nodeOusYaml(authority: string): string {
  const identifiers = roles.map((role) =>
    [
      `  ${role[0]?.toUpperCase() ?? ''}${role.slice(1)}OUIdentifier:`,
      `    Certificate: ${authority}`,
      `    OrganizationalUnitIdentifier: ${role}`,
    ].join('\n'),
  );
  return `NodeOUs:\n  Enable: true\n${identifiers.join('\n')}\n`;
}
