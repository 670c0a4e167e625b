export { AddressBook, AddressesExhausted, type AddressRange, type ServiceAddress } from './address-book.js';
export { type OperationSource } from './client-findings.js';
export { PackageUnavailable, type PackageSource } from './package-source.js';
export { Steward, type StewardOptions, type StewardedOrganization } from './steward.js';
