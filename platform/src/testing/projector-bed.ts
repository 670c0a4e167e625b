import { randomUUID } from 'node:crypto';
import { type Collection, mongo } from 'mongoose';
import { connectDocuments, type Documents } from '../documents/index.js';
import { connectLedger, type LedgerClient } from '../ledger/index.js';
import { encodeCursor } from '../projection/cursor.js';
import {
  createProjector,
  type CursoredEvent,
  type LedgerEvent,
  type Projection,
  type Projector,
  type ProjectorOptions,
} from '../projection/index.js';
import { documentsForTests } from './documents-server.js';
import { testOrganization } from './organization.js';
import { ScriptedPeer } from './scripted-peer.js';

interface Row {
  _id: string;
  value: number;
  seen: string;
}

/** The last value of each key, and which events were applied in which order. */
export class LastValues implements Projection {
  readonly name = 'values';
  readonly channels: readonly string[];
  readonly chaincodes = ['suite'];
  readonly batches: number[] = [];
  /** Called before each write; throws where a test wants the process to die. */
  beforeWrite: (event: LedgerEvent) => void = () => undefined;
  readonly #rows: () => Collection<Row>;

  constructor(rows: () => Collection<Row>, channels: readonly string[]) {
    this.#rows = rows;
    this.channels = channels;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    this.batches.push(events.length);
    for (const event of events) {
      this.beforeWrite(event);
      const { key, value } = event.payload as { key: string; value: number };
      const seen = [event.position.block, event.position.transaction, event.position.index].join('/');
      const _id = `${event.position.channel}/${key}`;
      await this.#rows().updateOne({ _id }, { $set: { value, seen } }, { upsert: true });
    }
  }

  async clear(): Promise<void> {
    await this.#rows().deleteMany({});
  }
}

/** For each test a ledger of two channels, whose peers commit what they are told, and a database. */
export class ProjectorBed {
  readonly #documentsUri = documentsForTests();
  readonly #projectors: Projector[] = [];
  #care: ScriptedPeer | undefined;
  #claims: ScriptedPeer | undefined;
  #ledger: LedgerClient | undefined;
  #documents: Documents | undefined;

  constructor() {
    beforeEach(() => this.#open());
    afterEach(() => this.#close());
  }

  get care(): ScriptedPeer {
    return opened(this.#care);
  }

  get claims(): ScriptedPeer {
    return opened(this.#claims);
  }

  get documents(): Documents {
    return opened(this.#documents);
  }

  get rows(): Collection<Row> {
    return this.documents.connection.collection<Row>('values');
  }

  /** Every byte of the read model. */
  async readModel(): Promise<string> {
    const found = await this.rows.find().sort({ _id: 1 }).toArray();
    return Buffer.concat(found.map((row) => mongo.BSON.serialize(row))).toString('hex');
  }

  lastValues(channels: readonly string[] = ['care']): LastValues {
    return new LastValues(() => this.rows, channels);
  }

  /** A projector that follows the ledger, until the end of the test at the latest. */
  async started(
    projections: readonly Projection[] = [this.lastValues()],
    options: Partial<ProjectorOptions> = {},
  ): Promise<Projector> {
    const projector = createProjector({
      name: 'test',
      ledger: opened(this.#ledger),
      connection: this.documents.connection,
      projections,
      ...options,
    });
    this.#projectors.push(projector);
    await projector.start();
    return projector;
  }

  async #open(): Promise<void> {
    const [care, claims] = [await ScriptedPeer.start(), await ScriptedPeer.start()];
    this.#care = care;
    this.#claims = claims;
    this.#ledger = connectLedger({
      organizations: {
        CareMSP: await testOrganization(care.address),
        ClaimsMSP: await testOrganization(claims.address),
      },
      channels: {
        care: { organizations: ['CareMSP'], suites: {} },
        claims: { organizations: ['ClaimsMSP'], suites: {} },
      },
    });
    this.#documents = await connectDocuments(this.#documentsUri(), `test-${randomUUID()}`);
  }

  async #close(): Promise<void> {
    await Promise.all(this.#projectors.splice(0).map((projector) => projector.stop()));
    await this.#ledger?.close();
    this.#care?.kill();
    this.#claims?.kill();
    await this.#documents?.connection.dropDatabase();
    await this.#documents?.close();
  }
}

function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none outside of a test');
  return value;
}

/** A block of `transactions` transactions with two items each; values count up. */
export function commit(peer: ScriptedPeer, transactions = 1): number {
  const payloads = Array.from({ length: transactions }, (_, transaction) =>
    [0, 1].map((item) => ({
      key: `k${(transaction + item) % 3}`,
      value: peer.height * 1000 + transaction * 10 + item,
    })),
  );
  return peer.commitEvents('suite', 'Changed', payloads);
}

/** Their values, in their order. */
export const valuesOf = (events: readonly CursoredEvent[]): number[] =>
  events.map(({ event }) => (event.payload as { value: number }).value);

/** The values of blocks 1 to `last` as {@link commit} makes them, with one transaction each. */
export const expectedValues = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => [
    (first + index) * 1000,
    (first + index) * 1000 + 1,
  ]).flat();

/** The first events, so many of them. */
export async function take(events: AsyncIterable<CursoredEvent>, count: number): Promise<CursoredEvent[]> {
  const taken: CursoredEvent[] = [];
  if (count === 0) return taken;
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

/** A cursor before the first event of these channels. */
export const beginning = (channels: readonly string[] = ['care']): string =>
  encodeCursor(
    new Map(channels.map((channel) => [channel, { channel, block: 0, transaction: 0, index: -1 }])),
  );
