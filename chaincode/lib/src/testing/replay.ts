import { peer } from '@hyperledger/fabric-protos';
import { type ChaincodeInterface } from 'fabric-shim-api';
import {
  answered,
  outcomeOf,
  questionOf,
  type RecordedRun,
  type RunOutcome,
  unpacked,
  writing,
} from './recording.js';
import { newStub } from './stub.js';

/** How a run that was repeated came to something else than the first. */
export interface Divergence {
  /** `Contract:transaction`. */
  readonly name: string;
  /** What differs. */
  readonly what: 'reads' | 'writes' | 'event' | 'result' | 'outcome';
  /** The key that is read or written otherwise, its parts separated by `/`. */
  readonly key?: string;
}

/** Lowest status of a response that refuses. */
const failing = 400;

/**
 * Runs a transaction again on what it was told the first time, as another peer would.
 * @returns how it comes to something else; undefined if it does not.
 */
export async function replay(
  chaincode: ChaincodeInterface,
  run: RecordedRun,
): Promise<Divergence | undefined> {
  const { name } = run;
  const answers = new Map<string, string[]>();
  for (const { question, answer } of run.exchanges)
    answers.set(question, [...(answers.get(question) ?? []), answer]);
  const writes = new Map<string, Uint8Array | undefined>();
  let unasked: string | undefined;
  const handler = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...args: unknown[]) => {
          if (typeof method !== 'string') return undefined;
          const [, key, value] = args;
          if (writing.has(method)) {
            writes.set(String(key), value instanceof Uint8Array ? Buffer.from(value) : undefined);
            return Promise.resolve();
          }
          const question = questionOf(method, args);
          const answer = answers.get(question)?.shift();
          if (answer !== undefined) return Promise.resolve(answered(unpacked(answer)));
          unasked ??= method === 'handleGetHistoryForKey' ? String(args[0]) : String(key);
          return Promise.reject(new Error('not asked before'));
        },
    },
  );
  const input = new peer.ChaincodeInput();
  input.setArgsList(run.arguments.map((one) => Buffer.from(one, 'base64')));
  const proposal = peer.SignedProposal.deserializeBinary(Buffer.from(run.proposal, 'base64'));
  const stub = newStub(handler, run.channel, run.transaction, input, proposal);
  const response = (await chaincode.Invoke(stub)) as { status: number; payload?: Uint8Array };
  const inOrder = new Map([...writes].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (unasked !== undefined) return { name, what: 'reads', key: readable(unasked) };
  const differs = differenceOf(run.outcome, outcomeOf(response, stub.chaincodeEvent, inOrder));
  return differs && { name, ...differs };
}

function differenceOf(first: RunOutcome, second: RunOutcome): Omit<Divergence, 'name'> | undefined {
  const refused = [first, second].map(({ status }) => status >= failing);
  if (refused[0] !== refused[1]) return { what: 'outcome' };
  // Nobody endorses a refusal, whatever its words.
  if (refused[0] === true) return undefined;
  const [before, after] = [new Map(first.writes), new Map(second.writes)];
  for (const key of new Set([...before.keys(), ...after.keys()]))
    if (before.get(key) !== after.get(key)) return { what: 'writes', key: readable(key) };
  if (JSON.stringify(first.event) !== JSON.stringify(second.event)) return { what: 'event' };
  return first.payload === second.payload ? undefined : { what: 'result' };
}

/** A composite key's parts are separated by a character that nobody sees. */
const readable = (key: string): string => key.split('\u0000').filter(Boolean).join('/');
