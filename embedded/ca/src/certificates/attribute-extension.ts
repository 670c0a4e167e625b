import { Extension } from '@peculiar/x509';
import { Refusal } from '../refusal.js';
import { type Attribute } from '../store/records.js';

/** Fabric's extension for attributes: JSON, `{"attrs":{NAME:VALUE}}`. */
const attributesOid = '1.2.3.4.5.6.7.8.1';

/** An attribute that a certificate should say; without it there is no certificate unless it is optional. */
export interface AttributeRequest {
  readonly name: string;
  readonly optional: boolean;
}

/** Go's JSON writes these so, also in a certificate. */
const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * What a certificate says of its owner: what is asked for, or what it says without being asked. Undefined if it says nothing.
 *
 * @throws {@link Refusal} if the identity lacks an attribute that is not optional.
 */
export function attributeExtension(
  attributes: readonly Attribute[],
  requests: readonly AttributeRequest[] | undefined,
): Extension | undefined {
  const unasked = attributes.filter(({ ecert }) => ecert);
  const asked = requests ?? unasked.map(({ name }) => ({ name, optional: true }));
  if (requests === undefined && asked.length === 0) return undefined;
  const byName = new Map(attributes.map(({ name, value }) => [name, value]));
  const missing = asked.filter(({ name, optional }) => !optional && !byName.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(' ');
    throw Refusal.unknown(
      `Failed to find requested attributes: The following required attributes are missing: [${names}]`,
    );
  }
  const said = [...new Set(asked.map(({ name }) => name))]
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .flatMap((name) => {
      const value = byName.get(name);
      return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`];
    });
  const json = `{"attrs":{${said.join(',')}}}`.replace(/[<>&\u2028\u2029]/g, (sign) => escapes[sign] ?? sign);
  return new Extension(attributesOid, false, Buffer.from(json));
}
