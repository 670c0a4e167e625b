import { msp } from '@hyperledger/fabric-protos';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { NetworkDescriptionError } from '../errors.js';

const identifier = z
  .object({ Certificate: z.string().optional(), OrganizationalUnitIdentifier: z.string() })
  .optional();

const mspConfig = z.object({
  NodeOUs: z
    .object({
      Enable: z.boolean(),
      ClientOUIdentifier: identifier,
      PeerOUIdentifier: identifier,
      AdminOUIdentifier: identifier,
      OrdererOUIdentifier: identifier,
    })
    .optional(),
});

async function pemsIn(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name))));
}

async function nodeOUsOf(folder: string): Promise<msp.FabricNodeOUs | undefined> {
  const text = await readFile(path.join(folder, 'config.yaml'), 'utf8').catch(() => '{}');
  const { NodeOUs: units } = mspConfig.parse(parse(text) ?? {});
  if (!units?.Enable) return undefined;
  const unit = async (named: z.infer<typeof identifier>) => {
    if (named === undefined) return undefined;
    const value = new msp.FabricOUIdentifier();
    value.setOrganizationalUnitIdentifier(named.OrganizationalUnitIdentifier);
    if (named.Certificate !== undefined) {
      value.setCertificate(await readFile(path.join(folder, named.Certificate)));
    }
    return value;
  };
  const value = new msp.FabricNodeOUs();
  value.setEnable(true);
  value.setClientOuIdentifier(await unit(units.ClientOUIdentifier));
  value.setPeerOuIdentifier(await unit(units.PeerOUIdentifier));
  value.setAdminOuIdentifier(await unit(units.AdminOUIdentifier));
  value.setOrdererOuIdentifier(await unit(units.OrdererOUIdentifier));
  return value;
}

/**
 * What an organisation's MSP folder says about who its members are, as channels hold it. Made by `cryptogen`, a CA or
 * {@link generateMaterial}: layout and names of files are the same.
 * @throws {@link NetworkDescriptionError} if the folder has no root certificate.
 */
export async function readMsp(mspId: string, folder: string): Promise<msp.MSPConfig> {
  const pems = (name: string) => pemsIn(path.join(folder, name));
  const roots = await pems('cacerts');
  if (roots.length === 0) throw new NetworkDescriptionError(`${folder} has no root certificate of ${mspId}`);
  const hashing = new msp.FabricCryptoConfig();
  hashing.setSignatureHashFamily('SHA2');
  hashing.setIdentityIdentifierHashFunction('SHA256');
  const fabric = new msp.FabricMSPConfig();
  fabric.setName(mspId);
  fabric.setRootCertsList(roots);
  fabric.setIntermediateCertsList(await pems('intermediatecerts'));
  fabric.setAdminsList(await pems('admincerts'));
  fabric.setRevocationListList(await pems('crls'));
  fabric.setTlsRootCertsList(await pems('tlscacerts'));
  fabric.setTlsIntermediateCertsList(await pems('tlsintermediatecerts'));
  fabric.setFabricNodeOus(await nodeOUsOf(folder));
  fabric.setCryptoConfig(hashing);
  const config = new msp.MSPConfig();
  config.setConfig(fabric.serializeBinary());
  return config;
}
