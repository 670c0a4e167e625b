import { care } from '@medigraph/schema';
import { BodyTamperedError } from '../envelope/errors.js';

type ReadBodies = (wanted: {
  readonly entries: string[];
  readonly part?: number;
}) => Promise<readonly care.SealedBodyOf[]>;

/**
 * The sealed bodies of entries that were opened, by entry id; those stored in parts are put together.
 * @throws `BODY_TAMPERED` for an entry that claims more parts than the ledger takes; whatever reading throws
 */
export async function sealedBodies(
  entries: readonly Pick<care.Entry, 'id' | 'parts'>[],
  read: ReadBodies,
): Promise<Map<string, string>> {
  const whole = entries.filter(({ parts }) => parts === undefined).map(({ id }) => id);
  const answers = whole.length === 0 ? [] : await read({ entries: whole });
  const bodies = new Map(answers.map(({ entry, body }) => [entry, body]));
  for (const { id, parts } of entries)
    if (parts !== undefined) bodies.set(id, await bodyInParts(id, parts, read));
  return bodies;
}

/** One part after the other: what is under way at once stays one answer of a peer. */
async function bodyInParts(id: string, parts: number, read: ReadBodies): Promise<string> {
  // Whoever answers may lie about the count, and would keep the wallet asking.
  if (parts > care.maxParts) throw new BodyTamperedError(id, `it claims ${parts} parts`);
  const bodies: string[] = [];
  for (let part = 0; part < parts; part += 1) {
    const answers = await read({ entries: [id], part });
    bodies.push(...answers.map(({ body }) => body));
  }
  return bodies.join('');
}
