import { type BSONRegExp } from 'bson';
import { CommandError } from '../errors.js';

const compiled = new Map<string, RegExp>();
const CACHE_SIZE = 500;
const inlineFlags = /^\(\?([imsx]+)\)/;

/**
 * The JavaScript form of a regular expression in MongoDB's syntax (PCRE): flags `i m s x u`, inline flags at its beginning.
 *
 * @throws {@link CommandError} 51091 where the pattern is not valid, 51108 where a flag is unknown.
 */
export function toRegExp(source: BSONRegExp): RegExp {
  const key = `${source.options}/${source.pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const regex = compile(source.pattern, source.options);
  if (compiled.size >= CACHE_SIZE) compiled.clear();
  compiled.set(key, regex);
  return regex;
}

function compile(pattern: string, options: string): RegExp {
  const unknown = Array.from(options).find((flag) => !'imsxu'.includes(flag));
  if (unknown !== undefined) throw new CommandError(51108, `invalid flag in regex options: ${unknown}`);
  if (pattern.includes('\0') || options.includes('\0'))
    throw new CommandError('BadValue', 'Regular expression cannot contain an embedded null byte');
  const inline = inlineFlags.exec(pattern);
  const flags = new Set(options + (inline?.[1] ?? ''));
  let body = inline ? pattern.slice(inline[0].length) : pattern;
  if (flags.has('x')) body = withoutFreeSpacing(body);
  const own = ['i', 'm', 's'].filter((flag) => flags.has(flag)).join('');
  return tryCompile(body, `${own}u`) ?? tryCompile(body, own) ?? refuse(body);
}

function tryCompile(body: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(body, flags);
  } catch {
    return undefined;
  }
}

function refuse(body: string): never {
  throw new CommandError(51091, `Regular expression is invalid: ${body}`);
}

/** Takes out what flag `x` lets a pattern contain for its readers: white space and comments outside of classes. */
function withoutFreeSpacing(pattern: string): string {
  return pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\s+|#.*$/gms, (part) => {
    if (part.startsWith('#')) return part.slice(part.indexOf('\n') + 1 || part.length);
    return /^\s/.test(part) ? '' : part;
  });
}
