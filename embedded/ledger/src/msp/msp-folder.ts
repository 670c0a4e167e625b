import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigurationError, reasonOf } from '../errors.js';
import { type FabricMspConfig, type OuIdentifier } from '../wire/config-values.js';
import { noBytes, type Decoded } from '../wire/message.js';

/** What an organisation says of its membership: the same whether it stands in a folder or in a channel's configuration. */
export type MspConfiguration = Decoded<typeof FabricMspConfig>;

const ouIdentifier = z.object({
  Certificate: z.string().default(''),
  OrganizationalUnitIdentifier: z.string(),
});
const configYaml = z.object({
  OrganizationalUnitIdentifiers: z.array(ouIdentifier).nullish(),
  NodeOUs: z
    .object({
      Enable: z.boolean().default(false),
      ClientOUIdentifier: ouIdentifier.nullish(),
      PeerOUIdentifier: ouIdentifier.nullish(),
      AdminOUIdentifier: ouIdentifier.nullish(),
      OrdererOUIdentifier: ouIdentifier.nullish(),
    })
    .nullish(),
});

const absent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function filesOf(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (absent(error)) return [];
    throw error;
  });
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name))));
}

async function yamlOf(folder: string): Promise<z.infer<typeof configYaml>> {
  const text = await readFile(path.join(folder, 'config.yaml'), 'utf8').catch((error: unknown) => {
    if (absent(error)) return '{}';
    throw error;
  });
  return configYaml.parse(parse(text));
}

/**
 * Reads an MSP folder in the layout of `cryptogen` and of Fabric CA's client (`cacerts`, `intermediatecerts`,
 * `admincerts`, `crls`, `tlscacerts`, `config.yaml`).
 * @throws {@link ConfigurationError} naming the folder.
 */
export async function readMspFolder(name: string, folder: string): Promise<MspConfiguration> {
  try {
    const part = (subfolder: string) => filesOf(path.join(folder, subfolder));
    const yaml = await yamlOf(folder);
    const unit = async (
      identifier: z.infer<typeof ouIdentifier> | null | undefined,
    ): Promise<OuIdentifier | undefined> =>
      identifier?.OrganizationalUnitIdentifier
        ? {
            // As in Fabric, a certificate that is named and not there restricts nothing.
            certificate: identifier.Certificate
              ? await readFile(path.join(folder, identifier.Certificate)).catch(() => noBytes)
              : noBytes,
            unit: identifier.OrganizationalUnitIdentifier,
          }
        : undefined;
    const units = await Promise.all((yaml.OrganizationalUnitIdentifiers ?? []).map(unit));
    const { NodeOUs } = yaml;
    return {
      name,
      rootCerts: await part('cacerts'),
      intermediateCerts: await part('intermediatecerts'),
      admins: await part('admincerts'),
      revocationList: await part('crls'),
      ouIdentifiers: units.filter((found) => found !== undefined),
      tlsRootCerts: await part('tlscacerts'),
      tlsIntermediateCerts: await part('tlsintermediatecerts'),
      nodeOus:
        NodeOUs?.Enable === true
          ? {
              enable: true,
              client: await unit(NodeOUs.ClientOUIdentifier),
              peer: await unit(NodeOUs.PeerOUIdentifier),
              admin: await unit(NodeOUs.AdminOUIdentifier),
              orderer: await unit(NodeOUs.OrdererOUIdentifier),
            }
          : undefined,
    };
  } catch (error) {
    throw new ConfigurationError(`cannot read the MSP folder ${folder}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
