import { LedgerError } from '../errors.js';
import { type NodeRole } from '../msp/identity.js';
import { type Principal, type Rule, type SignaturePolicy } from './signature-policy.js';

/** A policy expression that cannot be read. */
export class PolicySyntaxError extends LedgerError {
  constructor(message: string) {
    super('POLICY_SYNTAX', message);
  }
}

const principalForm = /^([A-Za-z0-9.-]+)\.(admin|member|client|peer|orderer)$/;
const token = /\s*(?:'([^']*)'|"([^"]*)"|([A-Za-z]+)|(\d+)|([(),]))/y;

type Token =
  | { kind: 'principal' | 'word' | 'mark'; text: string; at: number }
  | { kind: 'number'; text: string; at: number };

function tokens(text: string): Token[] {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null)
      throw new PolicySyntaxError(`unrecognized token at position ${at} in policy '${text}'`);
    const [, single, double, word, number, mark] = match;
    if (word !== undefined) found.push({ kind: 'word', text: word, at });
    else if (number !== undefined) found.push({ kind: 'number', text: number, at });
    else if (mark !== undefined) found.push({ kind: 'mark', text: mark, at });
    else found.push({ kind: 'principal', text: single ?? double ?? '', at });
  }
  return found;
}

/**
 * Reads `AND('A.peer', OR('B.member', OutOf(2, …)))`. Gate names may be written in lower, upper or mixed case as Fabric
 * allows (`And`, `AND`, `and`; `OutOf`, `OUTOF`, `outof`). Each principal gets an index of its own.
 * @throws {@link PolicySyntaxError}.
 */
export function parsePolicy(text: string): SignaturePolicy {
  const input = tokens(text);
  const principals: Principal[] = [];
  let position = 0;

  const fail = (expected: string): never => {
    const found = input[position];
    throw new PolicySyntaxError(
      `expected ${expected} ${found === undefined ? 'at the end' : `instead of '${found.text}'`} in policy '${text}'`,
    );
  };
  const mark = (wanted: string): void => {
    const found = input[position];
    if (found?.kind !== 'mark' || found.text !== wanted) fail(`'${wanted}'`);
    position += 1;
  };
  const principal = (form: string): Rule => {
    const match = principalForm.exec(form);
    if (match === null) throw new PolicySyntaxError(`unrecognized principal '${form}' in policy '${text}'`);
    const [, mspId = '', role = ''] = match;
    principals.push({ mspId, role: role as NodeRole | 'member' });
    return { signedBy: principals.length - 1 };
  };
  const count = (): number => {
    const found = input[position];
    if (found?.kind !== 'number') return fail('a number');
    position += 1;
    return Number(found.text);
  };
  const gateOf = (word: string): 'and' | 'or' | 'outof' => {
    const gate = word.toLowerCase();
    const spellings: Record<string, string[]> = {
      and: ['And', 'AND', 'and'],
      or: ['Or', 'OR', 'or'],
      outof: ['OutOf', 'OUTOF', 'outof'],
    };
    if (spellings[gate]?.includes(word) !== true)
      throw new PolicySyntaxError(`unrecognized token '${word}' in policy string`);
    return gate as 'and' | 'or' | 'outof';
  };
  const rule = (): Rule => {
    const found = input[position];
    if (found === undefined || found.kind === 'mark' || found.kind === 'number')
      return fail('a principal or a gate');
    position += 1;
    if (found.kind === 'principal') return principal(found.text);
    const gate = gateOf(found.text);
    mark('(');
    let wanted: number | undefined;
    if (gate === 'outof') {
      wanted = count();
      mark(',');
    }
    const rules = [rule()];
    while (input[position]?.text === ',') {
      position += 1;
      rules.push(rule());
    }
    mark(')');
    const n = wanted ?? (gate === 'and' ? rules.length : 1);
    if (n > rules.length + 1)
      throw new PolicySyntaxError(`invalid t-out-of-n predicate, t ${n}, n ${rules.length}`);
    return { n, rules };
  };

  const root = rule();
  if (position < input.length) fail('nothing more');
  // A policy is always a gate: a lone principal is one out of one.
  return { principals, rule: 'signedBy' in root ? { n: 1, rules: [root] } : root };
}
