import { type LedgerClient, type LedgerIdentity } from '@medigraph/platform/ledger';
import { type ChaincodeMetadata, readMetadata } from './metadata.js';

/**
 * Asks a chaincode for the metadata of its contracts.
 * @throws a `LedgerError`; `DAPP_METADATA_INVALID`
 */
export async function contractMetadata(
  ledger: Pick<LedgerClient, 'evaluate'>,
  place: { readonly channel: string; readonly chaincode: string },
  signer: LedgerIdentity,
): Promise<ChaincodeMetadata> {
  const { channel, chaincode } = place;
  const text = await ledger.evaluate<string>({
    channel,
    chaincode,
    contract: 'org.hyperledger.fabric',
    transaction: 'GetMetadata',
    arguments: [],
    signer,
  });
  return readMetadata(text);
}
