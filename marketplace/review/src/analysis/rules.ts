/** What a contract may not use, why, and what it does instead. */

export interface Rule {
  readonly code: string;
  readonly message: string;
}

const rule = (code: string, message: string): Rule => ({ code, message });

const clock = rule('CLOCK_READ', 'peers have clocks of their own: use ctx.now, the time of the transaction');
const chance = rule(
  'RANDOMNESS',
  'each peer would draw another number: derive ids from ctx.transactionId or take them as arguments',
);
const timer = rule('TIMER', 'a transaction ends when its promise does: await what it needs, without timers');
const network = rule(
  'NETWORK_ACCESS',
  'peers would hear different answers, and the sandbox has no network: pass what is needed as an argument',
);
const files = rule(
  'FILE_ACCESS',
  'the sandbox has no files: keep state with ctx.table, and what never changes in the bundle',
);
const processes = rule(
  'PROCESS_ACCESS',
  'contracts have no process, environment or machine: pass what is needed as an argument',
);
const code = rule(
  'DYNAMIC_CODE',
  'code made of text cannot be reviewed, and the sandbox makes none: write it out',
);
const globals = rule('GLOBAL_OBJECT', 'the global object is a way around every check: name what is meant');
const memory = rule(
  'GARBAGE_OBSERVED',
  'when memory is freed differs between peers: keep state on the ledger',
);
const threads = rule('SHARED_MEMORY', 'contracts run alone: there is nobody to share memory with');

/** Names that are refused wherever they come from outside. */
export const refusedNames: Readonly<Record<string, Rule>> = {
  performance: clock,
  setTimeout: timer,
  setInterval: timer,
  setImmediate: timer,
  clearTimeout: timer,
  clearInterval: timer,
  clearImmediate: timer,
  fetch: network,
  WebSocket: network,
  EventSource: network,
  XMLHttpRequest: network,
  navigator: network,
  Worker: processes,
  process: processes,
  __dirname: files,
  __filename: files,
  eval: code,
  Function: code,
  WebAssembly: code,
  globalThis: globals,
  global: globals,
  self: globals,
  window: globals,
  crypto: chance,
  WeakRef: memory,
  FinalizationRegistry: memory,
  SharedArrayBuffer: threads,
  Atomics: threads,
};

/** `Name.property` from outside that is refused though the name itself is not. */
export const refusedMembers: Readonly<Record<string, Rule>> = {
  'Date.now': clock,
  'Math.random': chance,
};

/** A call or construction without arguments, `new Date()`. */
export const clockCall = clock;
export const dynamicCode = code;

/** Names from outside that contracts may use: the language, bytes and texts. */
export const allowedNames: ReadonlySet<string> = new Set([
  'module', 'exports', 'require', 'console', 'undefined', 'NaN', 'Infinity', 'arguments',
  'Object', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Date', 'RegExp', 'Math', 'JSON', 'Reflect', 'Proxy', 'Promise',
  'Map', 'Set', 'WeakMap', 'WeakSet', 'Intl', 'Iterator',
  'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError',
  'ArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array',
  'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'escape', 'unescape',
  'Buffer', 'TextEncoder', 'TextDecoder', 'URL', 'URLSearchParams', 'structuredClone', 'queueMicrotask', 'atob', 'btoa',
]); // prettier-ignore

/** Modules that the host gives to contracts. */
export const hostModules = ['@medigraph/dapp', 'fabric-contract-api', 'fabric-shim-api'] as const;

/** What a module is for, where it is one of Node's; its name is without `node:`. */
export function ruleOfModule(name: string): Rule {
  const [base = ''] = name.replace(/^node:/, '').split('/');
  if (/^(net|tls|http|https|http2|dgram|dns|inspector)$/.test(base)) return network;
  if (/^(fs|path|zlib|stream|readline|tty)$/.test(base)) return files;
  if (base === 'crypto') return chance;
  if (base === 'perf_hooks') return clock;
  if (base === 'timers') return timer;
  if (base === 'vm' || base === 'module' || base === 'wasi') return code;
  if (/^(child_process|worker_threads|cluster|os|process|v8|async_hooks|diagnostics_channel)$/.test(base))
    return processes;
  if (name.endsWith('.node'))
    return rule('NATIVE_ADDON', 'machine code cannot be reviewed, and the sandbox loads none');
  return rule(
    'MODULE_FORBIDDEN',
    `the host gives contracts ${hostModules.join(', ')} and nothing else: put what is needed into the bundle`,
  );
}

export const outcomes = {
  race: rule('RACE', 'which promise is first differs between peers: await all of them'),
  unknown: rule('GLOBAL_UNKNOWN', 'nothing in the bundle defines it, and the sandbox does not have it'),
  implicit: rule(
    'GLOBAL_WRITTEN',
    'a name that nothing declares would outlive the transaction: declare it, and keep state on the ledger',
  ),
  pollution: rule(
    'INTRINSIC_CHANGED',
    'what everything inherits from belongs to everybody: make a class or function of your own',
  ),
  dynamicModule: rule('MODULE_DYNAMIC', 'which module it is cannot be reviewed: require modules by name'),
  locale: rule(
    'LOCALE_DEPENDENT',
    'what it answers depends on the machine: say the locale and the time zone, or format outside of contracts',
  ),
} as const;
