import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { msp } from '@hyperledger/fabric-protos';
import { parse } from 'yaml';
import { z } from 'zod';
import { NetworkDescriptionError } from '../errors.js';

const unit = z.object({
  Certificate: z.string().default(''),
  OrganizationalUnitIdentifier: z.string(),
});
const configYaml = z.object({
  NodeOUs: z
    .object({
      Enable: z.boolean().default(false),
      ClientOUIdentifier: unit.nullish(),
      PeerOUIdentifier: unit.nullish(),
      AdminOUIdentifier: unit.nullish(),
      OrdererOUIdentifier: unit.nullish(),
    })
    .nullish(),
});

const orNone =
  <T>(none: T) =>
  (error: unknown): T => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return none;
    throw error;
  };

async function filesOf(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder).catch(orNone([]));
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name))));
}

async function nodeUnits(folder: string): Promise<msp.FabricNodeOUs | undefined> {
  const { NodeOUs } = configYaml.parse(
    parse(await readFile(path.join(folder, 'config.yaml'), 'utf8').catch(orNone('{}'))),
  );
  if (NodeOUs?.Enable !== true) return undefined;
  const identifier = async (given: z.infer<typeof unit> | null | undefined) => {
    if (!given) return undefined;
    const value = new msp.FabricOUIdentifier();
    value.setOrganizationalUnitIdentifier(given.OrganizationalUnitIdentifier);
    if (given.Certificate)
      value.setCertificate(
        await readFile(path.join(folder, given.Certificate)).catch(orNone(Buffer.alloc(0))),
      );
    return value;
  };
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(await identifier(NodeOUs.ClientOUIdentifier));
  units.setPeerOuIdentifier(await identifier(NodeOUs.PeerOUIdentifier));
  units.setAdminOuIdentifier(await identifier(NodeOUs.AdminOUIdentifier));
  units.setOrdererOuIdentifier(await identifier(NodeOUs.OrdererOUIdentifier));
  return units;
}

/**
 * An organisation's MSP folder as a channel's configuration holds it: authorities, administrators, revocations, and
 * which organisational units stand for which roles.
 * @throws {@link NetworkDescriptionError} naming the folder, if it has no authority.
 */
export async function mspConfigOf(mspId: string, folder: string): Promise<msp.MSPConfig> {
  const part = (name: string) => filesOf(path.join(folder, name));
  const roots = await part('cacerts');
  if (roots.length === 0) throw new NetworkDescriptionError(`${folder} has no certificate in cacerts`);
  const hashing = new msp.FabricCryptoConfig();
  hashing.setSignatureHashFamily('SHA2');
  hashing.setIdentityIdentifierHashFunction('SHA256');
  const fabric = new msp.FabricMSPConfig();
  fabric.setName(mspId);
  fabric.setRootCertsList(roots);
  fabric.setIntermediateCertsList(await part('intermediatecerts'));
  fabric.setAdminsList(await part('admincerts'));
  fabric.setRevocationListList(await part('crls'));
  fabric.setTlsRootCertsList(await part('tlscacerts'));
  fabric.setTlsIntermediateCertsList(await part('tlsintermediatecerts'));
  fabric.setFabricNodeOus(await nodeUnits(folder));
  fabric.setCryptoConfig(hashing);
  const config = new msp.MSPConfig();
  config.setConfig(fabric.serializeBinary());
  return config;
}
