import { notBoolean, parseBoolean } from '../http/query.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type Attribute, type IdentityRecord } from '../store/records.js';
import { checkAttributes } from './attribute-rules.js';
import { attributeName, valueOf } from './attributes.js';

/** Whether an affiliation is another, or below it. */
export const isWithin = (affiliation: string, above: string): boolean =>
  above === '' || affiliation === above || affiliation.startsWith(`${above}.`);

/** Somebody who asks for something, and what the rules let them do. */
export class Caller {
  constructor(readonly identity: IdentityRecord) {}

  get name(): string {
    return this.identity.name;
  }

  attribute(name: string): string | undefined {
    return valueOf(this.identity.attributes, name);
  }

  /** Types that the caller may register; undefined if there is no such attribute. */
  get roles(): string | undefined {
    return this.attribute(attributeName.roles);
  }

  /** @throws {@link Refusal} 403. */
  requireAffiliation(affiliation: string): void {
    if (isWithin(affiliation, this.identity.affiliation)) return;
    throw Refusal.authorization(
      refusalCode.notAffiliated,
      `Caller does not have authority to act on affiliation '${affiliation}'`,
    );
  }

  /** Whether the caller may register others. @throws {@link Refusal} 403 if nothing is said of it. */
  isRegistrar(): boolean {
    if (this.roles === undefined) {
      throw Refusal.authorization(refusalCode.attributeAuthority, `'${this.name}' is not a registrar`);
    }
    return this.roles !== '';
  }

  /** @throws {@link Refusal} 403. */
  requireType(type: string): void {
    if (!this.isRegistrar()) {
      throw Refusal.authorization(
        refusalCode.attributeAuthority,
        `'${this.name}' is not allowed to manage users`,
      );
    }
    if (mayActOn(this.roles ?? '', type === '' ? 'client' : type)) return;
    throw Refusal.authorization(
      refusalCode.notAffiliated,
      `Registrar does not have authority to act on type '${type}'`,
    );
  }

  /** May see and change this identity. @throws {@link Refusal} 403. */
  requireAuthorityOver({ affiliation, type }: IdentityRecord): void {
    this.requireAffiliation(affiliation);
    this.requireType(type);
  }

  /** May give these attributes to somebody who has `owned`, or is new. @throws {@link Refusal} 403. */
  requireAttributes(requested: readonly Attribute[], owned?: readonly Attribute[]): void {
    try {
      checkAttributes({ requested, registrar: this.identity.attributes, owner: owned });
    } catch (error) {
      throw Refusal.authorization(
        refusalCode.attributeAuthority,
        `Failed to register attribute: ${(error as Error).message}`,
      );
    }
  }

  /** @throws {@link Refusal} 403, or 400 if the attribute is no boolean. */
  requireRole(name: string): void {
    const value = this.attribute(name);
    if (value === undefined) {
      throw Refusal.authorization(
        refusalCode.invokerAttribute,
        `Invoker does not have following role'${name}': 'User does not have attribute '${name}''`,
      );
    }
    const role = parseBoolean(value);
    if (role === undefined) {
      throw new Refusal(
        400,
        refusalCode.invalidBoolean,
        `Failed to get boolean value of '${name}': '${notBoolean(value)}'`,
      );
    }
    if (role) return;
    throw Refusal.authorization(
      refusalCode.missingRole,
      `Caller has a value of 'false' for attribute/role '${name}'`,
    );
  }

  /** Whether an attribute is there and true. */
  isTrue(name: string): boolean {
    return parseBoolean(this.attribute(name) ?? '') === true;
  }
}

function mayActOn(roles: string, type: string): boolean {
  const all = roles.split(',');
  return all.some((role) => role.replace(/^ /, '') === '*' || role.toLowerCase() === type.toLowerCase());
}
