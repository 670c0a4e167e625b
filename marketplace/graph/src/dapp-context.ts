import { RequestContext, type RequestParts, type SuitePlace } from '@medigraph/platform/graph';
import { PlatformError } from '@medigraph/platform/errors';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type CallRecorder } from '@medigraph/platform/operation';
import { chaincodeOf } from '@medigraph/schema/dapps';
import DataLoader from 'dataloader';
import { DAppNotInstalled, DAppRefused, DAppResultInvalid } from './errors.js';
import { type GraphModel, type Operation } from './graph-model.js';
import { type Installations } from './installations.js';
import { asDAppFailure } from './refusal.js';
import { type Shape } from './shapes.js';
import { decodeAnswer, ValueInvalid } from './values.js';

/** Evaluations of one request that run at a time. */
const mostAtOnce = 8;
/** Values that an evaluation for many is asked for at once. */
const mostTogether = 100;

/** An evaluation with its arguments as the contract takes them. */
export interface Evaluation {
  readonly operation: Operation;
  readonly arguments: readonly string[];
}

/** One of many values that an evaluation answers at once, each in its place. */
export interface Among {
  /** What is asked together. */
  readonly group: string;
  readonly value: unknown;
  readonly evaluationOf: (values: readonly unknown[]) => Evaluation;
}

interface Loaders {
  readonly evaluations: DataLoader<Evaluation, unknown, string>;
  /** By what is asked together. */
  readonly groups: Map<string, DataLoader<unknown, unknown>>;
  installed?: Promise<boolean>;
}

/** @see DAppContext */
export interface DAppContextOptions extends RequestParts {
  readonly model: GraphModel;
  readonly installations: Installations;
  /** Told of every call of a contract. */
  readonly calls?: CallRecorder;
}

/** A request to the graph of a DApp: as its caller, and only if they have it installed. */
export class DAppContext extends RequestContext<Loaders> {
  readonly model: GraphModel;
  readonly #installations: Installations;
  readonly #calls: CallRecorder | undefined;

  constructor({ model, installations, calls, ...parts }: DAppContextOptions) {
    super(parts);
    this.model = model;
    this.#installations = installations;
    this.#calls = calls;
  }

  /** Whether the caller has the DApp installed; asked once a request. */
  installed(): Promise<boolean> {
    return (this.loaders.installed ??= this.viewer().then(async ({ patient, institution, dapp }) => {
      // Its own back end need not install it.
      if (dapp !== undefined) return dapp.id === this.model.dapp;
      if (patient === undefined && institution === undefined) return false;
      return this.#installations.active(this.model.dapp, { patient, institution });
    }));
  }

  /** @throws `DAPP_NOT_INSTALLED` */
  async requireInstalled(): Promise<void> {
    if (!(await this.installed())) throw new DAppNotInstalled(this.model.dapp);
  }

  /** What an evaluation answers, checked; the same one is asked once a request. @throws `DAPP_REFUSED`, `DAPP_RESULT_INVALID` */
  answer(evaluation: Evaluation): Promise<unknown> {
    return this.loaders.evaluations.load(evaluation);
  }

  /**
   * What an evaluation for many answers for one of them, asked with all the others that are asked for by then.
   * @throws `DAPP_REFUSED`; `DAPP_RESULT_INVALID`, also where it answers more or less than it was asked for
   */
  answerAmong({ group, value, evaluationOf }: Among): Promise<unknown> {
    const { groups } = this.loaders;
    let loader = groups.get(group);
    if (loader === undefined) {
      const load = (values: readonly unknown[]) => this.#answerEach(evaluationOf(values), values.length);
      groups.set(group, (loader = new DataLoader(load, { maxBatchSize: mostTogether })));
    }
    return loader.load(value);
  }

