import { type ContractBench } from '@medigraph/chaincode-lib/testing';
import { type ContractMetadata, contractMetadataOf, systemContract } from '../contract-metadata.js';

/** What the contracts of a bench say of themselves. */
export async function readMetadata(bench: ContractBench): Promise<ContractMetadata> {
  const reader = await bench.enrol('ReaderMSP', 'reader');
  return contractMetadataOf(await bench.evaluate(reader, `${systemContract}:GetMetadata`));
}
