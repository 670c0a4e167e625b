import { status } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { testOrganization } from '../testing/organization.js';
import { ScriptedPeer } from '../testing/scripted-peer.js';
import { createMetrics } from '../telemetry/index.js';
import {
  ChannelUnknownError,
  connectLedger,
  organizationIdentity,
  type ConnectionProfile,
  type LedgerBlock,
  type LedgerClient,
  type LedgerOptions,
  type SubmitRequest,
} from './index.js';

const { MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, ENDORSEMENT_POLICY_FAILURE } = peer.TxValidationCode;

let scripted: ScriptedPeer;
let second: ScriptedPeer;
let profile: ConnectionProfile;
let ledger: LedgerClient;
const clients: LedgerClient[] = [];

function connect(options: LedgerOptions = {}): LedgerClient {
  const client = connectLedger(profile, { lookupMs: 200, ...options });
  clients.push(client);
  return client;
}

beforeEach(async () => {
  scripted = await ScriptedPeer.start();
  second = await ScriptedPeer.start();
  profile = {
    organizations: {
      HospitalAMSP: await testOrganization(scripted.address),
      InsurerAMSP: {
        ...(await testOrganization()),
        peers: [{ address: scripted.address }, { address: second.address }],
      },
    },
    channels: { care: { organizations: ['HospitalAMSP'], suites: { care: 'suite' } } },
  };
  ledger = connect();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  scripted.kill();
  second.kill();
});

const anyTransactionId: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);

const request = (overrides: Partial<SubmitRequest> = {}): SubmitRequest => ({
  channel: 'care',
  chaincode: 'suite',
  contract: 'Records',
  transaction: 'Propose',
  argument: { entry: 'e1' },
  signer: organizationIdentity(profile, 'HospitalAMSP'),
  ...overrides,
});

describe('submit', () => {
  test('answers the contract’s result and where the transaction stands', async () => {
    const { result, transaction } = await ledger.submit(request());
    expect(result).toEqual({ input: ['Records:Propose', '{"entry":"e1"}'] });
    expect(transaction).toEqual({ id: scripted.calls.submit[0], channel: 'care', block: 1 });
  });

  test('passes on what a contract refuses, with its code and sentence', async () => {
    scripted.faults.endorse.push({
      code: status.ABORTED,
      endpoints: ['chaincode response 500, ENTRY_EXISTS: There is an entry e1: choose another id'],
    });
    await expect(ledger.submit(request())).rejects.toMatchObject({
      name: 'ContractRefusedError',
      code: 'ENTRY_EXISTS',
      message: 'There is an entry e1: choose another id',
    });
    expect(scripted.calls.submit).toEqual([]);
  });

  test.each([
    [status.ABORTED, 'ENDORSEMENT_FAILED'],
    [status.FAILED_PRECONDITION, 'ENDORSEMENT_FAILED'],
    [status.PERMISSION_DENIED, 'LEDGER_FORBIDDEN'],
    [status.DEADLINE_EXCEEDED, 'LEDGER_TIMEOUT'],
  ])('that is not endorsed, with status %i, is %s', async (code, expected) => {
    scripted.faults.endorse.push({ code, endpoints: ['no such luck'] });
    const failure = await ledger.submit(request()).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: expected,
      endpoints: [{ mspId: 'HospitalAMSP', message: 'no such luck' }],
    });
    expect((failure as { transactionId: string }).transactionId).toMatch(/^[0-9a-f]{64}$/);
  });

  test('that the ordering service refuses is SUBMIT_FAILED, and not tried again', async () => {
    scripted.faults.submit.push({ code: status.ABORTED });
    await expect(ledger.submit(request())).rejects.toMatchObject({ code: 'SUBMIT_FAILED' });
    expect(scripted.calls.submit).toEqual([]);
  });

  test('tries conflicts again with new transactions', async () => {
    scripted.codes.push(MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT);
    const metrics = createMetrics();
    const { transaction } = await connect({ metrics }).submit(request());
    expect(transaction.block).toBe(3);
    expect(new Set(scripted.calls.submit).size).toBe(3);
    expect(await metrics.registry.getSingleMetricAsString('medigraph_ledger_retries_total')).toContain(
      'reason="MVCC_READ_CONFLICT"} 1',
    );
  });

  test('gives up after as many conflicts as it may lose', async () => {
    scripted.codes.push(...Array<number>(3).fill(MVCC_READ_CONFLICT));
    await expect(connect({ conflictAttempts: 3 }).submit(request())).rejects.toMatchObject({
      code: 'COMMIT_FAILED',
      validationCode: 'MVCC_READ_CONFLICT',
    });
    expect(scripted.calls.submit).toHaveLength(3);
  });

  test('that is invalid for another reason is COMMIT_FAILED at once', async () => {
    scripted.codes.push(ENDORSEMENT_POLICY_FAILURE);
    await expect(ledger.submit(request())).rejects.toMatchObject({
      code: 'COMMIT_FAILED',
      validationCode: 'ENDORSEMENT_POLICY_FAILURE',
      block: 1,
    });
    expect(scripted.calls.submit).toHaveLength(1);
  });

  test('waits out a peer that is briefly away before anything is submitted', async () => {
    scripted.faults.endorse.push({ code: status.UNAVAILABLE }, { code: status.UNAVAILABLE });
    await expect(ledger.submit(request())).resolves.toMatchObject({ transaction: { block: 1 } });
  });

  test('without any peer is LEDGER_UNAVAILABLE', async () => {
    scripted.kill();
    await expect(connect({ unavailableAttempts: 2 }).submit(request())).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
  });

  test('goes to the organisation’s next peer when one is gone', async () => {
    scripted.kill();
    const signer = organizationIdentity(profile, 'InsurerAMSP');
    await expect(ledger.submit(request({ signer }))).resolves.toMatchObject({ transaction: { block: 1 } });
    expect(second.calls.submit).toHaveLength(1);
  });

  test('whose answer was lost is found by its id, and made once', async () => {
    scripted.faults.submit.push({ code: status.UNAVAILABLE, takesEffect: true });
    const { transaction } = await ledger.submit(request());
    expect(scripted.calls.submit).toEqual([transaction.id]);
    expect(scripted.height).toBe(2);
  });

  test('that never arrived is handed over again as the same transaction', async () => {
    scripted.faults.submit.push({ code: status.UNAVAILABLE });
    const { transaction } = await ledger.submit(request());
    expect(scripted.calls.endorse).toHaveLength(1);
    expect(scripted.calls.submit).toEqual([transaction.id]);
  });

  test('goes on waiting for its commit over a broken connection', async () => {
    scripted.faults.commitStatus.push({ code: status.UNAVAILABLE });
    await expect(ledger.submit(request())).resolves.toMatchObject({ transaction: { block: 1 } });
  });

  test('whose outcome stays unknown says so, with the id to look for', async () => {
    const faults = Array.from({ length: 100 }, () => ({ code: status.UNAVAILABLE }));
    scripted.faults.commitStatus.push(...faults);
    const hasty = connect({ deadlines: { commitStatus: 300 } });
    await expect(hasty.submit(request())).rejects.toMatchObject({
      code: 'COMMIT_STATUS_UNKNOWN',
      transactionId: anyTransactionId,
    });
  });

  test('that is given up before its submission leaves nothing', async () => {
    const signal = AbortSignal.abort();
    await expect(ledger.submit(request({ signal }))).rejects.toMatchObject({ code: 'LEDGER_CANCELLED' });
    expect(scripted.height).toBe(1);
  });

  test('of an organisation that is not in the profile is ORGANIZATION_UNKNOWN', async () => {
    const signer = { ...request().signer, mspId: 'NobodyMSP' };
    await expect(ledger.submit(request({ signer }))).rejects.toMatchObject({ code: 'ORGANIZATION_UNKNOWN' });
  });
});

