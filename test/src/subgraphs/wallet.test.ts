import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Wallet, type WalletGraph } from '@medigraph/platform/wallet';
import { LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };

let graph: LiveGraph;
let wallet: Wallet;

/** An error of the graph with its code, as a wallet's own transport throws it. */
class GraphError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** The patients subgraph with a person's token. */
const graphOf = (person: Person): WalletGraph => ({
  async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const { data, errors } = await graph.ask('patients', person, query, variables);
    if (errors?.[0]) throw new GraphError(errors[0].extensions.code, errors[0].message);
    return data as Data;
  },
});
/** The same graph, run by somebody who answers requests otherwise. */
const lying = (
  answer: (honest: WalletGraph, query: string, variables: Record<string, unknown>) => Promise<unknown>,
) => ({
  request: <Data>(query: string, variables: Record<string, unknown>) =>
    answer(own(), query, variables) as Promise<Data>,
});
const self = (): Person => ({ role: 'patient', mspId: 'PatientsMSP', patient: wallet.address });
const own = (): WalletGraph => graphOf(self());

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  const { errors } = await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register);
  expect(errors).toBeUndefined();
  wallet = await Wallet.create();
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a patient whose key is their own is registered under their own signature', async () => {
  const transaction = await wallet.register(graphOf(hospital), 'MRN-7');
  expect(transaction).toMatchObject({ channel: 'care' });
  const query = '{ me { patient { id active organization } } }';
  expect((await graph.ask('patients', self(), query)).data).toEqual({
    me: { patient: { id: wallet.address, active: true, organization: 'PatientsMSP' } },
  });
});

test('what they sign is committed, and the graph has it', async () => {
  const { result, transaction } = await wallet.submit(own(), 'Records:AuthorizeStorage', {
    institutions: ['hospital-a'],
    active: true,
  });
  expect(result).toMatchObject([{ patient: wallet.address, institution: 'hospital-a', active: true }]);
  expect(transaction.id).toMatch(/^[0-9a-f]{64}$/);
  const seen = await graph.ask('patients', hospital, 'query($id: ID!) { patient(id: $id) { id } }', {
    id: wallet.address,
  });
  expect(seen.data).toEqual({ patient: { id: wallet.address } });
});

const authorization = { institutions: ['hospital-a'], active: true };
const forged = { code: 'PREPARATION_FORGED' };

interface Prepared {
  readonly preparation: string;
  readonly messages: string[];
}
interface Submitted {
  readonly submitSigned: { readonly next: Prepared | null };
}
const isPreparation = (query: string) => query.includes('prepareTransaction');

