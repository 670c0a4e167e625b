import { isSignedBy } from '../crypto/signatures.js';
import { MspManager } from '../msp/msp-manager.js';
import { type Msp } from '../msp/msp.js';
import { type SignedRequestData } from './system-chaincode.js';

/**
 * What concerns a peer alone is for the administrators of its own organisation.
 * @throws in Fabric's words if the signer is none.
 */
export function checkLocalAdministrator(
  msp: Msp,
  { identity: serialized, data, signature }: SignedRequestData,
): void {
  const checking = 'during channelless check policy with policy [Admins]';
  const identity = new MspManager([msp]).find(serialized);
  if (identity === undefined)
    throw new Error(`Failed deserializing proposal creator ${checking}: [expected MSP ID ${msp.mspId}]`);
  if (identity.invalid !== undefined || identity.role !== 'admin')
    throw new Error(
      `Failed verifying that proposal's creator satisfies local MSP principal ${checking}: [The identity is not an admin under this MSP [${msp.mspId}]: The identity does not contain OU [ADMIN], MSP: [${msp.mspId}]]`,
    );
  if (!isSignedBy(identity, data, signature)) throw new Error('The signature is invalid');
}