describe('an idempotency key', () => {
  const once = (overrides: Partial<SubmitRequest> = {}): SubmitRequest =>
    request({ idempotencyKey: 'order-1', ...overrides });

  test('makes one transaction of two submits, by the same client and after a restart', async () => {
    scripted.answer = () => ({ number: scripted.calls.endorse.length });
    const first = await ledger.submit(once());
    const again = await ledger.submit(once());
    // Ciphertexts differ from one sealing to the next: the key decides, not the argument.
    const afterRestart = await connect().submit(once({ argument: { entry: 'sealed again' } }));
    expect(first.result).toEqual({ number: 1 });
    expect(again).toEqual(first);
    expect(afterRestart).toEqual(first);
    expect(scripted.calls.submit).toHaveLength(1);
  });

  test('makes one transaction of submits at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => connect().submit(once())));
    expect(new Set(answers.map(({ transaction }) => transaction.id)).size).toBe(1);
    expect(new Set(answers.map(({ transaction }) => transaction.block)).size).toBe(1);
  });

  test('goes on after an attempt that lost a conflict, also after a restart', async () => {
    scripted.codes.push(MVCC_READ_CONFLICT);
    await expect(connect({ conflictAttempts: 1 }).submit(once())).rejects.toMatchObject({
      code: 'COMMIT_FAILED',
    });
    const first = await connect().submit(once());
    const again = await connect().submit(once());
    expect(again).toEqual(first);
    expect(scripted.calls.submit).toHaveLength(2);
  });

  test('is one signer’s own, and one channel’s', async () => {
    const mine = await ledger.submit(once());
    const theirs = await ledger.submit(once({ signer: organizationIdentity(profile, 'InsurerAMSP') }));
    expect(theirs.transaction.id).not.toBe(mine.transaction.id);
  });

  test('is refused for another transaction', async () => {
    await ledger.submit(once());
    await expect(ledger.submit(once({ transaction: 'Retract' }))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(scripted.calls.submit).toHaveLength(1);
  });

  test('does not hide that a contract refuses', async () => {
    scripted.faults.endorse.push({
      code: status.ABORTED,
      endpoints: ['chaincode response 500, ENTRY_EXISTS: e1'],
    });
    await expect(ledger.submit(once())).rejects.toMatchObject({ code: 'ENTRY_EXISTS' });
  });
});