describe('a server that prepares something else is refused before anything is signed', () => {
  const otherInputs: [string, Record<string, unknown>][] = [
    ['another argument', { argument: '{"institutions":["hospital-a"],"active":false}' }],
    [
      'an argument with more in it',
      { argument: '{"institutions":["hospital-a","hospital-a"],"active":true}' },
    ],
    ['another transaction', { transaction: 'Access:Revoke', argument: '{"consent":"c1"}' }],
    ['another nonce', { nonce: Buffer.alloc(24, 7).toString('base64') }],
  ];
  test.each(otherInputs)('%s', async (_what, other) => {
    let requests = 0;
    const server = lying((honest, query, { input }) => {
      requests += 1;
      return honest.request(query, { input: { ...(input as object), ...other } });
    });
    await expect(wallet.submit(server, 'Records:AuthorizeStorage', authorization)).rejects.toMatchObject(
      forged,
    );
    expect(requests).toBe(1);
  });

  test('another signer', async () => {
    const other = await Wallet.create();
    await other.register(graphOf(hospital), 'MRN-8');
    let theirs: Prepared | undefined;
    const watching = lying(async (_honest, query, variables) => {
      const graphOfOther = graphOf({ role: 'patient', mspId: 'PatientsMSP', patient: other.address });
      const answer = await graphOfOther.request<{ prepareTransaction: Prepared }>(query, variables);
      theirs ??= answer.prepareTransaction;
      return answer;
    });
    await other.evaluate(watching, 'Access:ConsentsOf', { patient: other.address });
    const server = lying(() => Promise.resolve({ prepareTransaction: theirs }));
    await expect(
      wallet.evaluate(server, 'Access:ConsentsOf', { patient: other.address }),
    ).rejects.toMatchObject(forged);
  });

  test.each([
    ['bytes after it', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0x1a, 0x01, 0x00])])],
    ['a payload that comes twice', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['nothing', () => Buffer.alloc(0)],
    ['noise', () => Buffer.from('noise, not protobuf')],
  ])('%s', async (_what, change) => {
    const server = lying(async (honest, query, variables) => {
      const { prepareTransaction } = await honest.request<{ prepareTransaction: Prepared }>(query, variables);
      const messages = prepareTransaction.messages.map((message) =>
        change(Buffer.from(message, 'base64')).toString('base64'),
      );
      return { prepareTransaction: { ...prepareTransaction, messages } };
    });
    await expect(wallet.submit(server, 'Records:AuthorizeStorage', authorization)).rejects.toMatchObject(
      forged,
    );
  });

  test('a second message beside the one asked for', async () => {
    const server = lying(async (honest, query, variables) => {
      const { prepareTransaction } = await honest.request<{ prepareTransaction: Prepared }>(query, variables);
      const messages = [...prepareTransaction.messages, Buffer.from('sign this').toString('base64')];
      return { prepareTransaction: { ...prepareTransaction, messages } };
    });
    await expect(wallet.submit(server, 'Records:AuthorizeStorage', authorization)).rejects.toMatchObject(
      forged,
    );
  });

  test.each([
    [
      'the transaction of another proposal',
      (next: Prepared, kept: Prepared) => [kept.messages[0], next.messages[1]],
    ],
    [
      'the question for another commit',
      (next: Prepared, kept: Prepared) => [next.messages[0], kept.messages[1]],
    ],
    ['one more message', (next: Prepared) => [...next.messages, next.messages[0]]],
    [
      'a transaction with an action more',
      (next: Prepared) => {
        const whole = Buffer.from(next.messages[0] ?? '', 'base64');
        return [Buffer.concat([whole, Buffer.from([0x12, 0x00])]).toString('base64'), next.messages[1]];
      },
    ],
  ])('%s, once endorsed', async (_what, change) => {
    let kept: Prepared | undefined;
    let committed = 0;
    const server = lying(async (honest, query, variables) => {
      if (isPreparation(query)) return honest.request(query, variables);
      const { submitSigned } = await honest.request<Submitted>(query, variables);
      if (!submitSigned.next) {
        committed += 1;
        return { submitSigned };
      }
      if (kept === undefined) {
        kept = submitSigned.next;
        throw new GraphError('LEDGER_UNAVAILABLE', 'cut off');
      }
      return {
        submitSigned: {
          ...submitSigned,
          next: { ...submitSigned.next, messages: change(submitSigned.next, kept) },
        },
      };
    });
    const attempt = () => wallet.submit(server, 'Records:AuthorizeStorage', authorization);
    await expect(attempt()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await expect(attempt()).rejects.toMatchObject(forged);
    expect(committed).toBe(0);
  });
});

