import { type Realm } from './determinism.js';

/** What a subclass or an object of its own may have otherwise, though what it inherits is frozen. */
const overridable = new Set([
  'constructor',
  'toString',
  'toLocaleString',
  'valueOf',
  'name',
  'message',
  'toJSON',
]);

const globals = [
  'Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Date', 'RegExp', 'Promise', 'Map', 'Set',
  'WeakMap', 'WeakSet', 'Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError',
  'AggregateError', 'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
  'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'JSON', 'Math', 'Reflect',
  'Proxy', 'Intl', 'Buffer', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder',
]; // prettier-ignore

/**
 * Freezes what every object of a realm inherits, so that no transaction can change what the next one, the dispatcher or the
 * shim is made of.
 */
export function freezeIntrinsics(realm: Realm): void {
  const seen = new Set<object>();
  const freeze = (target: unknown) => {
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null || seen.has(target))
      return;
    seen.add(target);
    for (const key of Reflect.ownKeys(target)) {
      const property = Object.getOwnPropertyDescriptor(target, key);
      if (property === undefined) continue;
      for (const part of Object.values(property)) freeze(part);
      if (typeof key === 'string' && overridable.has(key)) makeOverridable(target, key, property);
    }
    freeze(Object.getPrototypeOf(target));
    // Bytes cannot be frozen, and none are among the intrinsics themselves.
    if (!ArrayBuffer.isView(target)) Object.freeze(target);
  };
  for (const name of globals) freeze(realm[name]);
}

/**
 * Has the globals of a realm stay what they are, whatever they are: a transaction could put another `JSON` in place for the next, and an `Error` that is
 * given the stack, which is the platform's too.
 */
export function fixGlobals(realm: Realm): void {
  for (const name of Object.getOwnPropertyNames(realm)) {
    const property = Object.getOwnPropertyDescriptor(realm, name);
    // With its value: the global object of a context takes one that is not said for undefined.
    if (property?.configurable === true && 'value' in property)
      Object.defineProperty(realm, name, { ...property, writable: false, configurable: false });
  }
}

/**
 * Freezes classes that contracts meet objects of, such as the stub, and what these inherit. Subclasses and objects may still have what they like
 * of their own.
 */
export function freezeClasses(classes: Iterable<unknown>): void {
  for (const each of classes) {
    if (typeof each !== 'function') continue;
    let prototype = (each as { readonly prototype?: unknown }).prototype;
    while (typeof prototype === 'object' && prototype !== null && !Object.isFrozen(prototype)) {
      for (const key of Reflect.ownKeys(prototype)) {
        const property = Object.getOwnPropertyDescriptor(prototype, key);
        if (typeof key === 'string' && property) makeOverridable(prototype, key, property);
      }
      Object.freeze(prototype);
      prototype = Object.getPrototypeOf(prototype);
    }
    Object.freeze(each);
  }
}

/**
 * An object that inherits a frozen property cannot be assigned one of the same name; through an accessor it can.
 * Functions have such properties of their own and are left alone.
 */
function makeOverridable(target: object, key: string, property: PropertyDescriptor): void {
  if (typeof target === 'function' || !property.configurable || !('value' in property)) return;
  const value: unknown = property.value;
  Object.defineProperty(target, key, {
    configurable: false,
    enumerable: property.enumerable ?? false,
    get: () => value,
    set(this: object, changed: unknown) {
      if (this === target) throw new TypeError(`${key} of an intrinsic is read-only`);
      Object.defineProperty(this, key, {
        value: changed,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
  });
}
