import { type KeyCustody } from '../identity/index.js';
import { BadUserInput } from './errors.js';

const longestIdentifier = 200;

/**
 * The keyed hash under which the ledger knows a patient id of the institutions' systems.
 * @throws `BAD_USER_INPUT` if it is empty or too long.
 */
export function identifierHash(custody: Pick<KeyCustody, 'keyedHash'>, identifier: string): string {
  // The same letters can be written as different code points; they must not become different patients.
  const spelled = identifier.trim().normalize('NFC');
  if (spelled === '' || spelled.length > longestIdentifier)
    throw new BadUserInput(`identifier must have 1 to ${longestIdentifier} characters.`);
  return custody.keyedHash('patient', spelled);
}
