/**
 * Ids in the graph of what the ledger knows by an id within something else: an entry by its patient, a claim by its
 * channel. Ids there are chosen by whoever writes, so without the scope one could take the place of another's.
 */
import { BadUserInput } from './errors.js';

const entryIdPattern = /^([0-9a-f]{40}):([A-Za-z0-9][A-Za-z0-9._:-]{0,127})$/;

/** What an entry is by on the ledger. */
export interface EntryName {
  readonly patient: string;
  readonly entry: string;
}

/** Id in the graph of an entry. */
export function entryGraphId(patient: string, entry: string): string {
  return `${patient}:${entry}`;
}

/** What an id in the graph names; undefined if it is no id of an entry. */
export function parseEntryGraphId(id: string): EntryName | undefined {
  const [, patient, entry] = entryIdPattern.exec(id) ?? [];
  return patient === undefined || entry === undefined ? undefined : { patient, entry };
}

/**
 * The ids on the ledger of entries that must all be of one patient.
 * @throws `BAD_USER_INPUT` for an id that is none of theirs.
 */
export function entriesOfPatient(patient: string, ids: readonly string[]): string[] {
  return ids.map((id) => {
    const name = parseEntryGraphId(id);
    if (name?.patient !== patient)
      throw new BadUserInput(`${id.slice(0, 200)} is no entry of patient ${patient}.`);
    return name.entry;
  });
}

/** Id in the graph of what is on a claims channel. */
export function channelGraphId(channel: string, id: string): string {
  return `${channel}:${id}`;
}
