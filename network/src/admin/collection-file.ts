import { z } from 'zod';
import { type CollectionDescription } from '../description.js';
import { CollectionsInvalidError } from './errors.js';

/** Collections in the form in which Fabric's own command takes them. */
const collections = z.array(
  z.strictObject({
    name: z.string(),
    /** Whose data it is, such as `OR('A.member', 'B.member')`. */
    policy: z.string(),
    requiredPeerCount: z.int().default(0),
    maxPeerCount: z.int().default(1),
    blockToLive: z.int().nonnegative().default(0),
    memberOnlyRead: z.boolean().default(false),
    memberOnlyWrite: z.boolean().default(false),
    endorsementPolicy: z
      .union([
        z.strictObject({ signaturePolicy: z.string() }).transform(({ signaturePolicy }) => signaturePolicy),
        z
          .strictObject({ channelConfigPolicy: z.string().regex(/^[^/]/) })
          .transform(({ channelConfigPolicy }) => `/Channel/Application/${channelConfigPolicy}`),
        z
          .strictObject({ channelConfigPolicy: z.string().startsWith('/') })
          .transform(({ channelConfigPolicy }) => channelConfigPolicy),
      ])
      .optional(),
  }),
);

/**
 * Reads a JSON file of collections.
 * @throws {@link CollectionsInvalidError} saying what is wrong where.
 */
export function readCollectionFile(text: string): CollectionDescription[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new CollectionsInvalidError(`The collections are no JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const parsed = collections.safeParse(content);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
    throw new CollectionsInvalidError(`The collections cannot be used: ${issues.join('; ')}`);
  }
  return parsed.data.map(({ requiredPeerCount, maxPeerCount, endorsementPolicy, ...rest }) => ({
    ...rest,
    requiredPeers: requiredPeerCount,
    maxPeers: maxPeerCount,
    ...(endorsementPolicy !== undefined && { endorsementPolicy }),
  }));
}
