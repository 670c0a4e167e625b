'use strict';
// Tries whatever leads out of the process. Each transaction answers how far it came.
const { Contract } = require('fabric-contract-api');

const modules = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'fs',
  'http',
  'http2',
  'https',
  'inspector',
  'module',
  'net',
  'os',
  'tls',
  'vm',
  'worker_threads',
];

class Reach extends Contract {
  /** Requires a module. */
  async require(ctx, name) {
    return typeof require(name);
  }

  async everyModule() {
    const got = [];
    for (const name of modules.flatMap((each) => [each, `node:${each}`])) {
      try {
        require(name);
        got.push(name);
      } catch {
        // On to the next.
      }
    }
    return got.join();
  }

  async importing() {
    return typeof (await import('node:fs'));
  }

  async file() {
    return require('fs').readFileSync('/etc/passwd', 'utf8');
  }

  async fetch(ctx, url) {
    return typeof (await fetch(url));
  }

  async socket() {
    return new WebSocket('ws://127.0.0.1:1');
  }

  async timer() {
    setTimeout(() => undefined, 1);
  }

  async exit() {
    process.exit(0);
  }

  async abort() {
    process.abort();
  }

  async signal() {
    process.kill(process.ppid, 'SIGKILL');
  }

  async binding() {
    return typeof process.binding('tcp_wrap');
  }

  async builtin() {
    return typeof process.getBuiltinModule('net');
  }

  async environment() {
    return Object.keys(process.env).join();
  }

  async secret() {
    return String(process.env.HOME);
  }

  async code() {
    return typeof new Function('return 1')();
  }

  async evaluated() {
    const evaluate = eval;
    return String(evaluate('1 + 1'));
  }

  /** Code of text by way of an object that is not of this realm. */
  async otherRealm(ctx) {
    return typeof ctx.stub.getState.constructor('return process')();
  }

  async otherRealmAsync(ctx) {
    return typeof (await Object.getPrototypeOf(ctx.stub.getState).constructor('return process')());
  }

  async bufferRealm() {
    return typeof Buffer.from.constructor('return process')();
  }

  /** Every way to the process's own globals that there might be. */
  async globals(ctx) {
    const found = [];
    const other = Object.getPrototypeOf(Object.getPrototypeOf(ctx.stub));
    for (const sloppy of [other.valueOf, other.__lookupGetter__, other.toString]) {
      try {
        const self = Reflect.apply(sloppy, undefined, []);
        if (self?.process) found.push(Object.keys(self.process).join());
      } catch {
        // On to the next.
      }
    }
    return found.join();
  }

  /** The stack with the functions on it. */
  async stack() {
    Error.prepareStackTrace = (_, frames) => frames.map((frame) => typeof frame.getFunction()).join();
    return new Error('stack').stack;
  }

  /** The same, by a class of its own in the place of the language's. */
  async otherError() {
    globalThis.Error = {
      prepareStackTrace: (_, frames) => frames.map((frame) => frame.getFileName()).join(),
    };
    try {
      null.nothing();
    } catch (error) {
      return error.stack;
    }
  }

  /** What the shim's own objects hold. */
  async handles(ctx) {
    const seen = new Set();
    const found = [];
    const walk = (value, path, depth) => {
      if (
        value === null ||
        (typeof value !== 'object' && typeof value !== 'function') ||
        seen.has(value) ||
        depth > 8
      )
        return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        if (['fd', '_handle', 'mainModule', '_linkedBinding', 'readFileSync', 'spawn'].includes(String(key)))
          found.push(`${path}.${String(key)}`);
        let next;
        try {
          next = value[key];
        } catch {
          continue;
        }
        walk(next, `${path}.${String(key)}`, depth + 1);
      }
      walk(Object.getPrototypeOf(value), `${path}.__proto__`, depth + 1);
    };
    walk(ctx, 'ctx', 0);
    walk(require('fabric-contract-api'), 'api', 0);
    walk(globalThis, 'globalThis', 0);
    return found.join('\n');
  }
}

module.exports.contracts = [Reach];
