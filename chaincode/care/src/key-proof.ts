import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { ContractError, demand, sha256Of } from '@medigraph/chaincode-lib';

function p256Key(base64: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Whatever it is instead, the answer is the same.
  }
  throw new ContractError('ARGUMENT_INVALID', 'signingKey: must be a public key on the curve P-256');
}

/**
 * The chain address of a key that signed a statement.
 * @param signingKey - SubjectPublicKeyInfo in base64.
 * @param proof - ECDSA over SHA-256, R and S in base64.
 * @throws {@link ContractError} `KEY_PROOF_INVALID`; `ARGUMENT_INVALID` if it is no key on P-256.
 */
export function provenSigner(signingKey: string, statement: string, proof: string): string {
  const key = p256Key(signingKey);
  demand(
    verify(
      'sha256',
      Buffer.from(statement),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(proof, 'base64'),
    ),
    'KEY_PROOF_INVALID',
    'the new key did not sign this rotation',
  );
  // Of the key as it is encoded again: one key has one address, however it was spelled.
  return sha256Of(key.export({ format: 'der', type: 'spki' })).slice(0, 40);
}
