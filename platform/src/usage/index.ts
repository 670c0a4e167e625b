export {
  OperationUsageStore,
  type OperationUsageStoreOptions,
  type OperationUse,
  type UsedOperation,
} from './operation-usage-store.js';
