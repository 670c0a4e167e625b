import 'reflect-metadata';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contracts as careContracts } from '@medigraph/chaincode-care';
import { contracts as claimsContracts } from '@medigraph/chaincode-claims';
import {
  type BenchIdentity,
  ContractBench,
  TransactionInvalid,
  TransactionRefused,
} from '@medigraph/chaincode-lib/testing';
import { connectionProfileOf, generateMaterial, readNetworkDescription } from '@medigraph/network';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type Caller, openKeyCustody, SealedStore, type KeyCustody } from '@medigraph/platform/identity';
import {
  type Committed,
  connectionProfile,
  type ConnectionProfile,
  ContractRefusedError,
  type LedgerBlock,
  type LedgerClient,
  type LedgerIdentity,
  type TransactionRequest,
} from '@medigraph/platform/ledger';
import { type care, parseContractError } from '@medigraph/schema';
import { type FhirResource, type Patient } from 'fhir/r4.js';
import { loadPopulation, type LoadOptions, type LoadProgress } from './loader.js';
import { readPopulation, type Population } from './population/population.js';

/** The contracts themselves on a ledger in memory, and a connection that can be lost. */
class BenchLedger implements LedgerClient {
  readonly #channels: ReadonlyMap<string, ContractBench>;
  /** Every item of every event, by event name. */
  readonly events = new Map<string, { id: string }[]>();
  submits = 0;
  /** The connection is lost at that submit: before it is ordered, or after its commit and before the answer. */
  lost: { at: number; committed: boolean } | undefined;

  constructor({ channels }: ConnectionProfile) {
    this.#channels = new Map(
      Object.keys(channels).map((channel) => [
        channel,
        new ContractBench({ channel, contracts: channel === 'care' ? careContracts : claimsContracts }),
      ]),
    );
  }

  async submit<T>(request: TransactionRequest): Promise<Committed<T>> {
    this.submits += 1;
    const isLost = this.lost !== undefined && this.submits >= this.lost.at;
    if (isLost && this.lost?.committed === false) throw new Error('connection lost');
    const { bench, identity, name } = this.#call(request);
    for (;;) {
      try {
        const { transaction, result, event } = await bench.submit(identity, name, request.argument);
        if (event) {
          const items = event.payload as { id: string }[];
          this.events.set(event.name, [...(this.events.get(event.name) ?? []), ...items]);
        }
        if (isLost) throw new Error('connection lost');
        return { result: result as T, transaction: { id: transaction, channel: request.channel, block: 0 } };
      } catch (error) {
        if (!(error instanceof TransactionInvalid)) throw refusalOf(error);
      }
    }
  }

  async evaluate<T>(request: TransactionRequest): Promise<T> {
    const { bench, identity, name } = this.#call(request);
    try {
      return (await bench.evaluate(identity, name, request.argument)) as T;
    } catch (error) {
      throw refusalOf(error);
    }
  }

  get offline(): LedgerClient['offline'] {
    throw new Error('a load signs for itself');
  }

  blocks(): AsyncIterable<LedgerBlock> {
    throw new Error('a load reads no blocks');
  }

  healthy(): Promise<boolean> {
    return Promise.resolve(true);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #call({ channel, contract, transaction, signer }: TransactionRequest) {
    const bench = this.#channels.get(channel);
    if (!bench) throw new Error(`there is no channel ${channel}`);
    return { bench, identity: benchIdentityOf(signer), name: `${contract}:${transaction}` };
  }
}

function benchIdentityOf({ mspId, certificate, address, privateKey }: LedgerIdentity): BenchIdentity {
  const key = {
    key: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    dsaEncoding: 'ieee-p1363',
  } as const;
  return {
    mspId,
    certificate,
    address,
    publicKey: createPublicKey(certificate).export({ format: 'der', type: 'spki' }).toString('base64'),
    sign: (content) => Promise.resolve(new Uint8Array(sign('sha256', content, key))),
  };
}

function refusalOf(error: unknown): unknown {
  const refusal = error instanceof TransactionRefused ? parseContractError(error.message) : undefined;
  return refusal ? new ContractRefusedError(refusal.code, refusal.message) : error;
}

function callerOf(address: string): Caller {
  const expiresAt = Math.floor(Date.now() / 1000) + 60;
  return {
    subject: address,
    role: 'patient',
    mspId: 'PatientsMSP',
    patient: address,
    scopes: new Set(),
    expiresAt,
  };
}

/** The smallest records of the committed population. */
async function fewPatients(count: number): Promise<Population> {
  const whole = await readPopulation(fileURLToPath(new URL('../data', import.meta.url)));
  const smallest = whole.manifest.records.toSorted((a, b) => a.bytes - b.bytes).slice(0, count);
  const chosen = new Set(smallest.map(({ patient }) => patient));
  return {
    ...whole,
    async *patients() {
      for await (const record of whole.patients()) if (chosen.has(record.patient.id ?? '')) yield record;
    },
  };
}

