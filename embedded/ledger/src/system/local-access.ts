import { isSignedBy } from '../crypto/signatures.js';
import { MspManager } from '../msp/msp-manager.js';
import { type Msp } from '../msp/msp.js';
import { type SignedData } from '../policy/policy-manager.js';
import { satisfiesPrincipal, type RolePrincipal } from '../policy/signature-policy.js';

/**
 * What concerns a peer alone is for the administrators of its own organisation.
 * @throws in Fabric's words if the signer is none.
 */
export function checkLocalAdministrator(msp: Msp, signed: SignedData): void {
  checkLocal(
    msp,
    signed,
    'admin',
    `[The identity is not an admin under this MSP [${msp.mspId}]: The identity does not contain OU [ADMIN], MSP: [${msp.mspId}]]`,
  );
}

/**
 * As {@link checkLocalAdministrator}, for whoever is of the organisation.
 * @throws in Fabric's words if the signer is not.
 */
export function checkLocalMember(msp: Msp, signed: SignedData): void {
  checkLocal(msp, signed, 'member', '[the identity is not valid]');
}

function checkLocal(
  msp: Msp,
  { identity: serialized, data, signature }: SignedData,
  role: RolePrincipal['role'],
  reason: string,
): void {
  const checking = `during channelless check policy with policy [${role === 'admin' ? 'Admins' : 'Members'}]`;
  const identity = new MspManager([msp]).find(serialized);
  if (identity === undefined)
    throw new Error(`Failed deserializing proposal creator ${checking}: [expected MSP ID ${msp.mspId}]`);
  if (!satisfiesPrincipal(identity, { mspId: msp.mspId, role }))
    throw new Error(
      `Failed verifying that proposal's creator satisfies local MSP principal ${checking}: ${reason}`,
    );
  if (!isSignedBy(identity, data, signature)) throw new Error('The signature is invalid');
}
