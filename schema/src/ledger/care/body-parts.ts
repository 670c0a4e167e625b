/** How sealed bodies are cut that one transaction does not carry whole. */
import { wholeBodyCharacters } from '../primitives.js';
import { partCharacters } from './storage.js';

/** True for a sealed body that is brought to the ledger in parts. */
export const isInParts = (body: string): boolean => body.length > wholeBodyCharacters;

/** The parts of a sealed body, in their order. */
export function bodyParts(body: string): string[] {
  const count = Math.ceil(body.length / partCharacters);
  return Array.from({ length: count }, (_, part) =>
    body.slice(part * partCharacters, (part + 1) * partCharacters),
  );
}
