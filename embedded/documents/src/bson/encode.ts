import { serialize } from 'bson';
import { CommandError } from '../errors.js';
import type { Doc } from './value.js';

/** MongoDB's limit on one document, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** Head room that answers may take above {@link MAX_DOCUMENT_BYTES}, in bytes. */
const ANSWER_HEADROOM = 16 * 1024;

/** Encodes a document. Missing values (undefined) are left out. */
export function encodeDocument(doc: Doc): Uint8Array {
  return serialize(doc, { ignoreUndefined: true });
}

/** @throws {@link CommandError} `BSONObjectTooLarge` where a document to be stored is over 16 MB. */
export function assertStorable(bytes: Uint8Array): void {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `object to insert too large. size in bytes: ${bytes.length}, max size: ${MAX_DOCUMENT_BYTES}`,
    );
  }
}

/** @throws {@link CommandError} `BSONObjectTooLarge` where a computed document cannot be answered. */
export function assertAnswerable(bytes: Uint8Array): void {
  if (bytes.length > MAX_DOCUMENT_BYTES + ANSWER_HEADROOM) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES + ANSWER_HEADROOM}`,
    );
  }
}