describe('the graph forwards nothing but what it prepared, for whom it prepared it', () => {
  const prepareMutation = `mutation($input: PrepareTransactionInput!) {
    prepareTransaction(input: $input) { preparation messages }
  }`;
  const submitMutation = `mutation($input: SubmitSignedInput!) {
    submitSigned(input: $input) { next { preparation messages } result transaction { id } }
  }`;
  /** What a wallet sends, in order. */
  async function sent(): Promise<Record<string, unknown>[]> {
    const inputs: Record<string, unknown>[] = [];
    const watched = lying((honest, query, variables) => {
      inputs.push(variables['input'] as Record<string, unknown>);
      return honest.request(query, variables);
    });
    await wallet.submit(watched, 'Records:AuthorizeStorage', authorization);
    return inputs;
  }
  const codeOf = async (person: Person, query: string, input: unknown): Promise<string | undefined> =>
    (await graph.ask('patients', person, query, { input })).errors?.[0]?.extensions.code;

  test('signatures over other bytes, too few of them, and preparations that were altered', async () => {
    const [, proposal = {}, transaction = {}] = await sent();
    const forTransaction = transaction['signatures'];
    const cases: [unknown, string][] = [
      [{ ...proposal, signatures: (forTransaction as string[]).slice(0, 1) }, 'SIGNATURE_INVALID'],
      [{ ...proposal, signatures: [] }, 'SIGNATURE_INVALID'],
      [{ ...proposal, signatures: ['AAAA'] }, 'SIGNATURE_INVALID'],
      [{ ...transaction, signatures: [...(forTransaction as string[])].reverse() }, 'SIGNATURE_INVALID'],
      [{ ...proposal, preparation: `x${String(proposal['preparation'])}` }, 'PREPARATION_INVALID'],
      [{ ...proposal, preparation: '' }, 'PREPARATION_INVALID'],
      [{ ...proposal, preparation: 'e30.e30' }, 'PREPARATION_INVALID'],
    ];
    for (const [input, code] of cases) expect(await codeOf(self(), submitMutation, input)).toBe(code);
  });

  test('a preparation of somebody else', async () => {
    const [, proposal] = await sent();
    expect(await codeOf(hospital, submitMutation, proposal)).toBe('PREPARATION_INVALID');
  });

  test('signatures that come again make no second transaction', async () => {
    const [, proposal, transaction] = await sent();
    const again = await graph.ask('patients', self(), submitMutation, { input: transaction });
    const first = (again.data?.['submitSigned'] as { transaction?: { id: string } } | undefined)?.transaction;
    // The proposal is refused, since its id is used up; the transaction is the one that there is.
    expect(await codeOf(self(), submitMutation, proposal)).toMatch(/^(ENDORSEMENT_FAILED|SUBMIT_FAILED)$/);
    expect(again.errors?.[0]?.extensions.code ?? first?.id).toMatch(/^([0-9a-f]{64}|COMMIT_FAILED)$/);
  });

  test('what is no transaction, does not fit it, or is not the caller’s to prepare', async () => {
    const [prepared = {}] = await sent();
    const cases: [Person, Record<string, unknown>, string][] = [
      [self(), { transaction: 'Records:Nothing' }, 'BAD_USER_INPUT'],
      [self(), { transaction: 'toString' }, 'BAD_USER_INPUT'],
      [self(), { argument: '{' }, 'BAD_USER_INPUT'],
      [self(), { argument: '{"institutions":[]}' }, 'BAD_USER_INPUT'],
      [self(), { nonce: 'AAAA' }, 'BAD_USER_INPUT'],
      [self(), { certificate: 'x' }, 'BAD_USER_INPUT'],
      [hospital, {}, 'FORBIDDEN'],
      [{ role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' }, {}, 'FORBIDDEN'],
      [{ role: 'regulator', mspId: 'RegulatorMSP' }, {}, 'FORBIDDEN'],
    ];
    for (const [person, other, code] of cases)
      expect(await codeOf(person, prepareMutation, { ...prepared, ...other })).toBe(code);
  });

  test('a patient has nothing prepared for a key that is not theirs', async () => {
    const other = await Wallet.create();
    await other.register(graphOf(hospital), 'MRN-9');
    const others = (person: Person) => graphOf({ ...person, patient: wallet.address });
    await expect(
      other.submit(others(self()), 'Records:AuthorizeStorage', authorization),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

test('keys are rotated: the new ones act for the same address, the old ones for nobody', async () => {
  const before = await Wallet.import(await wallet.export('for the test'), 'for the test');
  await wallet.rotateKeys(own());
  expect(wallet.address).toBe(before.address);
  expect(wallet.signer).not.toBe(before.signer);
  await wallet.submit(own(), 'Records:AuthorizeStorage', authorization);
  await expect(before.submit(own(), 'Records:AuthorizeStorage', authorization)).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  await expect(before.rotateKeys(own())).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
