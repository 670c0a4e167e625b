import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { DirectWriter } from './direct-writer.js';
import { GraphWriter } from './graph-writer.js';
import { markerPrefix, type Outcome } from './outcomes.js';

interface Writer {
  write(marker: string): Promise<Outcome>;
}

const beneficiary = '00'.repeat(20);

const practitioners = {
  channel: 'care',
  query:
    'mutation ($input: RegisterPractitionerInput!) { registerPractitioner(input: $input) { transaction { id } } }',
  field: 'registerPractitioner',
  input: (id: string) => ({ id, name: 'Practitioner', institution: 'hospital-a' }),
};
const coverages = {
  channel: 'claims-insurer-a',
  query:
    'mutation ($input: RegisterCoverageInput!) { registerCoverage(input: $input) { transaction { id } } }',
  field: 'registerCoverage',
  input: (identifier: string) => ({ identifier, beneficiary, currency: 'USD' }),
};
const directPractitioners = {
  mspId: 'HospitalAMSP',
  channel: 'care',
  chaincode: 'care',
  contract: 'Registration',
  transaction: 'RegisterPractitioners',
  argument: (id: string) => ({ practitioners: [{ id, name: 'Practitioner', institution: 'hospital-a' }] }),
};
const directPolicies = {
  mspId: 'InsurerAMSP',
  channel: 'claims-insurer-a',
  chaincode: 'claims',
  contract: 'Coverage',
  transaction: 'RegisterPolicies',
  argument: (id: string) => ({
    policies: [{ id, beneficiary, insurer: 'insurer-a', period: {}, currency: 'USD' }],
  }),
};

const newMarker = (): string => `${markerPrefix}${randomUUID()}`;

/** Pause after a write that came to nothing, so that a part that is away is not asked thousands of times. */
const pauseMs = 20;
/** Writes of one writer in a round at most: how long the checks take depends on it. */
const mostWrites = 60;

/** Clients that write without pause, through the graph and past it. */
export class Load {
  readonly #graph: readonly Writer[];
  readonly #direct: readonly DirectWriter[];

  /** @param tokenFor - Access token of a role of the `medigraph token` command. */
  static async open(
    url: string,
    profile: ConnectionProfile,
    tokenFor: (role: string) => Promise<string>,
  ): Promise<Load> {
    return new Load(
      [
        new GraphWriter(url, await tokenFor('hospital-a'), practitioners),
        new GraphWriter(url, await tokenFor('insurer-a'), coverages),
      ],
      [new DirectWriter(profile, directPractitioners), new DirectWriter(profile, directPolicies)],
    );
  }

  private constructor(graph: readonly Writer[], direct: readonly DirectWriter[]) {
    this.#graph = graph;
    this.#direct = direct;
  }

  /** Writes until the signal aborts; resolves when the last answer is there. */
  async run(signal: AbortSignal): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    // Two writers of the same ids, so that transactions conflict.
    let contended = newMarker();
    const shared = () => {
      const marker = contended;
      if (outcomes.some((outcome) => outcome.marker === marker)) contended = newMarker();
      return contended;
    };
    const work = async (writer: Writer, marker: () => string) => {
      for (let count = 0; count < mostWrites && !signal.aborted; count += 1) {
        const outcome = await writer.write(marker());
        outcomes.push(outcome);
        if (outcome.said !== 'valid') await delay(pauseMs);
      }
    };
    const [, policies] = this.#direct;
    await Promise.all([
      ...[...this.#graph, ...this.#graph, ...this.#direct, ...this.#direct].map((writer) =>
        work(writer, newMarker),
      ),
      ...(policies ? [work(policies, shared), work(policies, shared)] : []),
    ]);
    return outcomes;
  }

  /** One write on every way; all VALID once the system has recovered. */
  async probe(): Promise<Outcome[]> {
    return Promise.all([...this.#graph, ...this.#direct].map((writer) => writer.write(newMarker())));
  }

  close(): void {
    for (const writer of this.#direct) writer.close();
  }
}
