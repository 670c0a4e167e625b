import { CompactEncrypt, importJWK } from 'jose';
import { type care, type EntryCategory, type primitives, type ResourceType } from '@medigraph/schema';
import { hex, sha256, utf8 } from './bytes.js';

/** Something that a patient writes down about themself. */
export interface PersonalEntry {
  /** Of the content. */
  readonly resourceType: ResourceType;
  readonly category: EntryCategory;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** FHIR R4 resource as JSON, in UTF-8. */
  readonly content: Uint8Array;
}

/** Whoever is to open a content key. */
export interface KeyRecipient {
  /** Chain address or institution id. */
  readonly id: string;
  readonly key: primitives.EncryptionKey;
}

const contentKeyBytes = 32;
const idBytes = 16;

/** Wraps a content key as the platform's envelopes do: JWE, `ECDH-ES+A256KW` with `A256GCM`. */
export async function wrapKey(contentKey: Uint8Array, { id, key }: KeyRecipient): Promise<string> {
  const { kty, crv, x, y } = key;
  return new CompactEncrypt(contentKey)
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: id })
    .encrypt(await importJWK({ kty, crv, x, y }, 'ECDH-ES+A256KW'));
}

/** Seals an entry under a key of its own, for the patient alone. */
export async function sealEntry(
  { resourceType, category, date, content }: PersonalEntry,
  patient: KeyRecipient,
): Promise<care.ProposedEntry> {
  const id = hex(crypto.getRandomValues(new Uint8Array(idBytes)));
  const contentKey = crypto.getRandomValues(new Uint8Array(contentKeyBytes));
  const body = await new CompactEncrypt(content)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: id })
    .encrypt(contentKey);
  return {
    id,
    resourceType,
    category,
    date,
    size: content.length,
    sha256: hex(await sha256(utf8(body))),
    body,
    keys: { [patient.id]: await wrapKey(contentKey, patient) },
  };
}
