import { z } from 'zod';

/** Id of a DApp, chosen by its publisher, first come: what its chaincode, its part of the graph and its client are named by. */
export const dappId = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/,
    'must be words of a-z and 0-9 joined by hyphens, each beginning with a letter, such as pharma-trace',
  )
  .min(3)
  .max(40);

/** A version as {@link https://semver.org/spec/v2.0.0.html | Semantic Versioning 2.0.0} has it, without build metadata; no number is larger than can be counted with. */
export const dappVersion = z
  .string()
  .max(64)
  .regex(
    /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?$/,
    'must be a semantic version, such as 1.2.0',
  );

/** Of a type, field, parameter or event, as contracts of any language name it. */
export const metadataName = z
  .string()
  .regex(/^_?[A-Za-z][A-Za-z0-9_]{0,63}$/, 'must be a name of letters, digits and underscores');

/** Of a contract. */
export const contractName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{0,63}$/,
    'must be a name of letters, digits, points, dashes and underscores',
  );

/** Name of the chaincode that a DApp's contracts run as; the same for every version, so that state outlives upgrades. */
export const chaincodeOf = (dapp: string): string => `dapp-${dapp}`;

/** The DApp that a chaincode belongs to; undefined for one of the consortium's own. */
export const dappOfChaincode = (chaincode: string): string | undefined =>
  chaincode.startsWith('dapp-') ? chaincode.slice('dapp-'.length) : undefined;

/** OAuth client of a DApp's back end: no client of anybody else has a colon in its id. */
export const clientOfDApp = (dapp: string): string => `dapp:${dapp}`;

/** The DApp whose back end a client is; undefined for any other client. */
export function dappOfClient(client: string): string | undefined {
  if (!client.startsWith('dapp:')) return undefined;
  return dappId.safeParse(client.slice('dapp:'.length)).data;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * What the names of a DApp in the graph begin with: `pharmaTrace_recall` among the fields of the roots, `PharmaTrace_Batch` among
 * types. Nothing of the core has an underscore in its name, and nothing of another DApp begins the same: every word of an id begins with
 * a letter, so that its capital tells where the word begins.
 */
export function graphNamespace(dapp: string): { readonly field: string; readonly type: string } {
  const [first = '', ...others] = dapp.split('-');
  const field = [first, ...others.map(capital)].join('');
  return { field: `${field}_`, type: `${capital(field)}_` };
}
