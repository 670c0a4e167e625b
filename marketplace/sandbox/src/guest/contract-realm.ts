import vm from 'node:vm';
import { guardDeterminism, type Realm } from './determinism.js';
import { fixGlobals, freezeIntrinsics } from './intrinsics.js';
import { type Refuse } from './refusals.js';
import { tellPlacesInBundle } from './stacks.js';

// Taken now: the process gives up its engine's modules before contracts are loaded.
const { compileFunction, createContext, runInContext } = vm;

/** Modules that contracts may require, by name. */
export type GuestModules = ReadonlyMap<string, unknown>;

export interface RealmOptions {
  readonly modules: GuestModules;
  readonly refuse: Refuse;
  /** Hears what contracts write to their console. */
  readonly onLine: (line: string) => void;
}

/** Functions that a program expects and that a contract must do without. */
const refusedFunctions = {
  setTimeout: 'timers run by the clock of one peer', setInterval: 'timers run by the clock of one peer',
  setImmediate: 'timers run by the clock of one peer', fetch: 'contracts have no network',
} as const; // prettier-ignore
const refusedClasses = [
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'Worker',
  'BroadcastChannel',
  'MessageChannel',
];

/**
 * The realm that contracts run in: the language, bytes and texts, the modules that they may require. It makes no code of
 * text, and what its objects inherit is frozen.
 */
export class ContractRealm {
  readonly #context: vm.Context;
  readonly #modules: GuestModules;
  readonly #refuse: Refuse;

  constructor({ modules, refuse, onLine }: RealmOptions) {
    this.#modules = modules;
    this.#refuse = refuse;
    // Without a prototype: it would be a way to the realm that this code runs in.
    this.#context = createContext(Object.create(null) as object, {
      name: 'contracts',
      codeGeneration: { strings: false, wasm: false },
    });
    const realm = runInContext('globalThis', this.#context) as Realm;
    const give = (name: string, value: unknown) =>
      Object.defineProperty(realm, name, { value, writable: true, configurable: true, enumerable: false });
    for (const [name, value] of Object.entries({
      ArrayBuffer, Uint8Array, Buffer, TextEncoder, TextDecoder, URL, URLSearchParams, atob, btoa, queueMicrotask, structuredClone,
    })) give(name, value); // prettier-ignore
    this.#shareDecoratorMetadata(realm);
    const line = (...words: unknown[]) => onLine(words.map(String).join(' '));
    give(
      'console',
      Object.freeze({ log: line, info: line, warn: line, error: line, debug: line, trace: line }),
    );
    for (const [name, why] of Object.entries(refusedFunctions))
      give(name, () => refuse('FORBIDDEN_GLOBAL', `there is no ${name} in a contract: ${why}`));
    for (const name of refusedClasses)
      give(name, function refused() {
        refuse('FORBIDDEN_GLOBAL', `there is no ${name} in a contract`);
      });
    give('process', this.#process());
    guardDeterminism(realm, refuse);
    tellPlacesInBundle(realm);
    freezeIntrinsics(realm);
    fixGlobals(realm);
  }

  /** Runs a bundle as the CommonJS module that it is, in strict mode; answers what it exports. */
  run(bundle: string, file: string): unknown {
    const module: { exports: unknown } = { exports: {} };
    const main = compileFunction(`'use strict';\n${bundle}`, ['exports', 'require', 'module'], {
      parsingContext: this.#context,
      filename: file,
      lineOffset: -1,
    });
    Reflect.apply(main, undefined, [module.exports, this.#require, module]);
    return module.exports;
  }

  readonly #require = (name: unknown): unknown => {
    const wanted = String(name);
    if (this.#modules.has(wanted)) return this.#modules.get(wanted);
    return this.#refuse(
      'FORBIDDEN_MODULE',
      `contracts may require ${[...this.#modules.keys()].join(', ')} and nothing else`,
      wanted,
    );
  };

  /** Decorators of TypeScript leave what they know with `Reflect`, where the contract API of the other realm looks. */
  #shareDecoratorMetadata(realm: Realm): void {
    const reflect = realm['Reflect'] as object;
    const own = new Set(Reflect.ownKeys(reflect));
    for (const key of Reflect.ownKeys(Reflect))
      if (!own.has(key)) Object.defineProperty(reflect, key, { value: Reflect.get(Reflect, key) as unknown });
  }

  /** Libraries look for the mode that they run in; all else of a process is refused by name. */
  #process(): object {
    const refuse = this.#refuse;
    const env = new Proxy(Object.freeze({}), {
      get: (_, name) => {
        if (name === 'NODE_ENV') return 'production';
        if (typeof name === 'symbol') return undefined;
        return refuse('FORBIDDEN_GLOBAL', 'contracts have no environment: process.env is not readable');
      },
      ownKeys: () => refuse('FORBIDDEN_GLOBAL', 'contracts have no environment: process.env is not readable'),
      has: (_, name) => name === 'NODE_ENV',
    });
    return new Proxy(Object.freeze({}), {
      get: (_, name) => {
        if (name === 'env') return env;
        if (typeof name === 'symbol') return undefined;
        return refuse('FORBIDDEN_GLOBAL', 'contracts have no process', name);
      },
      has: (_, name) => name === 'env',
    });
  }
}
