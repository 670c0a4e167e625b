import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type care } from '@medigraph/schema';
import { createEnvelopeService } from '../envelope/index.js';
import { type KeyCustody, openKeyCustody, SealedStore } from '../identity/index.js';
import { EmbeddedNetwork } from '../testing/embedded-network.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import {
  type Committed,
  connectLedger,
  type LedgerClient,
  LedgerError,
  type LedgerIdentity,
  type LedgerTransaction,
  type SubmitRequest,
} from './index.js';

const folder = temporaryFolder();
const envelopes = createEnvelopeService();
let network: EmbeddedNetwork;
let custody: KeyCustody;
let ledger: LedgerClient;

beforeAll(async () => {
  network = await EmbeddedNetwork.start(folder);
  const store = await SealedStore.open({ folder: path.join(folder, 'custody') });
  custody = openKeyCustody({ store, profile: network.profile });
  ledger = connectLedger(network.profile);
});

afterAll(async () => {
  await ledger.close();
  await network.stop();
});

const call = (
  signer: LedgerIdentity,
  contract: string,
  transaction: string,
  argument: unknown,
): SubmitRequest => ({
  channel: 'care',
  chaincode: network.profile.channels['care']?.suites['care'] ?? '',
  contract,
  transaction,
  argument,
  signer,
});

async function registeredPatient() {
  const { identity, encryptionKey } = await custody.enrol('PatientsMSP');
  const patientIdHash = custody.keyedHash('patient', identity.address);
  const registration = call(identity, 'Registration', 'RegisterPatient', { patientIdHash, encryptionKey });
  await ledger.submit(registration);
  return { identity, encryptionKey, registration };
}

async function personalEntry(
  id: string,
  owner: Awaited<ReturnType<typeof registeredPatient>>,
): Promise<care.ProposedEntry> {
  const sealed = await envelopes.seal(id, Buffer.from(`{"note":"${id}"}`), [
    { id: owner.identity.address, key: owner.encryptionKey },
  ]);
  return { id, resourceType: 'Observation', category: 'observation', date: '2026-11-22', ...sealed };
}

/** Transactions of the channel up to the block that has the last of them. */
async function transactionsUpTo(block: number): Promise<LedgerTransaction[]> {
  const abort = new AbortController();
  const transactions: LedgerTransaction[] = [];
  for await (const { number, transactions: found } of ledger.blocks('care', 0, abort.signal)) {
    transactions.push(...found);
    if (number === block) abort.abort();
  }
  return transactions;
}

test('a person who was enrolled here registers, under the address that the contract derives', async () => {
  const { identity } = await registeredPatient();
  const resolve = call(await custody.organization('HospitalAMSP'), 'Registration', 'Resolve', {
    patient: identity.address,
  });
  expect(await ledger.evaluate(resolve)).toMatchObject({ address: identity.address, mspId: 'PatientsMSP' });
});

test('what contracts refuse keeps its code, submitted or evaluated', async () => {
  const { registration } = await registeredPatient();
  await expect(ledger.submit(registration)).rejects.toMatchObject({ code: 'PATIENT_EXISTS' });
  await expect(ledger.submit({ ...registration, argument: {} })).rejects.toMatchObject({
    code: 'ARGUMENT_INVALID',
  });
  const stranger = await custody.enrol('PatientsMSP');
  const resolve = call(stranger.identity, 'Registration', 'Resolve', { patient: 'f'.repeat(40) });
  await expect(ledger.evaluate(resolve)).rejects.toMatchObject({ code: 'PATIENT_NOT_FOUND' });
  const nowhere = { ...registration, chaincode: 'nothing' };
  await expect(ledger.submit(nowhere)).rejects.toMatchObject({ code: 'ENDORSEMENT_FAILED' });
});

test('an identity of another organisation’s making is LEDGER_FORBIDDEN or not endorsed', async () => {
  const { identity } = await custody.enrol('PatientsMSP');
  const forged: LedgerIdentity = { ...identity, mspId: 'HospitalAMSP' };
  const failure = await ledger
    .submit(call(forged, 'Registration', 'Resolve', { patient: identity.address }))
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LedgerError);
  expect(['LEDGER_FORBIDDEN', 'ENDORSEMENT_FAILED']).toContain((failure as LedgerError).code);
});

test('two submits with one idempotency key are one transaction on the ledger', async () => {
  const { identity, encryptionKey } = await custody.enrol('PatientsMSP');
  const patientIdHash = custody.keyedHash('patient', identity.address);
  const request: SubmitRequest = {
    ...call(identity, 'Registration', 'RegisterPatient', { patientIdHash, encryptionKey }),
    idempotencyKey: 'registration',
  };
  const [first, second] = await Promise.all([ledger.submit(request), ledger.submit(request)]);
  const later = connectLedger(network.profile);
  const third = await later.submit(request);
  await later.close();
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  const ids = (await transactionsUpTo(first.transaction.block))
    .filter(({ code }) => code === 'VALID')
    .map(({ id }) => id);
  expect(ids.filter((id) => id === first.transaction.id)).toHaveLength(1);
});

test('nothing is lost or made twice when the ledger is killed under load', async () => {
  const patient = await registeredPatient();
  // What was taken for ordering and died with the ledger is never committed; waiting for it is soon given up here.
  const impatient = connectLedger(network.profile, { deadlines: { commitStatus: 5_000 } });
  const requests = await Promise.all(
    Array.from({ length: 60 }, async (_, number): Promise<SubmitRequest> => {
      const entry = await personalEntry(`entry-${number}`, patient);
      return {
        ...call(patient.identity, 'Records', 'AddPersonalEntries', { entries: [entry] }),
        idempotencyKey: `add-${number}`,
      };
    }),
  );
  const untilDone = async (request: SubmitRequest): Promise<Committed<unknown>> => {
    for (;;) {
      try {
        return await impatient.submit(request);
      } catch (error) {
        const again = ['LEDGER_UNAVAILABLE', 'LEDGER_TIMEOUT', 'COMMIT_STATUS_UNKNOWN', 'ENDORSEMENT_FAILED'];
        if (!(error instanceof LedgerError) || !again.includes(error.code)) throw error;
        await setTimeout(50);
      }
    }
  };
  const submitting = requests.map(untilDone);
  await Promise.race(submitting);
  await network.killLedger();
  await network.restartLedger();
  const committed = await Promise.all(submitting);
  expect(new Set(committed.map(({ transaction }) => transaction.id)).size).toBe(60);

  const last = Math.max(...committed.map(({ transaction }) => transaction.block));
  const valid = (await transactionsUpTo(last)).filter(
    ({ code, mspId }) => code === 'VALID' && mspId === 'PatientsMSP',
  );
  const events = valid.flatMap(({ event }) =>
    event?.name === 'EntryAuthorized'
      ? (JSON.parse(Buffer.from(event.payload).toString()) as care.Entry[])
      : [],
  );
  const mine = events.filter((entry) => entry.patient === patient.identity.address).map(({ id }) => id);
  expect(mine.sort()).toEqual(requests.map((_, number) => `entry-${number}`).sort());
  await impatient.close();
});
