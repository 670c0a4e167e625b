import { fileURLToPath } from 'node:url';

/** The contract suites, by the name that the network's description gives them, and the module that serves each. */
const servers: Readonly<Record<string, string>> = {
  care: '@medigraph/chaincode-care/server',
  claims: '@medigraph/chaincode-claims/server',
  registry: '@medigraph/chaincode-registry/server',
};

/** Absolute path of a package's entry. */
export const entryOf = (specifier: string): string => fileURLToPath(import.meta.resolve(specifier));

/** Compiled entry of each suite's server, by suite. */
export const suiteEntries: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(servers).map(([suite, specifier]) => [suite, entryOf(specifier)]),
);
