import { FhirInvalidError } from './errors.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON that says one thing only: `JSON.parse` keeps the last of two members of one name, other readers the first, so
 * what was checked would not be what someone else reads.
 *
 * @param root - what the paths of faults begin with.
 * @throws {@link FhirInvalidError} for what is no UTF-8, no JSON, or has a member twice.
 */
export function parseStrictJson(json: string | Uint8Array, root: string, location?: string): unknown {
  const refuse = (path: string, message: string, cause?: unknown): never => {
    throw new FhirInvalidError([{ path, message }], { cause, location });
  };
  let text: string;
  try {
    text = typeof json === 'string' ? json : decoder.decode(json);
  } catch (cause) {
    return refuse(root, 'is not UTF-8', cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse(root, 'is not JSON', cause);
  }
  const twice = repeatedMember(text, root);
  if (twice !== undefined) refuse(twice, 'is there twice');
  return value;
}

/** An object or list that is being read. */
interface Level {
  readonly path: string;
  /** Names so far; undefined for a list. */
  readonly names?: Set<string>;
  index: number;
  name: string;
}

/** Path of the first member of an object that has the name of an earlier one. The text is known to be JSON. */
function repeatedMember(text: string, root: string): string | undefined {
  const levels: Level[] = [];
  const pathOf = (level: Level | undefined): string => {
    if (!level) return root;
    return level.names ? `${level.path}.${level.name}` : `${level.path}[${level.index}]`;
  };
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\],]/gs;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token, isName] = match;
    const level = levels.at(-1);
    if (token === '{') levels.push({ path: pathOf(level), names: new Set(), index: 0, name: '' });
    else if (token === '[') levels.push({ path: pathOf(level), index: 0, name: '' });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',') {
      if (level && !level.names) level.index += 1;
    } else if (isName !== undefined && level?.names) {
      level.name = JSON.parse(token.slice(0, -isName.length)) as string;
      if (level.names.has(level.name)) return pathOf(level);
      level.names.add(level.name);
    }
  }
  return undefined;
}
