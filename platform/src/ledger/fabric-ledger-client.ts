import { SpanKind } from '@opentelemetry/api';
import { silentLogger, type Logger, type Metrics } from '../telemetry/index.js';
import { inSpan } from '../telemetry/tracing.js';
import { PlatformError } from '../errors/index.js';
import { Backoff } from '../time/backoff.js';
import { blockStream } from './block-stream.js';
import { argumentsOf, resultOf } from './call-encoding.js';
import { CausalOrder } from './causal-order.js';
import { type ConnectionProfile } from './connection-profile.js';
import { ChannelUnknownError, CommitFailedError } from './errors.js';
import { isUnavailable, ledgerErrorOf } from './gateway-failures.js';
import { Gateways } from './gateways.js';
import {
  type Committed,
  type LedgerBlock,
  type LedgerClient,
  type LedgerIdentity,
  type SubmitRequest,
  type TransactionRequest,
} from './ledger-client.js';
import { organizationIdentity } from './organization-identity.js';
import { GatewayOfflineSigning, type OfflineSigning } from './offline-signing.js';
import { Submission } from './submission.js';

export interface LedgerOptions {
  /** MSP id with which blocks are read; by default the first member of each channel. */
  readonly organization?: string;
  /** Milliseconds; evaluate, endorse and submit 15,000 each, commit 60,000. */
  readonly deadlines?: { evaluate?: number; endorse?: number; submit?: number; commitStatus?: number };
  /** Transactions tried for one submit that loses against others; 8. */
  readonly conflictAttempts?: number;
  /** Attempts to reach a peer before anything is submitted; 5. */
  readonly unavailableAttempts?: number;
  /** Milliseconds in which a transaction that may have been submitted must show up; 2,000. */
  readonly lookupMs?: number;
  /** Signers whose gateways are kept ready; 1,024. */
  readonly signersKept?: number;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
}

/** Lost to another transaction: nothing was written, and a new one may win. */
const conflicts: ReadonlySet<string> = new Set(['MVCC_READ_CONFLICT', 'PHANTOM_READ_CONFLICT']);

const reachableWithinMs = 2_000;

class FabricLedgerClient implements LedgerClient {
  readonly #profile: ConnectionProfile;
  readonly #gateways: Gateways;
  readonly #order = new CausalOrder();
  readonly #options: LedgerOptions;
  readonly #logger: Logger;
  readonly #commitMs: number;
  readonly #closed = new AbortController();
  readonly offline: OfflineSigning;

