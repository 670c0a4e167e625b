import { type ChildPart } from '@medigraph/launcher';
import { BareClient } from '../bare-client.js';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { startPart } from '../part.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';
import { newEventId } from './event-ids.js';
import { Waves } from './wave.js';
import { median } from '../measure.js';

const bench = 'events';
const insurer = { id: 'insurer-a', mspId: 'InsurerAMSP', name: 'Insurer A', kind: 'INSURER' } as const;
const hospital = { id: 'hospital-a', mspId: 'HospitalAMSP', name: 'Hospital A', kind: 'HOSPITAL' } as const;
const subscription = `subscription {
  consentChanged { cursor event transaction { id block } consent { id status grantee { id } } }
}`;
const deliveryTimeoutMs = 20_000;

const milliseconds = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

/** One event as it went; times in milliseconds. */
interface Delivery {
  /** From the submit to a bare reader of chaincode events. */
  readonly toBareReader: number;
  /** From the submit to the first, and to the last subscriber. */
  readonly toFirst: number;
  readonly toLast: number;
  readonly text: string;
}

/** Makes events on the ledger, and reads them as any Fabric application would. */
class EventSource {
  readonly #client: BareClient;
  readonly #patient: string;

  constructor(client: BareClient, patient: string) {
    this.#client = client;
    this.#patient = patient;
  }

  /** Asks for access to a record: the event `ConsentRequested`. Undefined if it came not to all subscribers. */
  async emit(waves: Waves, timeoutMs = deliveryTimeoutMs): Promise<Delivery | undefined> {
    const id = newEventId();
    const network = this.#client.gateway.getNetwork('care');
    const reader = await network.getChaincodeEvents('care');
    try {
      const delivered = waves.of(id, timeoutMs);
      const argument = {
        id,
        patient: this.#patient,
        grantee: insurer.id,
        period: {},
        provision: { purpose: ['COVAUTH'] },
      };
      const begin = process.hrtime.bigint();
      const submitted = network
        .getContract('care', 'Access')
        .submitTransaction('Request', JSON.stringify(argument));
      submitted.catch(() => undefined);
      const committed = await Promise.race([this.#committed(reader, id), submitted.then(() => undefined)]);
      await submitted;
      const wave = await delivered;
      return (
        wave && {
          toBareReader: milliseconds(begin, committed ?? process.hrtime.bigint()),
          toFirst: milliseconds(begin, BigInt(wave.first)),
          toLast: milliseconds(begin, BigInt(wave.last)),
          text: wave.text,
        }
      );
    } finally {
      reader.close();
    }
  }

  async #committed(events: AsyncIterable<{ readonly payload: Uint8Array }>, id: string): Promise<bigint> {
    for await (const { payload } of events) {
      if (Buffer.from(payload).includes(id)) return process.hrtime.bigint();
    }
    throw new Error('The stream of chaincode events ended.');
  }
}

async function registerParties(platform: RunningPlatform): Promise<string> {
  for (const { id, name, kind } of [insurer, hospital]) {
    const operator = await platform.as(`operator:${id}`);
    await operator.request(
      'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
      { input: { id, name, kind } },
    );
  }
  const registrar = await platform.as(hospital.id);
  const { registerPatient } = await registrar.request<{ registerPatient: { patient: { id: string } } }>(
    'mutation ($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
    { input: { identifier: newEventId() } },
  );
  return registerPatient.patient.id;
}

/** Emits until an event reaches everybody: only then has every subscription begun. */
async function untilSubscribed(source: EventSource, waves: Waves): Promise<Delivery> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const delivery = await source.emit(waves, 3_000);
    if (delivery) return delivery;
  }
  throw new Error('No event reached every subscriber.');
}

