import { z } from 'zod';
import { ContractError } from './contract-error.js';

/** Issues named in one refusal; the rest would only repeat them. */
const namedIssues = 3;

/** Of a union that nothing matched, the member that the argument was plainly meant for: right fields, wrong values. */
function intended(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.find((errors) =>
    errors.every((error) => error.code !== 'unrecognized_keys' && error.code !== 'invalid_type'),
  );
  return meant?.map((error) => ({ ...error, path: [...issue.path, ...error.path] })) ?? [issue];
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ContractError('ARGUMENT_INVALID', 'the argument is not JSON');
  }
}

/**
 * Parses a transaction's JSON argument.
 * @throws {@link ContractError} `ARGUMENT_INVALID` naming the path of what is wrong.
 */
export function parseArgument<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap(intended);
  const more = issues.length > namedIssues ? `; and ${issues.length - namedIssues} more` : '';
  throw new ContractError('ARGUMENT_INVALID', issues.slice(0, namedIssues).map(describe).join('; ') + more);
}

/**
 * Refuses a list in which two items have the same key.
 * @param path of the key of one item, given the item's index.
 */
export function demandDistinct(keys: readonly (string | number)[], path: (index: number) => string): void {
  const seen = new Set<string | number>();
  keys.forEach((key, index) => {
    if (seen.has(key)) throw new ContractError('ARGUMENT_INVALID', `${path(index)}: ${key} appears twice`);
    seen.add(key);
  });
}
