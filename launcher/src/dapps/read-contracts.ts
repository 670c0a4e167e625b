import { readPackage } from '@medigraph/dapp-package';
import { type BundleReader } from '@medigraph/subgraph-dapps';

/** The bundle of contracts in a package. */
export const readContracts: BundleReader = async (archive, entry) => {
  const { files } = await readPackage(archive);
  const bundle = files.get(entry);
  return bundle === undefined ? '' : Buffer.from(bundle).toString();
};
