import { type ContractMetadata, contractMetadataOf } from '@medigraph/dapp/metadata';
import { describedContracts, GuestStartError } from '@medigraph/dapp-sandbox/tests';
import { type DAppManifest } from '@medigraph/schema/dapps';

/** A bundle whose contracts cannot be loaded. */
export class ContractsUnloadable extends Error {
  override readonly name = 'ContractsUnloadable';
}

/**
 * Loads the bundle of a package in the sandbox and asks its contracts what they are.
 * @throws {@link ContractsUnloadable}.
 */
export async function loadContracts(
  bundle: Uint8Array,
  { id, version }: DAppManifest,
): Promise<ContractMetadata> {
  const program = { name: id, version, file: `${id}-${version}.cjs`, bundle: Buffer.from(bundle).toString() };
  try {
    return contractMetadataOf(await describedContracts(program));
  } catch (error) {
    if (error instanceof GuestStartError) throw new ContractsUnloadable(error.report.message);
    throw new ContractsUnloadable('its contracts do not say what they are', { cause: error });
  }
}
