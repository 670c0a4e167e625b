import { type Realm } from './determinism.js';

/** A place on a stack, as the engine has it: an object of functions that writes itself out. */
interface Place {
  getFileName(): string | null | undefined;
  toString(): string;
}

/** Bundles are named without a folder; whatever else there is stands where the platform happens to be installed. */
const isOfBundle = (file: string | null | undefined): boolean =>
  typeof file === 'string' && /^[^/\\:]+\.c?js$/.test(file);

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}

/**
 * Makes stacks of a realm tell the same on every peer: the places in the bundle, and none of the platform's. Whoever formats stacks is given the
 * functions on them, so contracts cannot take this place.
 */
export function tellPlacesInBundle(realm: Realm): void {
  Object.defineProperty(realm['Error'] as object, 'prepareStackTrace', {
    value: (error: unknown, places: readonly Place[]) =>
      [
        headOf(error),
        ...places
          .filter((place) => isOfBundle(place.getFileName()))
          .map((place) => `    at ${String(place)}`),
      ].join('\n'),
    writable: false,
    configurable: false,
  });
}
