/**
 * Takes from the process what contracts have no use for, once the shim is loaded and before a bundle is. Contracts run in a
 * realm without any of it; this is for the case that one of them gets at an object of the process's own realm.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import inspector from 'node:inspector';
import { Module, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import workerThreads from 'node:worker_threads';
import { GuestRefusal } from './refusals.js';

const denied = (what: string) =>
  function refused(): never {
    throw new GuestRefusal('FORBIDDEN_GLOBAL', `contracts have no ${what}`);
  };

/** What the libraries under the contracts may still find among the globals, beside those of the language: messages are kept in `proto`. */
const keptGlobals = new Set(['Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'atob', 'btoa', 'queueMicrotask', 'structuredClone', 'global', 'globalThis', 'process', 'console', 'proto']); // prettier-ignore

/** Names of the language itself, as a new realm has them. */
const languageGlobals = new Set(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]);

/** Replaces every function of a module's exports, and every method of its classes. */
function disarm(exports: object, what: string): void {
  for (const key of Reflect.ownKeys(exports)) {
    const property = Object.getOwnPropertyDescriptor(exports, key);
    if (property === undefined || typeof property.value !== 'function') continue;
    const { prototype } = property.value as { prototype?: object | null };
    if (property.configurable) Object.defineProperty(exports, key, { ...property, value: denied(what) });
    if (prototype === undefined || prototype === null) continue;
    for (const method of ['connect', 'listen', 'bind', 'send', 'request', 'open'])
      if (Object.getOwnPropertyDescriptor(prototype, method)?.configurable === true)
        Object.defineProperty(prototype, method, {
          value: denied(what),
          writable: false,
          configurable: false,
        });
  }
}

/** The constructors that make code of text. */
function codeMakers(): { prototype: object }[] {
  const examples = [
    () => 0,
    async () => Promise.resolve(0),
    function* () {
      yield 0;
    },
    async function* () {
      yield Promise.resolve(0);
    },
  ];
  return examples.map((example) => ({ prototype: Object.getPrototypeOf(example) as object }));
}

/**
 * Text becomes code no more, except where {@link Lockdown.compile} says so: the dispatcher compiles the schemas of
 * arguments.
 */
export class Lockdown {
  #compiling = false;

  /** Runs something of ours that makes code of text. */
  compile<T>(work: () => T): T {
    const outer = this.#compiling;
    this.#compiling = true;
    try {
      return work();
    } finally {
      this.#compiling = outer;
    }
  }

  /** @param handle - the pipe to the host, whose class could open others */
  close(handle: object): void {
    this.#closeCode();
    for (const [exports, what] of [
      [net, 'network'],
      [tls, 'network'],
      [dgram, 'network'],
      [dns, 'network'],
      [dns.promises, 'network'],
      [http, 'network'],
      [http2, 'network'],
      [https, 'network'],
      [childProcess, 'processes'],
      [workerThreads, 'threads'],
      [inspector, 'inspector'],
      [fs, 'files'],
      [fs.promises, 'files'],
      [v8, 'engine'],
      [vm, 'engine'],
    ] as const)
      // prettier-ignore
      disarm(exports, what);
    const raw = Object.getPrototypeOf(handle) as object;
    for (const method of ['connect', 'connect6', 'bind', 'bind6', 'listen', 'open', 'fchmod'])
      if (method in raw) Object.defineProperty(raw, method, { value: denied('network') });
    this.#closeModules();
    syncBuiltinESMExports();
    this.#closeProcess();
    for (const name of Object.getOwnPropertyNames(globalThis))
      if (!keptGlobals.has(name) && !languageGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
  }

  #closeCode(): void {
    const make = Function;
    const guarded = new Proxy(make, {
      construct: (target, args) => this.#code(() => Reflect.construct(target, args) as object),
      apply: (target, self, args) => this.#code(() => Reflect.apply(target, self, args) as unknown),
    });
    for (const { prototype } of codeMakers())
      Object.defineProperty(prototype, 'constructor', {
        value: guarded,
        writable: false,
        configurable: false,
      });
    Object.defineProperty(globalThis, 'Function', { value: guarded, writable: false, configurable: false });
    Object.defineProperty(globalThis, 'eval', {
      value: denied('eval'),
      writable: false,
      configurable: false,
    });
  }

  #code<T>(work: () => T): T {
    if (!this.#compiling) denied('code made of text')();
    return work();
  }

  /** What is loaded stays within reach of the libraries that loaded it; nothing else can be. */
  #closeModules(): void {
    const loader = Module as unknown as Record<string, unknown>;
    const loaded = loader['_cache'] as Record<string, { exports: unknown } | undefined>;
    const requireLoaded = function (this: { readonly filename: string }, name: string): unknown {
      if (name === 'util') return util;
      const file = name.startsWith('.') ? path.resolve(path.dirname(this.filename), name) : '';
      const found = loaded[file] ?? loaded[`${file}.js`];
      return found === undefined ? denied('modules')() : found.exports;
    };
    for (const name of ['_load', '_resolveFilename', 'createRequire', 'register', 'runMain', '_initPaths'])
      if (name in loader) loader[name] = denied('modules');
    for (const [method, value] of Object.entries({
      require: requireLoaded,
      _compile: denied('modules'),
      load: denied('modules'),
    }))
      // prettier-ignore
      Object.defineProperty(Module.prototype, method, { value, writable: false, configurable: false });
    loader['_cache'] = Object.freeze({});
    loader['_extensions'] = Object.freeze({});
  }

  /** Libraries see a process that can tell them the platform and nothing else; the real one stays with Node's own code. */
  #closeProcess(): void {
    const { platform, arch, version } = process;
    const harmless = {
      platform,
      arch,
      version,
      versions: Object.freeze({ node: process.versions.node }),
      env: Object.freeze({}),
      argv: Object.freeze([]),
      execArgv: Object.freeze([]),
      nextTick: (work: (...args: unknown[]) => void, ...args: unknown[]) =>
        queueMicrotask(() => work(...args)),
      emitWarning: () => undefined,
      exit: denied('process'),
    };
    const real = process as unknown as Record<string, unknown>;
    for (const name of [
      'binding',
      '_linkedBinding',
      'dlopen',
      'kill',
      '_kill',
      'abort',
      'reallyExit',
      'exit',
      'getBuiltinModule',
      'chdir',
      '_getActiveHandles',
      '_getActiveRequests',
      '_debugProcess',
      '_debugEnd',
      '_startProfilerIdleNotifier',
      'setuid',
      'setgid',
      'seteuid',
      'setegid',
      'setgroups',
      'initgroups',
      'openStdin',
      'report',
      'mainModule',
      'stdin',
      'stdout',
      'stderr',
      'send',
    ])
      // prettier-ignore
      if (name in real)
        Object.defineProperty(real, name, { value: denied('process'), writable: false, configurable: true });
    Object.defineProperty(real, 'env', { value: Object.freeze({}), configurable: false });
    Object.defineProperty(globalThis, 'process', { value: Object.freeze(harmless), configurable: false });
    const silent = () => undefined;
    const quiet = { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent };
    Object.defineProperty(globalThis, 'console', { value: Object.freeze(quiet), configurable: false });
  }
}
