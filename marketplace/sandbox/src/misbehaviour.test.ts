import { type Contract } from '@hyperledger/fabric-gateway';
import { GuestStartError } from './report.js';
import { refusalOf } from './testing/refusal-of.js';
import { sampleBundle, SandboxNetwork } from './testing/sandbox-network.js';

describe('a DApp that misbehaves', () => {
  let network: SandboxNetwork;

  beforeAll(async () => {
    network = await SandboxNetwork.start({ transactionMs: 25_000, ledgerCalls: 500, longestBackoffMs: 200 });
  });
  afterAll(() => network.close());

  const deploy = async (sample: string, contract: string): Promise<Contract> =>
    network.deploy(sample, await sampleBundle(`hostile/${sample}`), [contract]);
  const codes = (dapp: string) => network.host.logs(dapp).flatMap(({ report }) => report?.code ?? []);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

  test('starts neither processes nor threads', async () => {
    const bomb = await deploy('fork-bomb', 'Bomb');
    for (const name of ['fork', 'thread'])
      expect(await refusalOf(bomb.evaluateTransaction(`Bomb:${name}`))).toContain('FORBIDDEN_MODULE');
    expect(network.host.logs('fork-bomb').map(({ report }) => report?.message)).toEqual([
      expect.stringMatching(/nothing else: node:child_process$/),
      expect.stringMatching(/nothing else: node:worker_threads$/),
    ]);
  });

  test('changes nothing that others inherit', async () => {
    const polluter = await deploy('polluter', 'Polluter');
    for (const name of ['object', 'array'])
      expect(await refusalOf(polluter.evaluateTransaction(`Polluter:${name}`))).not.toBe('');
    for (const name of ['stub', 'identity', 'text', 'address', 'contract', 'digest', 'globals'])
      expect(await refusalOf(polluter.evaluateTransaction(`Polluter:${name}`))).toMatch(
        /read.only|not extensible/,
      );
    expect(text(await polluter.evaluateTransaction('Polluter:untouched'))).toBe('64 AlphaMSP');
    const merged = polluter.evaluateTransaction('Polluter:merged', '{"__proto__":{"polluted":"yes"}}');
    expect(await refusalOf(merged)).not.toBe('');
    expect(text(await polluter.evaluateTransaction('Polluter:other'))).toBe('undefined');
    expect(text(await polluter.evaluateTransaction('Polluter:clean'))).toBe('undefined push');
    expect(network.host.metrics('polluter')?.transactions['Polluter:object']).toMatchObject({
      calls: 1,
      failures: 1,
    });
  });

  test('cannot ask for what differs from peer to peer', async () => {
    const dice = await deploy('nondeterministic', 'Dice');
    for (const name of ['clock', 'date', 'text', 'chance', 'format'])
      expect(await refusalOf(dice.evaluateTransaction(`Dice:${name}`))).toContain('NONDETERMINISTIC');
    expect(text(await dice.evaluateTransaction('Dice:behind'))).toBe('0');
    expect(codes('nondeterministic')).toEqual(Array(5).fill('NONDETERMINISTIC'));
    expect(text(await dice.evaluateTransaction('Dice:memory'))).toBe('0');
    expect(text(await dice.evaluateTransaction('Dice:beside'))).toBe('1,true');
    const places = text(await dice.evaluateTransaction('Dice:place')).split('\n');
    expect(places.filter((line) => line.startsWith('    at '))).toEqual(
      Array(2).fill(expect.stringMatching(/^ {4}at Dice\.place \(nondeterministic-1\.0\.0\.cjs:\d+:\d+\)$/)),
    );
    expect(text(await dice.evaluateTransaction('Dice:match', 'abc'))).toBe('true');
    expect(text(await dice.evaluateTransaction('Dice:matched'))).toBe('undefined undefined undefined');
    const [entry] = network.host.logs('nondeterministic');
    expect(entry?.report?.message).toContain('use ctx.now');
  });

  test.each([
    ['result', 'RESULT_TOO_LARGE'],
    ['event', 'EVENT_TOO_LARGE'],
    ['writes', 'TOO_MANY_WRITES'],
    ['calls', 'TOO_MANY_LEDGER_CALLS'],
  ])('is cut short: %s', async (name, code) => {
    const giant = name === 'result' ? await deploy('giant', 'Giant') : network.contract('giant');
    expect(await refusalOf(giant.evaluateTransaction(`Giant:${name}`))).toContain('DAPP_LIMIT_EXCEEDED');
    expect(codes('giant')).toContain(code);
  });

  test('emits one event a transaction, however many it sets', async () => {
    expect(await refusalOf(network.contract('giant').evaluateTransaction('Giant:events'))).toBe('');
  });

  test('is stopped when one message is larger than any may be', async () => {
    expect(await refusalOf(network.contract('giant').evaluateTransaction('Giant:message'))).toContain(
      'DAPP_STOPPED',
    );
    expect(codes('giant')).toContain('MESSAGE_TOO_LARGE');
  });

  test('answers for no transaction but those that it was asked for', async () => {
    const forger = await deploy('forger', 'Forger');
    expect(text(await forger.evaluateTransaction('Forger:answerForAnother'))).toBe('answered');
    expect(await refusalOf(forger.evaluateTransaction('Forger:asPeer'))).toMatch(/DAPP_/);
    expect(codes('forger')).toContain('PROTOCOL_VIOLATION');
  });

  test('answers for itself, and says of itself what it said first', async () => {
    const described = `
const { Contract } = require('fabric-contract-api');
class Described extends Contract {
  constructor() { super('Described'); }
  async replace(ctx) { ctx.stub.handler.chaincode = { Invoke: async () => ({ status: 200, payload: Buffer.from('forged') }) }; }
  async part(ctx) { ctx.stub.handler.chaincode.Invoke = async () => ({ status: 200, payload: Buffer.from('forged') }); }
  async describe() {
    this.toJSON = () => 'forged';
    for (const each of Reflect.getMetadata('fabric:transactions', this)) each.name = 'forged';
  }
}
const transactions = ['replace', 'part', 'describe'].map((name) => ({ name, tag: ['submitTx'], parameters: [] }));
Reflect.defineMetadata('fabric:transactions', transactions, Described.prototype);
module.exports.contracts = [Described];`;
    const contract = await network.deploy('described', described, ['Described']);
    const metadata = async () =>
      text(await contract.evaluateTransaction('org.hyperledger.fabric:GetMetadata'));
    const first = await metadata();
    for (const name of ['replace', 'part'])
      expect(await refusalOf(contract.evaluateTransaction(`Described:${name}`))).toMatch(/read.only/);
    expect(await refusalOf(contract.evaluateTransaction('Described:describe'))).toBe('');
    expect(await metadata()).toBe(first);
  });

  test('cannot hide an event behind another', async () => {
    const forger = network.contract('forger');
    const told = () => codes('forger').filter((code) => code === 'PROTOCOL_VIOLATION').length;
    while ((await refusalOf(forger.evaluateTransaction('org.hyperledger.fabric:GetMetadata'))) !== '');
    const before = told();
    expect(await refusalOf(forger.evaluateTransaction('Forger:twoEvents'))).toContain('DAPP_STOPPED');
    expect(told()).toBe(before + 1);
  });

  test('has no other chaincode act for its callers but the suites of the consortium', async () => {
    const notes = await network.deploy('notes', await sampleBundle('notes'), ['Notes']);
    await notes.submitTransaction('Notes:put', 'k', 'mine');
    const forger = network.contract('forger');
    while ((await refusalOf(forger.evaluateTransaction('org.hyperledger.fabric:GetMetadata'))) !== '');
    for (const call of [
      ['dapp-notes', ''],
      ['dapp-notes:1.0.0/main', ''],
      ['_lifecycle', ''],
      ['qscc', 'main'],
      ['records', 'another'],
    ])
      expect(await refusalOf(forger.evaluateTransaction('Forger:invoke', ...call))).toContain(
        'DAPP_LIMIT_EXCEEDED: contracts may invoke the suites of the consortium',
      );
    expect(codes('forger').filter((code) => code === 'FORBIDDEN_CHAINCODE')).toHaveLength(5);
    expect(await refusalOf(forger.evaluateTransaction('Forger:invoke', 'records', ''))).toContain('records');
    expect(network.host.metrics('notes')?.transactions).toEqual({
      'Notes:put': expect.objectContaining({ calls: 1 }) as unknown,
    });
  });

  test('that fails without a word is answered for', async () => {
    const rejecting = await deploy('rejecting', 'Rejecting');
    expect(await refusalOf(rejecting.evaluateTransaction('Rejecting:nothing'))).toContain(
      'without saying why',
    );
    expect(text(await rejecting.evaluateTransaction('Rejecting:floating'))).toBe('fine');
    expect(await refusalOf(rejecting.evaluateTransaction('Rejecting:deep'))).toContain('Maximum call stack');
    expect(codes('rejecting')).toContain('REJECTION_UNHANDLED');
    expect(await refusalOf(rejecting.evaluateTransaction('Rejecting:empty'))).toContain('without saying why');
    expect(text(await rejecting.evaluateTransaction('Rejecting:flood'))).toBe('fine');
    while (codes('rejecting').length < 100)
      await rejecting.evaluateTransaction('org.hyperledger.fabric:GetMetadata');
    await rejecting.evaluateTransaction('Rejecting:floating');
    // However often, its author is not told without end.
    expect(codes('rejecting')).toEqual(Array(100).fill('REJECTION_UNHANDLED'));
  });

  test('tells its author nothing of what transactions are about', async () => {
    const talkative = await deploy('talkative', 'Talkative');
    expect(await refusalOf(talkative.evaluateTransaction('Talkative:tell', 'HIV'))).toContain('SECRET_HIV');
    expect(network.host.logs('talkative').some(({ line }) => line === 'loaded')).toBe(true);
    expect(JSON.stringify([network.host.logs('talkative'), network.host.metrics('talkative')])).not.toContain(
      'HIV',
    );
    expect(network.host.metrics('talkative')).toMatchObject({
      linesWithheld: 2,
      transactions: { 'Talkative:tell': { calls: 1, failures: 1 } },
    });
    // However much it says, it is neither stopped for it nor kept.
    expect(text(await talkative.evaluateTransaction('Talkative:flood'))).toBe('told');
    expect(network.host.metrics('talkative')).toMatchObject({ restarts: 0, reports: {} });
  });

  test('is not started if its contracts are not those of the manifest', async () => {
    const start = network.deploy('forged', await sampleBundle('notes'), ['Payments']);
    await expect(start).rejects.toThrow(GuestStartError);
    expect(network.host.logs('forged').at(-1)?.report).toEqual({
      code: 'CONTRACTS_DIFFER',
      message: 'the manifest names Payments; the bundle has Notes',
    });
  });

  test.each([
    ['for (;;);', 'START_TIMED_OUT'],
    ["throw new Error('no')", 'LOAD_FAILED'],
    ['module.exports = {}', 'LOAD_FAILED'],
    ['module.exports.contracts = [class {}]', 'LOAD_FAILED'],
    ['this is no program', 'LOAD_FAILED'],
    ["require('net')", 'LOAD_FAILED'],
  ])('is not started: %s', async (bundle, code) => {
    const quick = await SandboxNetwork.start({ startMs: bundle.startsWith('for') ? 3_000 : 20_000 });
    try {
      await expect(quick.deploy('broken', bundle, ['Broken'])).rejects.toMatchObject({ code });
      expect(quick.host.logs('broken').map(({ report }) => report?.code)).toContain(code);
    } finally {
      await quick.close();
    }
  });
});
