import v8 from 'node:v8';
import { type peer } from '@hyperledger/fabric-protos';
import { type Simulation } from './simulation.js';

// Taken now: a process may give up its engine's modules before contracts run in it.
const { deserialize, serialize } = v8;

/** What a chaincode asked of its peer, and what it was answered. */
export interface Exchange {
  /** Name and arguments of the question. */
  readonly question: string;
  /** As {@link packed}. */
  readonly answer: string;
}

/** One run of a transaction with everything that it depended on: enough to run it again anywhere. */
export interface RecordedRun {
  /** `Contract:transaction`. */
  readonly name: string;
  readonly transaction: string;
  readonly channel: string;
  /** Function and arguments, each in base64. */
  readonly arguments: readonly string[];
  /** The signed proposal, in base64. */
  readonly proposal: string;
  readonly exchanges: readonly Exchange[];
  readonly outcome: RunOutcome;
}

/** What a run came to. Bytes in base64. */
export interface RunOutcome {
  readonly status: number;
  readonly payload: string;
  /** Name and payload. */
  readonly event?: readonly [string, string];
  /** Key to value, null for a deletion; in the order of keys. */
  readonly writes: readonly (readonly [string, string | null])[];
}

const base64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');

/** A value of the peer's as text. */
export const packed = (value: unknown): string => serialize(value).toString('base64');
export const unpacked = (text: string): unknown => deserialize(Buffer.from(text, 'base64'));

/** A question to the peer in a form that can be compared. */
export const questionOf = (method: string, args: readonly unknown[]): string =>
  JSON.stringify([method, ...args.map((one) => (one instanceof Uint8Array ? base64(one) : (one ?? null)))]);

/** @see RunOutcome */
export function outcomeOf(
  response: { readonly status: number; readonly payload?: Uint8Array },
  event: { getEventName(): string; getPayload_asU8(): Uint8Array } | undefined,
  writes: ReadonlyMap<string, Uint8Array | undefined>,
): RunOutcome {
  return {
    status: response.status,
    payload: base64(response.payload),
    ...(event && { event: [event.getEventName(), base64(event.getPayload_asU8())] as const }),
    writes: [...writes].map(([key, value]) => [key, value === undefined ? null : base64(value)] as const),
  };
}

/** What a contract is told of a run before it has run. */
export const inputsOf = (input: peer.ChaincodeInput, proposal: peer.SignedProposal) => ({
  arguments: input.getArgsList_asU8().map(base64),
  proposal: base64(proposal.serializeBinary()),
});

/** Questions whose answers are no part of what a run depends on: what it writes is its outcome. */
export const writing: ReadonlySet<string> = new Set(['handlePutState', 'handleDeleteState']);

interface Found {
  readonly iterator: Iterating;
  readonly metadata?: object;
}
interface Iterating {
  next(): Promise<{ value?: object; done: boolean }>;
}
/** What a query found, whole. */
export interface FoundItems {
  readonly items: readonly object[];
  readonly metadata?: object;
}

/** Passes questions on to a simulation and notes the answers; what queries find is noted whole, read or not. */
export function recording(simulation: Simulation, exchanges: Exchange[]): Simulation {
  return new Proxy(simulation, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      return async (...args: unknown[]) => {
        const answer = (await Reflect.apply(method, target, args)) as unknown;
        if (writing.has(name)) return answer;
        const told = await wholeOf(answer);
        exchanges.push({ question: questionOf(name, args), answer: packed(told) });
        return answered(told);
      };
    },
  });
}

/** The answer as the stub takes it: what was found is iterated over. */
export function answered(told: unknown): unknown {
  if (!isFound(told)) return told;
  const { items, metadata, alone } = told;
  let position = 0;
  const iterator = {
    next: () => {
      const value = items[position++];
      return Promise.resolve(value ? { value, done: false } : { done: true });
    },
    close: () => Promise.resolve(),
  };
  return alone ? iterator : { iterator, ...(metadata && { metadata }) };
}

interface Whole extends FoundItems {
  /** Whether the answer is an iterator and nothing beside it. */
  readonly alone: boolean;
}

const isFound = (told: unknown): told is Whole =>
  typeof told === 'object' && told !== null && 'items' in told && 'alone' in told;

async function wholeOf(answer: unknown): Promise<unknown> {
  if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return answer;
  if ('next' in answer) return { items: await itemsOf(answer as Iterating), alone: true };
  if (!('iterator' in answer)) return answer;
  const { iterator, metadata } = answer as Found;
  return { items: await itemsOf(iterator), ...(metadata && { metadata }), alone: false };
}

async function itemsOf(iterator: Iterating): Promise<object[]> {
  const items: object[] = [];
  for (;;) {
    const { value, done } = await iterator.next();
    if (done || value === undefined) return items;
    items.push(value);
  }
}
