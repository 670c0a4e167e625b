import { StateMetadata } from '../wire/lifecycle.js';
import { type WritableState } from './organization-state.js';
import {
  encodeMetadata,
  fieldKey,
  metadataKey,
  type StateSection,
  type StateStructure,
} from './state-layout.js';

/**
 * Writes a structure under a name, but only the entries that differ from what is there, so that equal proposals make
 * equal and least write sets; entries that the structure has no more are deleted.
 */
export function serialize(
  state: WritableState,
  section: StateSection,
  name: string,
  structure: StateStructure,
): void {
  const stored = state.get(metadataKey(section, name));
  const metadata = stored && StateMetadata.decode(stored);
  const present = new Map(
    metadata?.fields.map((field) => {
      const key = fieldKey(section, name, field);
      return [key, state.get(key)] as const;
    }),
  );
  for (const [field, value] of structure.fields) {
    const key = fieldKey(section, name, field);
    if (present.get(key)?.equals(value) !== true) state.put(key, value);
    present.delete(key);
  }
  const sameType =
    metadata?.datatype === structure.datatype && metadata.fields.length === structure.fields.size;
  if (present.size > 0 || !sameType) state.put(metadataKey(section, name), encodeMetadata(structure));
  for (const key of present.keys()) state.delete(key);
}
