import {
  GetInstalledChaincodePackageResult,
  InstallChaincodeArgs,
  InstallChaincodeResult,
  InstalledChaincode,
  InstalledChaincodeArgs,
  InstalledChaincodes,
} from '../wire/lifecycle.js';
import { type Decoded } from '../wire/message.js';
import { type InstalledPackage } from '../packages/installed-packages.js';
import { type LifecycleCall } from './lifecycle-call.js';

/** `InstallChaincode`. */
export async function install({ packages }: LifecycleCall, argument: Buffer): Promise<Buffer> {
  const { chaincodeInstallPackage } = InstallChaincodeArgs.decode(argument);
  const { packageId, label } = await packages.install(chaincodeInstallPackage);
  return InstallChaincodeResult.encode({ packageId, label });
}

/** `QueryInstalledChaincode`. */
export function queryInstalled(call: LifecycleCall, argument: Buffer): Buffer {
  const { packageId } = InstalledChaincodeArgs.decode(argument);
  const installed = call.packages.get(packageId);
  if (installed === undefined) throw new Error(`could not find chaincode with package id '${packageId}'`);
  return InstalledChaincode.encode(describe(call, installed));
}

/** `QueryInstalledChaincodes`. */
export function queryAllInstalled(call: LifecycleCall): Buffer {
  return InstalledChaincodes.encode({
    installedChaincodes: [...call.packages].map((installed) => describe(call, installed)),
  });
}

/** `GetInstalledChaincodePackage`. */
export async function getPackage({ packages }: LifecycleCall, argument: Buffer): Promise<Buffer> {
  const { packageId } = InstalledChaincodeArgs.decode(argument);
  const installed = packages.get(packageId);
  if (installed === undefined)
    throw new Error(`could not load cc install package: chaincode install package '${packageId}' not found`);
  const chaincodeInstallPackage = await packages.content(installed);
  return GetInstalledChaincodePackageResult.encode({ chaincodeInstallPackage });
}

function describe(
  { chaincodes, channels }: LifecycleCall,
  { packageId, label }: InstalledPackage,
): Decoded<typeof InstalledChaincode> {
  const references = [...chaincodes.references(channels, packageId)].map(([key, using]) => ({
    key,
    value: { chaincodes: using },
  }));
  return { packageId, label, references };
}
