import type { Doc, Value } from '../bson/value.js';
import type { Cursors } from '../cursors.js';
import type { Operation } from '../operation.js';
import type { Catalog } from '../storage/catalog.js';
import type { Store } from '../storage/store.js';

/** What commands work on. */
export interface Server {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly cursors: Cursors;
  readonly startedAt: Date;
  readonly port: number;
}

/** One command as it came. */
export interface Call {
  readonly server: Server;
  readonly database: string;
  readonly name: string;
  readonly body: Doc;
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly operation: Operation;
  readonly connection: number;
}

/** Carries a command out. The answer lacks `ok`; an encoded one is complete. */
export type Command = (call: Call) => Promise<Doc | Uint8Array> | Doc | Uint8Array;

/** The command's own operand: the value under its name. */
export function operandOf(call: Call): Value {
  return call.body[call.name];
}