  constructor(profile: ConnectionProfile, options: LedgerOptions) {
    const {
      evaluate = 15_000,
      endorse = 15_000,
      submit = 15_000,
      commitStatus = 60_000,
    } = options.deadlines ?? {};
    this.#profile = profile;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#commitMs = commitStatus;
    this.#gateways = new Gateways(
      profile,
      { evaluate, endorse, submit, commitStatus },
      options.signersKept ?? 1_024,
    );
    this.offline = new GatewayOfflineSigning(profile, this.#gateways, this.#order, {
      unavailableAttempts: options.unavailableAttempts ?? 5,
      commitMs: commitStatus,
    });
  }

  submit<T>(request: SubmitRequest): Promise<Committed<T>> {
    return this.#observe('submit', request, () => this.#submit<T>(request));
  }

  evaluate<T>(request: TransactionRequest): Promise<T> {
    return this.#observe('evaluate', request, () => this.#evaluate<T>(request));
  }

  blocks(channel: string, start: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    const reader = this.#readerOf(channel);
    return blockStream({
      channel,
      start,
      signal: AbortSignal.any([signal, this.#closed.signal]),
      network: () => {
        const { gateway, client, failed } = this.#gateways.session(reader);
        const received = ({ number, transactions }: LedgerBlock) => {
          const last = transactions.at(-1);
          // Block 0 is every peer's from the start.
          if (last && number > 0) {
            this.#order.committed(client, channel, { block: number, transactionId: last.id });
          }
        };
        return { network: gateway.getNetwork(channel), failed, received };
      },
      onBreak: (error) => {
        this.#options.metrics?.blockStreamReconnects.inc({ channel });
        this.#logger.warn({ err: error, channel }, 'block stream broke; opening it again');
      },
    });
  }

  async healthy(): Promise<boolean> {
    const readers = new Set(
      Object.keys(this.#profile.channels).map((channel) => this.#readerOf(channel).mspId),
    );
    const reachable = await Promise.all(
      [...readers].map((mspId) => this.#gateways.reachable(mspId, reachableWithinMs)),
    );
    return reachable.every(Boolean);
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#gateways.close();
    return Promise.resolve();
  }

  async #submit<T>(request: SubmitRequest): Promise<Committed<T>> {
    const { conflictAttempts = 8, unavailableAttempts = 5, lookupMs = 2_000, metrics } = this.#options;
    const { channel } = request;
    const onRetry = (reason: string): void => metrics?.ledgerRetries.inc({ channel, reason });
    const backoff = new Backoff({ initial: 10, limit: 500 });
    for (let attempt = 0; ; attempt += 1) {
      const submission = new Submission(this.#gateways, this.#order, request, attempt, {
        unavailableAttempts,
        lookupMs,
        commitMs: this.#commitMs,
        onRetry,
      });
      const { transactionId: id, validationCode, block, result } = await submission.run();
      if (validationCode === 'VALID') {
        return { result: resultOf(request, result, id) as T, transaction: { id, channel, block } };
      }
      if (!conflicts.has(validationCode) || attempt + 1 >= conflictAttempts) {
        throw new CommitFailedError(id, validationCode, block);
      }
      onRetry(validationCode);
      await backoff.pause(request.signal);
    }
  }

  async #evaluate<T>(request: TransactionRequest): Promise<T> {
    const { channel, chaincode, contract, transaction, signer } = request;
    const { unavailableAttempts = 5, metrics } = this.#options;
    const backoff = new Backoff({ initial: 50, limit: 2_000 });
    for (let attempt = 1; ; attempt += 1) {
      const session = this.#gateways.session(signer);
      const { gateway, failed } = session;
      await this.#order.caughtUp(session, channel, signer);
      try {
        const result = await gateway
          .getNetwork(channel)
          .getContract(chaincode, contract)
          .evaluate(transaction, {
            arguments: argumentsOf(request),
            ...(request.endorsingOrganizations && {
              endorsingOrganizations: [...request.endorsingOrganizations],
            }),
          });
        return resultOf(request, result) as T;
      } catch (error) {
        if (!isUnavailable(error) || attempt >= unavailableAttempts) throw ledgerErrorOf(error, 'evaluate');
        failed();
        metrics?.ledgerRetries.inc({ channel, reason: 'unavailable' });
        await backoff.pause();
      }
    }
  }

  #readerOf(channel: string): LedgerIdentity {
    const members = this.#profile.channels[channel]?.organizations;
    if (!members) throw new ChannelUnknownError(channel);
    return organizationIdentity(this.#profile, this.#options.organization ?? members[0] ?? '');
  }

  #observe<T>(method: string, request: TransactionRequest, call: () => Promise<T>): Promise<T> {
    const { channel, chaincode, contract, transaction } = request;
    const called = `${contract}:${transaction}`;
    const attributes = { 'ledger.channel': channel, 'ledger.chaincode': chaincode, 'ledger.call': called };
    const span = { name: `ledger ${method}`, kind: SpanKind.CLIENT, attributes };
    return inSpan(span, () => this.#measure(method, channel, call));
  }

  async #measure<T>(method: string, channel: string, call: () => Promise<T>): Promise<T> {
    const end = this.#options.metrics?.ledgerCalls.startTimer({ method, channel });
    try {
      const result = await call();
      end?.({ outcome: 'ok' });
      return result;
    } catch (error) {
      end?.({ outcome: error instanceof PlatformError ? error.code : 'error' });
      throw error;
    }
  }
}

/** Connects to the network of the profile. Connections are opened when first used and kept. */
export function connectLedger(profile: ConnectionProfile, options: LedgerOptions = {}): LedgerClient {
  return new FabricLedgerClient(profile, options);
}