describe('evaluate', () => {
  test('answers what the contract answers', async () => {
    await expect(ledger.evaluate(request())).resolves.toEqual({
      input: ['Records:Propose', '{"entry":"e1"}'],
    });
  });

  test('passes on a refusal, and calls everything else EVALUATE_FAILED', async () => {
    scripted.faults.evaluate.push(
      { code: status.UNKNOWN, endpoints: ['chaincode response 500, ENTRY_NOT_FOUND: e1'] },
      { code: status.UNKNOWN, endpoints: ['chaincode response 500, TypeError: x is not a function'] },
    );
    await expect(ledger.evaluate(request())).rejects.toMatchObject({
      code: 'ENTRY_NOT_FOUND',
      message: 'e1',
    });
    await expect(ledger.evaluate(request())).rejects.toMatchObject({ code: 'EVALUATE_FAILED' });
  });

  test('refuses an answer that is not JSON', async () => {
    scripted.answer = () => 'plain';
    scripted.encode = String;
    await expect(ledger.evaluate(request())).rejects.toMatchObject({ code: 'RESULT_INVALID' });
    await expect(ledger.submit(request())).rejects.toMatchObject({
      code: 'RESULT_INVALID',
      transactionId: anyTransactionId,
    });
  });
});

describe('blocks', () => {
  async function take(count: number, start = 0, client = ledger): Promise<LedgerBlock[]> {
    const abort = new AbortController();
    const taken: LedgerBlock[] = [];
    for await (const block of client.blocks('care', start, abort.signal)) {
      taken.push(block);
      if (taken.length === count) break;
    }
    return taken;
  }

  test('come in order with their transactions and the events of valid ones', async () => {
    scripted.event = { name: 'EntryProposed', payload: [{ id: 'e1' }] };
    scripted.codes.push(MVCC_READ_CONFLICT);
    const { transaction } = await ledger.submit(request());
    const [, lost, won] = await take(3);
    expect(lost).toMatchObject({
      channel: 'care',
      number: 1,
      transactions: [{ code: 'MVCC_READ_CONFLICT' }],
    });
    expect(lost?.transactions[0]?.event).toBeUndefined();
    expect(won?.transactions[0]).toMatchObject({ index: 0, id: transaction.id, code: 'VALID' });
    const event = won?.transactions[0]?.event;
    expect(event).toMatchObject({ chaincode: 'suite', name: 'EntryProposed' });
    expect(JSON.parse(Buffer.from(event?.payload ?? []).toString())).toEqual([{ id: 'e1' }]);
  });

  test('each come once and in order over broken streams, dead peers and repeated blocks', async () => {
    const total = 60;
    const abort = new AbortController();
    const numbers: number[] = [];
    for (let count = 1; count < 20; count += 1) scripted.commitEvents('suite', 'Happened', [[count]]);
    for await (const block of ledger.blocks('care', 0, abort.signal)) {
      numbers.push(block.number);
      if (block.number === 5) scripted.breakStreams();
      if (block.number === 10) scripted.strayBlocks.push(3, 12, 4);
      if (block.number === 12) scripted.breakStreams();
      if (block.number === 19) {
        scripted.kill();
        for (let count = 20; count < total; count += 1) scripted.commitEvents('suite', 'Happened', [[count]]);
        await scripted.listen();
      }
      if (block.number === total - 1) abort.abort();
    }
    expect(numbers).toEqual(Array.from({ length: total }, (_, number) => number));
  });

  test('end when the signal aborts, and let go of the stream', async () => {
    const abort = new AbortController();
    const blocks = ledger.blocks('care', 1, abort.signal)[Symbol.asyncIterator]();
    const waiting = blocks.next();
    scripted.commitEvents('suite', 'Happened', [[1]]);
    expect((await waiting).done).toBe(false);
    const never = blocks.next();
    abort.abort();
    expect((await never).done).toBe(true);
  });

  test('are read no faster than they are taken', async () => {
    const payload = 'x'.repeat(100_000);
    for (let count = 0; count < 200; count += 1) scripted.commitEvents('suite', 'Happened', [[payload]]);
    const before = process.memoryUsage().arrayBuffers;
    const abort = new AbortController();
    const blocks = ledger.blocks('care', 0, abort.signal)[Symbol.asyncIterator]();
    await blocks.next();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000);
    abort.abort();
    await blocks.next();
  });

  test('of a channel that is not in the profile are CHANNEL_UNKNOWN', () => {
    expect(() => ledger.blocks('nowhere', 0, AbortSignal.abort())).toThrow(ChannelUnknownError);
  });
});

test('a ledger is healthy while a peer of each channel answers', async () => {
  expect(await ledger.healthy()).toBe(true);
  scripted.kill();
  expect(await connect().healthy()).toBe(false);
});