  async #answerEach(evaluation: Evaluation, asked: number): Promise<unknown[]> {
    const answers = await this.answer(evaluation);
    if (Array.isArray(answers) && answers.length === asked) return answers as unknown[];
    const { contract, transaction } = evaluation.operation;
    const count = Array.isArray(answers) ? answers.length : 'no list';
    throw new DAppResultInvalid(
      this.model.dapp,
      `${contract}:${transaction} result`,
      `has ${count} for the ${asked} that were asked for`,
    );
  }

  /** Submits, and answers what was committed, checked. @throws `DAPP_REFUSED`, `DAPP_RESULT_INVALID` */
  async perform(
    { operation, arguments: texts }: Evaluation,
    idempotencyKey?: string,
  ): Promise<{ readonly result: unknown; readonly transaction: TransactionReference }> {
    const { contract, transaction } = operation;
    const startedAt = performance.now();
    try {
      const committed = await this.submit<string>(
        { contract, transaction, arguments: texts },
        { idempotencyKey, place: this.#place },
      );
      this.renew();
      const result = this.#decoded(operation, committed.result, committed.transaction.id);
      this.#ended(operation, startedAt);
      return { ...committed, result };
    } catch (error) {
      const failure = asDAppFailure(this.model.dapp, error);
      this.#ended(operation, startedAt, failure);
      throw failure;
    }
  }

  protected createLoaders(): Loaders {
    return {
      evaluations: new DataLoader((evaluations) => this.#evaluateAll(evaluations), {
        cacheKeyFn: ({ operation: { contract, transaction }, arguments: texts }) =>
          JSON.stringify([contract, transaction, ...texts]),
      }),
      groups: new Map(),
    };
  }

  get #place(): SuitePlace {
    const { channel, dapp } = this.model;
    return { channel, chaincode: chaincodeOf(dapp) };
  }

  /** All of them, so many at a time, each with its own outcome. */
  async #evaluateAll(evaluations: readonly Evaluation[]): Promise<unknown[]> {
    const outcomes = new Array<unknown>(evaluations.length);
    const waiting = evaluations.entries();
    const work = async (): Promise<void> => {
      for (const [index, evaluation] of waiting) outcomes[index] = await this.#evaluateOne(evaluation);
    };
    await Promise.all(Array.from({ length: Math.min(mostAtOnce, evaluations.length) }, work));
    return outcomes;
  }

  /** The answer, or the error that it failed with, as data loaders want it. */
  async #evaluateOne({ operation, arguments: texts }: Evaluation): Promise<unknown> {
    const { contract, transaction } = operation;
    const startedAt = performance.now();
    try {
      const answer = await this.evaluate<string>({ contract, transaction, arguments: texts }, this.#place);
      const decoded = this.#decoded(operation, answer);
      this.#ended(operation, startedAt);
      return decoded;
    } catch (error) {
      const failure = asDAppFailure(this.model.dapp, error);
      this.#ended(operation, startedAt, failure);
      return failure instanceof Error ? failure : new Error(String(failure));
    }
  }

  /** Takes note of a call that ended, with what it failed with if it did. */
  #ended({ contract, transaction }: Operation, startedAt: number, failure?: unknown): void {
    const { dapp, version } = this.model;
    this.#calls?.record({
      ...{ dapp, version },
      operation: `${contract}:${transaction}`,
      caller: this.caller.subject,
      milliseconds: performance.now() - startedAt,
      ...(failure !== undefined && { code: failureCode(failure) }),
    });
  }

  #decoded(
    { contract, transaction, kind, returns }: Operation,
    text: string,
    transactionId?: string,
  ): unknown {
    // A transaction that says nothing of its answer has none; an evaluation then answers whatever it does.
    const shape: Shape | undefined =
      returns ?? (kind === 'evaluate' ? { kind: 'scalar', scalar: 'JSON', nullable: true } : undefined);
    if (!shape) return undefined;
    try {
      return decodeAnswer(this.model.shapes, shape, text);
    } catch (error) {
      if (!(error instanceof ValueInvalid)) throw error;
      const where = `${contract}:${transaction} ${error.where}`;
      throw new DAppResultInvalid(this.model.dapp, where, error.message, { cause: error, transactionId });
    }
  }
}

/** Code of a failure; a contract's own follows that of its having refused, so that it is never taken for one of ours. */
function failureCode(failure: unknown): string {
  if (!(failure instanceof PlatformError)) return 'INTERNAL_SERVER_ERROR';
  const own = failure instanceof DAppRefused ? failure.extensions.dappCode : undefined;
  return own === undefined ? failure.code : `${failure.code}/${own}`;
}
