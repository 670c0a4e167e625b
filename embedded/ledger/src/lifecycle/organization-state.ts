import { hashedKey, hashedNamespace, keyHashOf } from '../collections/hashed-namespace.js';
import { implicitCollectionName as approvalsOf } from '../collections/collection.js';
import { sha256 } from '../crypto/hash.js';
import { type TxSimulator } from '../simulate/tx-simulator.js';
import { type ChannelStore } from '../store/channel-store.js';
import { StateData } from '../wire/lifecycle.js';
import { noBytes } from '../wire/message.js';
import {
  encodeMetadata,
  fieldKey,
  lifecycleNamespace,
  metadataKey,
  stringData,
  type StateSection,
  type StateStructure,
} from './state-layout.js';

// An organisation keeps what it approves in its implicit collection: the others have but the hashes.

/** What anybody may know of an organisation's approvals: SHA-256 of the values. */
export interface OpaqueState {
  hash(key: string): Buffer | undefined;
}

/** An organisation's approvals in the eyes of its own peer. */
export interface OwnState {
  get(key: string): Buffer | undefined;
}

/** A state that can be written. */
export interface WritableState extends OwnState {
  put(key: string, value: Buffer): void;
  delete(key: string): void;
}

/** What a channel's organisation has approved, after the last block. */
export function committedState(store: ChannelStore, mspId: string): OpaqueState & OwnState {
  const kept = { holder: mspId, namespace: lifecycleNamespace, collection: approvalsOf(mspId) };
  const hashes = hashedNamespace(kept.namespace, kept.collection);
  return {
    get: (key) => store.privateData.state(kept, key)?.value,
    hash: (key) => store.state(hashes, hashedKey(keyHashOf(key)))?.value,
  };
}

/** The approvals of any organisation, as a transaction sees them. */
export const opaqueState = (simulator: TxSimulator, mspId: string): OpaqueState => ({
  hash: (key) => simulator.getPrivateDataHash(lifecycleNamespace, approvalsOf(mspId), key),
});

/** The approvals of the peer's own organisation, in a transaction. */
export function ownState(simulator: TxSimulator, mspId: string): WritableState {
  const collection = approvalsOf(mspId);
  return {
    get: (key) => simulator.getPrivateData(lifecycleNamespace, collection, key),
    put: (key, value) => simulator.setPrivateData(lifecycleNamespace, collection, key, value),
    delete: (key) => simulator.setPrivateData(lifecycleNamespace, collection, key, noBytes),
  };
}

/** What a channel has agreed on, in a transaction. */
export const publicState = (simulator: TxSimulator): WritableState => ({
  get: (key) => simulator.getState(lifecycleNamespace, key),
  put: (key, value) => simulator.setState(lifecycleNamespace, key, value),
  delete: (key) => simulator.setState(lifecycleNamespace, key, noBytes),
});

/** Names of all structures of an organisation, with what their metadata entries hold. */
export async function ownStructures(
  simulator: TxSimulator,
  mspId: string,
  section: StateSection,
): Promise<Map<string, Buffer>> {
  const prefix = metadataKey(section, '');
  const range = simulator.privateRange(lifecycleNamespace, approvalsOf(mspId), prefix, `${prefix}\x7f`);
  const found = new Map<string, Buffer>();
  for (let entry = await range.next(); entry !== undefined; entry = await range.next())
    found.set(entry.key.slice(prefix.length), entry.value);
  return found;
}

/**
 * The parts of a structure that are not in the state as they are here: its type if that is not, else names of fields.
 * Every key is read, so that a transaction depends on all of them.
 */
export function mismatches(
  state: OpaqueState,
  section: StateSection,
  name: string,
  structure: StateStructure,
): string[] {
  const holds = (key: string, value: Buffer) => state.hash(key)?.equals(sha256(value)) === true;
  const sameType = holds(metadataKey(section, name), encodeMetadata(structure));
  const fields = [...structure.fields].map(([field, value]) => ({
    field,
    same: holds(fieldKey(section, name, field), value),
  }));
  return sameType ? fields.filter(({ same }) => !same).map(({ field }) => field) : [structure.datatype];
}

/** True if the state has exactly this structure under the name. */
export const isSerialized = (...args: Parameters<typeof mismatches>): boolean =>
  mismatches(...args).length === 0;

const packageField = 'PackageID';

/** Where an organisation has the package that runs a definition. */
export const packageStructure = (packageId: string): StateStructure => ({
  datatype: 'ChaincodeLocalPackage',
  fields: new Map([[packageField, stringData(packageId)]]),
});

/** The package with which an organisation has approved `chaincode#sequence`; undefined if it has not said. */
export function readPackageId(state: OwnState, name: string): string | undefined {
  if (state.get(metadataKey('chaincode-sources', name)) === undefined) return undefined;
  const value = state.get(fieldKey('chaincode-sources', name, packageField));
  return value && StateData.decode(value).string;
}
