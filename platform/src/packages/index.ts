export * from './errors.js';
export { PackageStore, type PackageStoreOptions, type StoredPackage } from './package-store.js';
