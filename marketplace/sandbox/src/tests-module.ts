/** What the tests in a package require in the place of the sources of its contracts: the bundle that is in the package too. */
export const contractsModule = 'medigraph:contracts';
