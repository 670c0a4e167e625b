import { RecentMap } from '../crypto/recent.js';
import { keyPolicyName } from '../simulate/tx-simulator.js';
import { type KVMetadataEntry } from '../wire/rwset.js';
import { decodeSignaturePolicy } from './policy-bytes.js';
import { type SignaturePolicy } from './signature-policy.js';

const remembered = new RecentMap<string, SignaturePolicy>(10_000);

/** What nobody satisfies. */
const nobody: SignaturePolicy = { principals: [], rule: { n: 1, rules: [] } };

/**
 * The endorsement policy that a key has of its own, by its metadata; undefined if it has none. One that cannot be read is
 * satisfied by nobody.
 */
export function keyPolicyOf(metadata: readonly KVMetadataEntry[]): SignaturePolicy | undefined {
  const bytes = metadata.find(({ name }) => name === keyPolicyName)?.value;
  if (bytes === undefined || bytes.length === 0) return undefined;
  const name = bytes.toString('latin1');
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const policy = readKeyPolicy(bytes);
  remembered.set(name, policy);
  return policy;
}

function readKeyPolicy(bytes: Buffer): SignaturePolicy {
  try {
    return decodeSignaturePolicy(bytes);
  } catch {
    return nobody;
  }
}
