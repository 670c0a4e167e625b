import { createRequire } from 'node:module';
import { always, guardDeterminism, type Realm } from './determinism.js';
import { freezeClasses, freezeIntrinsics } from './intrinsics.js';
import { tellPlacesInBundle } from './stacks.js';

const fromShim = createRequire(createRequire(import.meta.url).resolve('fabric-shim/lib/handler.js'));

type Exports = Readonly<Record<string, unknown>>;

/** Classes of the shim whose objects contracts are handed. */
export function shimClasses(): unknown[] {
  const { ClientIdentity, KeyEndorsementPolicy } = fromShim('./chaincode.js') as Exports;
  const others = [fromShim('./handler.js'), fromShim('./iterators.js')] as Exports[];
  return [
    ClientIdentity,
    KeyEndorsementPolicy,
    fromShim('./stub.js'),
    ...others.flatMap(Object.values<unknown>),
  ];
}

/** Classes of the modules that contracts may require. */
export const classesOf = (modules: Iterable<unknown>): unknown[] =>
  [...modules].flatMap((exports) => Object.values(exports as Exports));

/**
 * Settles the realm of the libraries below the contracts, once all of them are loaded: it has no clock and no chance, its stacks say nothing of where it
 * is, and no transaction can change for the next one what its objects inherit.
 * @param classes - beside those of the language, that contracts meet objects of
 */
export function settleOwnRealm(classes: Iterable<unknown>): void {
  const realm = globalThis as unknown as Realm;
  tellPlacesInBundle(realm);
  guardDeterminism(realm, always);
  freezeIntrinsics(realm);
  freezeClasses(classes);
}
