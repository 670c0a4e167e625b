import { type ExecutionResult } from 'graphql';
import { isResponseObject, valueOf } from './response-object.js';

/** The response key under which a live operation asks for the cursor of each event, beside what its client asked for. */
export const cursorKey = '_live_cursor';

/** What a result of a stream says, beside its data, of where the stream stands. */
export interface StreamExtensions extends Record<string, unknown> {
  /** After this result; to be given as `after` to go on from here. */
  readonly cursor?: string;
}

/** The cursor that a subgraph gave with an event, or alone as a mark of where the stream begins. */
export function cursorOf({ data, extensions }: ExecutionResult): string | undefined {
  for (const value of isResponseObject(data) ? Object.values(data) : []) {
    const cursor = isResponseObject(value) ? valueOf(value, cursorKey) : undefined;
    if (typeof cursor === 'string') return cursor;
  }
  return typeof extensions?.cursor === 'string' ? extensions.cursor : undefined;
}

/** The result as its client asked for it, with the cursor beside it. */
export function withCursor(result: ExecutionResult, cursor: string | undefined): ExecutionResult {
  if (cursor === undefined) return result;
  for (const value of Object.values(result.data ?? {}))
    if (isResponseObject(value)) Reflect.deleteProperty(value, cursorKey);
  const extensions: StreamExtensions = { cursor };
  return { ...result, extensions };
}
