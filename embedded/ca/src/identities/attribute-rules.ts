import { notBoolean, parseBoolean } from '../http/query.js';
import { type Attribute } from '../store/records.js';
import { attributeName, listOf, valueOf } from './attributes.js';

/** Attributes that somebody may give only who has them. */
const booleans: readonly string[] = [
  attributeName.revoker,
  attributeName.intermediateCa,
  attributeName.genCrl,
  attributeName.affiliationManager,
];
const lists: readonly string[] = [
  attributeName.roles,
  attributeName.delegateRoles,
  attributeName.registrarAttributes,
];
/** Attributes that the authority sets itself. */
const fixed: readonly string[] = [attributeName.enrollmentId, attributeName.type, attributeName.affiliation];

const contains = (list: readonly string[], value: string) =>
  list.some((each) => each.toLowerCase() === value.toLowerCase());

function requireSubset(small: string, big: string): void {
  const set = big.split(',');
  const outside = small.split(',').find((value) => value !== '' && !contains(set, value));
  if (outside !== undefined) throw new Error(`'${outside}' is not a member of '${big}'`);
}

const hasStar = (list: string) => list.split(',').some((each) => each.replace(/^ /, '') === '*');

function requireListed(name: string, allowed: readonly string[]): void {
  const may = allowed.some((each) =>
    each.endsWith('*') ? name.startsWith(each.replace(/\*+$/, '')) : name === each,
  );
  if (!may) throw new Error(`Attribute is not part of caller's '[${allowed.join(' ')}]' attribute list`);
}

/** What is asked for, who asks, and whom it is for; `owner` undefined for somebody new. */
interface Question {
  readonly requested: readonly Attribute[];
  readonly registrar: readonly Attribute[];
  readonly owner: readonly Attribute[] | undefined;
}

function checkBoolean({ name, value }: Attribute, own: string): void {
  const owned = parseBoolean(own);
  if (owned === undefined) throw new Error(`Failed to get boolean value of '${own}': ${notBoolean(own)}`);
  if (!owned) {
    throw new Error(
      `Caller has a value of 'false' for boolean attribute '${name}', can't perform any actions on this attribute`,
    );
  }
  if (value !== '' && parseBoolean(value) === undefined) {
    throw new Error(`Failed to get boolean value of '${value}': ${notBoolean(value)}`);
  }
}

/** Somebody may let others register an `hf.` attribute only who has it, or gets it now. */
function checkRegistrarAttributes({ value }: Attribute, own: string, { requested, owner }: Question): void {
  for (const name of listOf(value)) {
    requireListed(name, listOf(own));
    if (!name.startsWith('hf.') || valueOf(requested, name) !== undefined) continue;
    if (owner === undefined || valueOf(owner, name) === undefined) {
      throw new Error(
        `Requesting value of '${name}' for 'hf.Registrar.Attributes', but the identity does not possess this attribute`,
      );
    }
  }
}

function checkList(attribute: Attribute, own: string, question: Question): void {
  const { name, value } = attribute;
  if (value === '') return;
  if (name === attributeName.registrarAttributes) {
    checkRegistrarAttributes(attribute, own, question);
    return;
  }
  if (!hasStar(own)) requireSubset(value, own);
  if (name !== attributeName.delegateRoles) return;
  const { requested, owner } = question;
  const asked = valueOf(requested, attributeName.roles) ?? '';
  const roles = asked !== '' ? asked : (valueOf(owner ?? [], attributeName.roles) ?? '');
  if (!hasStar(roles)) requireSubset(value, roles);
}

function checkOne(attribute: Attribute, question: Question): void {
  const { name } = attribute;
  const allowed = valueOf(question.registrar, attributeName.registrarAttributes);
  if (allowed === undefined || allowed === '') {
    throw new Error("Registrar does not have any values for 'hf.Registrar.Attributes'");
  }
  requireListed(name, listOf(allowed));
  if (fixed.includes(name)) throw new Error(`Cannot register fixed value attribute '${name}'`);
  const check = booleans.includes(name) ? checkBoolean : lists.includes(name) ? checkList : undefined;
  if (check === undefined) {
    if (!name.startsWith('hf.')) return;
    throw new Error(`'${name}' has the reserved prefix 'hf.' and is not a supported attribute`);
  }
  const own = valueOf(question.registrar, name);
  if (own === undefined) {
    throw new Error(`Attribute '${name}' requires ownership but the caller does not own this attribute`);
  }
  check(attribute, own, question);
}

/**
 * Whether a registrar may give somebody these attributes.
 * @throws an `Error` that says which may not be given, and why
 */
export function checkAttributes(question: Question): void {
  for (const attribute of question.requested) checkOne(attribute, question);
}
