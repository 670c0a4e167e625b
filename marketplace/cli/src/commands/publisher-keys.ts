/** What commands ask of the graph about the keys of a publisher. */
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess } from '../graph-access.js';

/** A key as the ledger knows it. */
export interface RegisteredKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly status: 'ACTIVE' | 'REVOKED';
  /** When its status began: ISO 8601. */
  readonly since: string;
}

interface Keys {
  readonly keys: readonly RegisteredKey[];
}

const fields = 'keys { kid status since }';

/** Every key that signs, or signed, what a publisher publishes. @throws {@link CommandFailure} `PUBLISHER_NOT_FOUND` */
export async function registeredKeys(graph: GraphAccess, id: string): Promise<readonly RegisteredKey[]> {
  const { publisher } = await graph.request<{ publisher: Keys | null }>(
    `query($id: ID!) { publisher(id: $id) { ${fields} } }`,
    { id },
  );
  if (!publisher) throw new CommandFailure('PUBLISHER_NOT_FOUND', `there is no publisher ${id}`);
  return publisher.keys;
}

/** @param key - SubjectPublicKeyInfo in base64. @returns every key of the publisher after it. */
export async function addKey(
  graph: GraphAccess,
  publisher: string,
  key: string,
): Promise<readonly RegisteredKey[]> {
  const { addPublisherKey } = await graph.request<{ addPublisherKey: { publisher: Keys } }>(
    `mutation($input: AddPublisherKeyInput!) { addPublisherKey(input: $input) { publisher { ${fields} } } }`,
    { input: { publisher, key } },
  );
  return addPublisherKey.publisher.keys;
}

/** @returns every key of the publisher after it. */
export async function revokeKey(
  graph: GraphAccess,
  publisher: string,
  kid: string,
): Promise<readonly RegisteredKey[]> {
  const { revokePublisherKey } = await graph.request<{ revokePublisherKey: { publisher: Keys } }>(
    `mutation($input: RevokePublisherKeyInput!) { revokePublisherKey(input: $input) { publisher { ${fields} } } }`,
    { input: { publisher, kid } },
  );
  return revokePublisherKey.publisher.keys;
}