describe('loadPopulation', () => {
  let folder: string;
  let profile: ConnectionProfile;
  let custody: KeyCustody;
  let population: Population;
  let ledger: BenchLedger;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-load-'));
    const description = await readNetworkDescription();
    const material = path.join(folder, 'network');
    await generateMaterial(description, material);
    const peers = description.organizations.map(
      ({ mspId }) => [mspId, [{ address: '127.0.0.1:1' }]] as const,
    );
    profile = connectionProfile.parse(
      await connectionProfileOf(description, material, Object.fromEntries(peers)),
    );
    population = await fewPatients(2);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    const store = await SealedStore.open({ folder: await mkdtemp(path.join(folder, 'keys-')) });
    custody = openKeyCustody({ store, profile });
    ledger = new BenchLedger(profile);
  });

  const options = (more: Partial<LoadOptions> = {}): LoadOptions => ({
    population,
    ledger,
    custody,
    envelopes: createEnvelopeService(),
    profile,
    ...more,
  });
  const idsOf = (event: string): string[] => (ledger.events.get(event) ?? []).map(({ id }) => id);

  async function addressOf({ id = '' }: Patient): Promise<string> {
    const registered = await ledger.evaluate<care.Patient>({
      channel: 'care',
      chaincode: 'care',
      contract: 'Registration',
      transaction: 'Resolve',
      argument: { patientIdHash: custody.keyedHash('patient', id) },
      signer: await custody.organization('PatientsMSP'),
    });
    return registered.address;
  }

  function expectWhole(summary: { entries: number; claims: number }): void {
    for (const event of ['EntryProposed', 'EntryAuthorized']) {
      expect(idsOf(event)).toHaveLength(summary.entries);
      expect(new Set(idsOf(event)).size).toBe(summary.entries);
    }
    expect(idsOf('ClaimSubmitted')).toHaveLength(summary.claims);
    expect(new Set(idsOf('ClaimSubmitted')).size).toBe(summary.claims);
  }

  test('puts everything on the ledger, and nothing more when run again', async () => {
    const progress: LoadProgress[] = [];
    const summary = await loadPopulation(options({ onProgress: (one) => progress.push(one) }));
    const { organizations, payers, practitioners } = population.directory;
    expect(summary).toMatchObject({
      patients: 2,
      institutions: organizations.length + payers.length + 5,
      practitioners: practitioners.length,
    });
    expect(idsOf('InstitutionRegistered')).toHaveLength(summary.institutions);
    expect(idsOf('PractitionerRegistered')).toHaveLength(summary.practitioners);
    expectWhole(summary);
    expect(progress.at(-1)).toMatchObject({
      phase: 'records',
      done: summary.entries + summary.claims + summary.selfPaid,
    });
    const before = ledger.submits;
    const again = await loadPopulation(options());
    expect(again).toEqual(summary);
    expectWhole(summary);
    expect(idsOf('PatientRegistered')).toHaveLength(2);
    expect(ledger.submits - before).toBeLessThan(100);
  });

  test('seals what the population says, for the patient and the holder to open', async () => {
    await loadPopulation(options());
    const envelopes = createEnvelopeService();
    for await (const { patient, resources } of population.patients()) {
      const address = await addressOf(patient);
      const signer = await custody.signerFor(callerOf(address));
      const own = (ledger.events.get('EntryAuthorized') as care.Entry[]).filter(
        (one) => one.patient === address,
      );
      const some = own.slice(-3);
      const argument = { patient: address, entries: some.map(({ id }) => id), purpose: 'PATRQT' };
      const call = { channel: 'care', chaincode: 'care', contract: 'Access', signer };
      const opened = await ledger.submit<care.OpenedEntry[]>({
        ...call,
        transaction: 'OpenEntries',
        argument,
      });
      const bodies = await ledger.evaluate<{ entry: string; body: string }[]>({
        ...call,
        transaction: 'ReadBodies',
        argument: { patient: address, entries: argument.entries, opening: opened.transaction.id },
      });
      const [key] = await custody.decryptionKeys(address);
      if (!key) throw new Error('the patient has no key');
      for (const [index, { entry, key: wrapped }] of opened.result.entries()) {
        const contentKey = await envelopes.unwrap(wrapped, key);
        const { body = '' } = bodies[index] ?? {};
        const plaintext = await envelopes.open(entry.id, body, entry.sha256, contentKey);
        const resource = JSON.parse(new TextDecoder().decode(plaintext)) as FhirResource;
        expect([patient, ...resources]).toContainEqual(resource);
        expect(await custody.decryptionKeys(entry.institution)).toHaveLength(1);
      }
    }
  });

  test.each([
    ['before ordering', false],
    ['after the commit', true],
  ])('goes on where it was cut off, %s', async (_when, committed) => {
    for (const at of [1, 3, 6, 9, 14, 20, 30]) {
      ledger.lost = { at: ledger.submits + at, committed };
      await expect(loadPopulation(options())).rejects.toThrow('connection lost');
    }
    ledger.lost = undefined;
    expectWhole(await loadPopulation(options()));
    expect(ledger.events.get('PatientRegistered')).toHaveLength(2);
  });

  test('stops when the signal aborts, and says why', async () => {
    const interruption = new AbortController();
    const loading = loadPopulation(
      options({
        signal: interruption.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'records' && done > 0) interruption.abort(new Error('enough'));
        },
      }),
    );
    await expect(loading).rejects.toThrow('enough');
    expectWhole(await loadPopulation(options()));
  });
});
