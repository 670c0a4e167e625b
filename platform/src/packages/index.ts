export * from './errors.js';
export {
  PackageStore,
  type PackageStoreOptions,
  type PackageSweep,
  type PackageSweepOptions,
  type SentPackage,
  type StoredPackage,
} from './package-store.js';
