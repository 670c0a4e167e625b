/** A block of PEM: what it says it is, and its bytes. */
export interface PemBlock {
  readonly type: string;
  readonly content: Buffer;
}

// The second name must be the first; no part of the pattern can match in two ways, so that it takes time by its length.
const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/;

/** The first block of a text; undefined if there is none. */
export function firstPemBlock(text: string): PemBlock | undefined {
  const match = block.exec(text);
  if (match === null) return undefined;
  return { type: match[1] ?? '', content: Buffer.from(match[2] ?? '', 'base64') };
}
