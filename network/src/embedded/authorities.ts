import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { authoritiesOf, type AuthorityPlan } from '../certificate-authorities.js';
import { type NetworkDescription } from '../description.js';
import { registrarName } from '../fabric-ca/home.js';
import { organizationFolder } from './layout.js';

/** What the embedded CA reads. */
const descriptionFile = 'embedded-ca.json';

/** Folder of an authority's organisation in the network's material. */
export const authorityFolder = (description: NetworkDescription, { mspId, domain }: AuthorityPlan): string =>
  organizationFolder(mspId === description.orderer.mspId ? 'orderer' : 'peer', domain);

/** Authorities that can be served: a network whose material was made before there were any has none. */
export async function servedAuthorities(
  description: NetworkDescription,
  folder: string,
): Promise<readonly AuthorityPlan[]> {
  const plans = authoritiesOf(description);
  const served = await Promise.all(
    plans.map((plan) =>
      access(path.join(folder, authorityFolder(description, plan), 'ca', 'registrar.secret')).then(
        () => true,
        () => false,
      ),
    ),
  );
  return plans.filter((_, index) => served[index]);
}

function listenerOf(folder: string, { name, tlsName, affiliations }: AuthorityPlan, address: string) {
  const authority = (kind: 'ca' | 'tlsca', authorityName: string, chain: string) => ({
    name: authorityName,
    certificate: path.join(folder, kind, `${authorityName}-cert.pem`),
    chain: path.join(folder, kind, chain),
    privateKey: path.join(folder, kind, 'priv_sk'),
    registrar: { name: registrarName, secret: path.join(folder, kind, 'registrar.secret') },
    affiliations,
  });
  const tls = path.join(folder, 'ca', 'tls');
  return {
    address,
    tls: { certificate: path.join(tls, 'server.crt'), privateKey: path.join(tls, 'server.key') },
    authorities: [
      authority('ca', name, 'ca-chain.pem'),
      ...(tlsName === undefined ? [] : [authority('tlsca', tlsName, `${tlsName}-cert.pem`)]),
    ],
  };
}

/**
 * Describes the authorities of a network that was prepared in `folder` for the embedded CA: one listener an organisation.
 *
 * @param addresses - where to listen (`host:port`), by MSP id; a free port of the loopback for those that are not named
 * @returns the file that the embedded CA reads; undefined if the network has no authorities
 */
export async function prepareAuthorities(
  description: NetworkDescription,
  folder: string,
  addresses: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const plans = await servedAuthorities(description, folder);
  if (plans.length === 0) return undefined;
  const listeners = plans.map((plan) => {
    const address = addresses[plan.mspId] ?? '127.0.0.1:0';
    return [plan.mspId, listenerOf(authorityFolder(description, plan), plan, address)] as const;
  });
  const file = path.join(folder, descriptionFile);
  await writeFile(file, `${JSON.stringify({ listeners: Object.fromEntries(listeners) }, undefined, 2)}\n`);
  return file;
}
