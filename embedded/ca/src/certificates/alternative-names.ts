import { type JsonGeneralName, type JsonGeneralNames } from '@peculiar/x509';
import { isIP } from 'node:net';
import { Refusal } from '../refusal.js';

const mail = /^[^\s<>@]+@[^\s<>@]+$/;
const uri = /^([A-Za-z][A-Za-z0-9+.-]*:|\/)\S*$/;
// eslint has nothing against this one: it names the characters that IA5 has.
const ascii = /^[\x20-\x7e]*$/;

function nameOf(host: string): JsonGeneralName {
  if (isIP(host) !== 0) return { type: 'ip', value: host };
  if (!ascii.test(host))
    throw Refusal.unknown(
      `Certificate signing failure: ${JSON.stringify(host)} cannot be encoded as an IA5String`,
    );
  if (mail.test(host)) return { type: 'email', value: host };
  return { type: uri.test(host) ? 'url' : 'dns', value: host };
}

/** In the order in which they stand in a certificate. */
const kinds: readonly JsonGeneralName['type'][] = ['dns', 'email', 'ip', 'url'];

/**
 * Names and addresses for which a certificate is valid: those that the request lists, each as what it looks like; else those of the
 * CSR.
 */
export function alternativeNames(
  hosts: readonly string[] | undefined,
  ofRequest: JsonGeneralNames,
): JsonGeneralNames {
  const names = hosts === undefined ? ofRequest : hosts.map(nameOf);
  return kinds.flatMap((kind) => names.filter(({ type }) => type === kind));
}
