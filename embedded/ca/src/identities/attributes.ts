import { type Attribute } from '../store/records.js';

/** Attributes that Fabric CA gives a meaning. */
export const attributeName = {
  roles: 'hf.Registrar.Roles',
  delegateRoles: 'hf.Registrar.DelegateRoles',
  registrarAttributes: 'hf.Registrar.Attributes',
  revoker: 'hf.Revoker',
  intermediateCa: 'hf.IntermediateCA',
  genCrl: 'hf.GenCRL',
  affiliationManager: 'hf.AffiliationMgr',
  enrollmentId: 'hf.EnrollmentID',
  type: 'hf.Type',
  affiliation: 'hf.Affiliation',
} as const;

/** What the identity that may register others has, when an authority begins. */
export const registrarAttributes: readonly Attribute[] = [
  [attributeName.roles, '*'],
  [attributeName.delegateRoles, '*'],
  [attributeName.registrarAttributes, '*'],
  [attributeName.revoker, 'true'],
  [attributeName.genCrl, 'true'],
  [attributeName.affiliationManager, 'true'],
].map(([name = '', value = '']) => ({ name, value, ecert: false }));

/** Parts of a list as `hf.` attributes have it: separated by commas, with or without spaces. */
export const listOf = (value: string): string[] => value.replaceAll(' ', '').split(',');

export const valueOf = (attributes: readonly Attribute[], name: string): string | undefined =>
  attributes.find((attribute) => attribute.name === name)?.value;

/** Puts attributes in the place of those of the same name; one without a value takes away. */
export function merged(current: readonly Attribute[], changes: readonly Attribute[]): Attribute[] {
  const result = [...current];
  for (const change of changes) {
    const index = result.findIndex(({ name }) => name === change.name);
    if (index >= 0 && change.value === '') result.splice(index, 1);
    else if (index >= 0) result[index] = change;
    else if (change.value !== '') result.push(change);
  }
  return result;
}