async function withParts<T>(work: (start: typeof startPart) => Promise<T>): Promise<T> {
  const parts: ChildPart[] = [];
  try {
    return await work(async (...part) => {
      const started = await startPart(...part);
      parts.push(started);
      return started;
    });
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** Deliveries to so many subscribers, and beside each what a raw broadcast of the same text to as many took. */
function deliveries(
  platform: RunningPlatform,
  source: EventSource,
  subscribers: number,
  rounds: number,
): Promise<{ ledger: Delivery[]; broadcast: number[] }> {
  return withParts(async (start) => {
    const program = new URL('subscribers-process.js', import.meta.url);
    const common = { BENCH_SUBSCRIBERS: String(subscribers) };
    const broadcaster = await start('broadcast', new URL('broadcast-process.js', import.meta.url), {});
    const raw = new Waves(
      await start('subscribers', program, { ...common, BENCH_URL: String(broadcaster.ready['url']) }),
    );
    const ours = new Waves(
      await start('subscribers', program, {
        ...common,
        BENCH_URL: platform.medigraph.url.replace(/^http/, 'ws'),
        BENCH_TOKEN: await platform.tokenFor(insurer.id),
        BENCH_SUBSCRIPTION: subscription,
      }),
    );
    const { text } = await untilSubscribed(source, ours);
    const ledger: Delivery[] = [];
    const broadcast: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const delivery = await source.emit(ours);
      const id = newEventId();
      const arrived = raw.of(id, deliveryTimeoutMs);
      const begin = process.hrtime.bigint();
      broadcaster.send({ text: text.replace(/bench-[0-9a-f]{24}/g, id) });
      const wave = await arrived;
      if (!delivery || !wave) throw new Error('An event did not reach every subscriber in time.');
      ledger.push(delivery);
      broadcast.push(milliseconds(begin, BigInt(wave.last)));
    }
    return { ledger, broadcast };
  });
}

async function measureEvents(
  platform: RunningPlatform,
  source: EventSource,
  { quick, say }: BenchOptions,
): Promise<Figure[]> {
  const one = await deliveries(platform, source, 1, quick ? 10 : 100);
  const toBare = median(one.ledger.map(({ toBareReader }) => toBareReader));
  const toSubscriber = median(one.ledger.map(({ toFirst }) => toFirst));
  const oneMs = toSubscriber - toBare;
  say(
    `1 subscriber: ${oneMs.toFixed(1)} ms after a bare reader has the commit; from the submit ` +
      `${toSubscriber.toFixed(1)} ms, the bare reader ${toBare.toFixed(1)} ms`,
  );

  const crowd = 1_000;
  const many = await deliveries(platform, source, crowd, quick ? 3 : 20);
  // The crowd takes the machine, and the bare reader then hears late: the commit is when it hears without a crowd.
  const manyMs = median(many.ledger.map(({ toLast }) => toLast)) - toBare;
  const broadcastMs = median(many.broadcast);
  say(
    `${crowd} subscribers: ${manyMs.toFixed(0)} ms until the last has it; raw ws broadcast ${broadcastMs.toFixed(0)} ms`,
  );
  return [
    {
      bench,
      figure: 'commit-to-client-1',
      value: oneMs,
      unit: 'ms',
      peer: 'bare reader of chaincode events; ratio of the times from the submit',
      ratio: toBare / toSubscriber,
      n: one.ledger.length,
    },
    {
      bench,
      figure: `commit-to-client-${crowd}`,
      value: manyMs,
      unit: 'ms',
      peer: 'raw ws broadcast of the same bytes to as many',
      ratio: broadcastMs / manyMs,
      n: many.ledger.length,
    },
  ];
}

/**
 * From a commit to the clients that are subscribed: the commit is when a bare gateway client has its chaincode event. The last of
 * 1,000 subscribers is compared with a raw broadcast of the same bytes, which knows of no ledger and checks nobody's rights.
 */
export const eventsBench: Bench = {
  summary: 'from a commit to 1 and 1,000 subscribers against a bare event reader and a raw ws broadcast',
  run: (options) =>
    withPlatform(options, async (platform) => {
      const client = new BareClient(platform.profile, insurer.mspId);
      try {
        const patient = await registerParties(platform);
        return await measureEvents(platform, new EventSource(client, patient), options);
      } finally {
        client.close();
      }
    }),
};
