import { normalHex } from './records.js';

/** Digits of a sequence number: enough for certificates at any rate, and in order as text. */
const sequenceDigits = 14;

export const sequenceKey = (sequence: number): string => sequence.toString().padStart(sequenceDigits, '0');
export const sequenceOf = (key: string): number => Number(key);

export const serialKey = (serial: string, aki: string): string => `${normalHex(serial)}.${normalHex(aki)}`;

// In hexadecimal no id is the beginning of another's key, whatever characters it has.
const ownerPrefix = (id: string) => `${Buffer.from(id).toString('hex')}.`;

export const ownerKey = (id: string, sequence: string): string => `${ownerPrefix(id)}${sequence}`;

/** All keys of one owner. */
export const ownedBy = (id: string): { readonly gte: string; readonly lt: string } => ({
  gte: ownerPrefix(id),
  lt: `${ownerPrefix(id).slice(0, -1)}/`,
});

/** All affiliations below one, without itself. */
export const below = (affiliation: string): { readonly gte: string; readonly lt: string } => ({
  gte: `${affiliation}.`,
  lt: `${affiliation}/`,
});
