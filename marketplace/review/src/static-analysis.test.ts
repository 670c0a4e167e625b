import { describe, expect, test } from '@jest/globals';
import { analyse } from './analysis/analyse.js';

const codes = (bundle: string) => analyse(bundle).map(({ rule, position }) => `${rule.code} ${position}`);

describe('refused is', () => {
  test.each([
    ['const now = Date.now();', 'CLOCK_READ 1:13'],
    ['const now = Date["now"]();', 'CLOCK_READ 1:13'],
    ['const now = new Date();', 'CLOCK_READ 1:13'],
    ['const now = Date();', 'CLOCK_READ 1:13'],
    ['const { now } = Date;', 'CLOCK_READ 1:17'],
    ['performance.now();', 'CLOCK_READ 1:1'],
    ['const id = Math.random();', 'RANDOMNESS 1:12'],
    ['const { random } = Math;', 'RANDOMNESS 1:20'],
    ['const c = require("crypto");', 'RANDOMNESS 1:11'],
    ['crypto.randomUUID();', 'RANDOMNESS 1:1'],
    ['setTimeout(() => {}, 10);', 'TIMER 1:1'],
    ['fetch("https://example.com");', 'NETWORK_ACCESS 1:1'],
    ['new WebSocket("wss://example.com");', 'NETWORK_ACCESS 1:5'],
    ['const net = require("node:net");', 'NETWORK_ACCESS 1:13'],
    ['const fs = require("fs/promises");', 'FILE_ACCESS 1:12'],
    ['require("child_process").fork("x");', 'PROCESS_ACCESS 1:1'],
    ['const secret = process.env.SECRET;', 'PROCESS_ACCESS 1:16'],
    ['require("./addon.node");', 'NATIVE_ADDON 1:1'],
    ['require("lodash");', 'MODULE_FORBIDDEN 1:1'],
    ['require("f" + "s");', 'MODULE_DYNAMIC 1:1'],
    ['const load = require; load("fs");', 'MODULE_DYNAMIC 1:14'],
    ['import("fs");', 'MODULE_DYNAMIC 1:1'],
    ['eval("1");', 'DYNAMIC_CODE 1:1'],
    ['new Function("return process")();', 'DYNAMIC_CODE 1:5'],
    ['const f = (() => {}).constructor("return process");', 'DYNAMIC_CODE 1:11'],
    ['const F = [].constructor.constructor;', 'DYNAMIC_CODE 1:11'],
    ['globalThis["fet" + "ch"]("x");', 'GLOBAL_OBJECT 1:1'],
    ['const f = typeof fetch === "undefined" ? Object : fetch;', 'NETWORK_ACCESS 1:51'],
    ['const s = typeof Other === "undefined" ? Object : Status;', 'GLOBAL_UNKNOWN 1:51'],
    ['counter = 1;', 'GLOBAL_WRITTEN 1:1'],
    ['mystery();', 'GLOBAL_UNKNOWN 1:1'],
    ['Object.prototype.polluted = true;', 'INTRINSIC_CHANGED 1:1'],
    ['Array.prototype["map"] = null;', 'INTRINSIC_CHANGED 1:1'],
    ['({}).__proto__.polluted = true;', 'INTRINSIC_CHANGED 1:1'],
    ['Object.assign(Object.prototype, { a: 1 });', 'INTRINSIC_CHANGED 1:1'],
    ['Reflect.defineProperty(String.prototype, "a", {});', 'INTRINSIC_CHANGED 1:1'],
    ['JSON.parse = null;', 'INTRINSIC_CHANGED 1:1'],
    ['delete Promise.prototype.then;', 'INTRINSIC_CHANGED 1:1'],
    ['new WeakRef({});', 'GARBAGE_OBSERVED 1:5'],
    ['new SharedArrayBuffer(8);', 'SHARED_MEMORY 1:5'],
    ['Promise.race([a()]); function a() {}', 'RACE 1:1'],
    ['const t = d().toLocaleString(); function d() {}', 'LOCALE_DEPENDENT 1:11'],
  ])('%s', (bundle, expected) => {
    expect(codes(bundle)).toEqual([expected]);
  });
});

describe('allowed is', () => {
  test.each([
    ['a time that the transaction gives', 'const at = new Date(ctx().now); function ctx() {}'],
    ['a name of the bundle’s own', 'function run(fetch, process) { return fetch(process.env); }'],
    ['to ask whether there is something', 'const there = typeof process !== "undefined" && typeof window;'],
    ['a class and its prototype', 'class A {} A.prototype.b = 1; Object.defineProperty(A, "c", {});'],
    ['another of the same class', 'class A { copy() { return new this.constructor(); } }'],
    [
      'what the host gives',
      'const { DAppContract } = require("@medigraph/dapp"); module.exports.contracts = [];',
    ],
    ['a type that is gone', 'const t = typeof Status === "undefined" ? Object : Status;'],
    ['arithmetic', 'const n = Math.max(1, Math.trunc(2.5));'],
    ['a property that is called like something', 'const a = { fetch: 1 }; a.fetch; a.process = 2;'],
  ])('%s', (_what, bundle) => {
    expect(codes(bundle)).toEqual([]);
  });
});
