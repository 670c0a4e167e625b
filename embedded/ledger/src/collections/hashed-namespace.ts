import { sha256 } from '../crypto/hash.js';

const separator = '$$h';

/**
 * Namespace of the state in which a collection's keys and values stand by their hashes, for everybody. No chaincode has a
 * name like it, and it sorts behind the chaincode's own namespace and before the next one's.
 */
export const hashedNamespace = (namespace: string, collection: string): string =>
  `${namespace}${separator}${collection}`;

/** The chaincode's namespace, and the collection if it is a {@link hashedNamespace}. */
export function splitNamespace(name: string): { namespace: string; collection: string | undefined } {
  const at = name.indexOf(separator);
  if (at < 0) return { namespace: name, collection: undefined };
  return { namespace: name.slice(0, at), collection: name.slice(at + separator.length) };
}

/** What stands for a key of a collection: the SHA-256 of its UTF-8 bytes. */
export const keyHashOf = (key: string): Buffer => sha256(Buffer.from(key));

/** A key's hash as key of the {@link hashedNamespace}: hexadecimal, which sorts as the bytes do. */
export const hashedKey = (keyHash: Buffer): string => keyHash.toString('hex');
