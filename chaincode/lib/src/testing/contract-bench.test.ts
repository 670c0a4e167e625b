import { beforeEach, expect, test } from '@jest/globals';
import { createHash, X509Certificate } from 'node:crypto';
import { Returns, StateTable, SuiteContract, Transaction, TransactionContext } from '../index.js';
import { ContractBench, TransactionInvalid, TransactionRefused, type BenchIdentity } from './index.js';

class NotesContext extends TransactionContext {
  get notes(): StateTable<{ text: string }> {
    return StateTable.json(this.stub, 'note');
  }
  announce(items: readonly unknown[]): void {
    this.setEvent('Noted', items);
  }
}

class Notes extends SuiteContract {
  constructor() {
    super('Notes');
  }
  override createContext(): NotesContext {
    return new NotesContext();
  }

  @Transaction()
  @Returns('string')
  async Put(ctx: NotesContext, argument: string): Promise<string> {
    const { key, text, fail } = JSON.parse(argument) as { key: string[]; text?: string; fail?: boolean };
    const before = await ctx.notes.get(...key);
    if (text === undefined) await ctx.notes.delete(...key);
    else await ctx.notes.put({ text }, ...key);
    ctx.announce([key]);
    if (fail) throw new Error('failed after writing');
    return ctx.answer({ before, after: await ctx.notes.get(...key) });
  }

  @Transaction(false)
  @Returns('string')
  async Caller(ctx: NotesContext, _argument: string): Promise<string> {
    return Promise.resolve(ctx.answer({ ...ctx.caller, now: ctx.now, transaction: ctx.transactionId }));
  }

  @Transaction(false)
  @Returns('string')
  async Page(ctx: NotesContext, argument: string): Promise<string> {
    const { prefix, size, bookmark } = JSON.parse(argument) as {
      prefix: string[];
      size: number;
      bookmark?: string;
    };
    return ctx.answer(await ctx.notes.page(prefix, size, bookmark));
  }

  @Transaction()
  @Returns('string')
  async Copy(ctx: NotesContext, argument: string): Promise<string> {
    const { from, to, paged } = JSON.parse(argument) as { from: string[]; to: string[]; paged?: boolean };
    const found = paged ? (await ctx.notes.page(from, 10)).items : await ctx.notes.all(...from);
    await ctx.notes.put({ text: found.map(({ text }) => text).join() }, ...to);
    return ctx.answer(found);
  }

  @Transaction(false)
  @Returns('string')
  async History(ctx: NotesContext, argument: string): Promise<string> {
    return ctx.answer(await ctx.notes.history(...(JSON.parse(argument) as string[])));
  }
}

let bench: ContractBench;
let someone: BenchIdentity;
beforeEach(async () => {
  bench = new ContractBench({ contracts: [Notes] });
  someone = await bench.enrol('OrgMSP', 'someone', { organizationalUnit: 'admin' });
});
const put = (key: string[], text?: string) =>
  bench.submit(someone, 'Notes:Put', { key, ...(text !== undefined && { text }) });

test('the caller is what the certificate says', async () => {
  const key = new X509Certificate(someone.certificate).publicKey.export({ type: 'spki', format: 'der' });
  const address = createHash('sha256').update(key).digest().subarray(0, 20).toString('hex');
  expect(someone.address).toBe(address);
  const { result, transaction } = await bench.endorse(someone, 'Notes:Caller', {});
  expect(result).toEqual({
    mspId: 'OrgMSP',
    address,
    organizationalUnits: ['admin'],
    isPerson: false,
    now: bench.now.toISOString(),
    transaction,
  });
});

test('a transaction does not read its own writes', async () => {
  expect((await put(['a'], 'one')).result).toEqual({});
  expect((await put(['a'], 'two')).result).toEqual({ before: { text: 'one' }, after: { text: 'one' } });
});

test('a refused transaction leaves nothing', async () => {
  await expect(bench.submit(someone, 'Notes:Put', { key: ['a'], text: 'x', fail: true })).rejects.toThrow(
    new TransactionRefused('failed after writing'),
  );
  expect((await put(['a'], 'y')).result).toEqual({});
});

test('what was read and has changed since is invalid; so is a range that has', async () => {
  const [one, two] = await Promise.all(
    ['one', 'two'].map((text) => bench.endorse(someone, 'Notes:Put', { key: ['a'], text })),
  );
  if (!one || !two) throw new Error('nothing was endorsed');
  expect(bench.commit(one, two)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  const copy = await bench.endorse(someone, 'Notes:Copy', { from: ['p'], to: ['q', '1'] });
  await put(['p', '1'], 'phantom');
  expect(bench.commit(copy)).toEqual(['PHANTOM_READ_CONFLICT']);
  expect(new TransactionInvalid('PHANTOM_READ_CONFLICT').code).toBe('PHANTOM_READ_CONFLICT');
});

test('pages come in byte order, and never from outside the prefix', async () => {
  for (const id of ['b', 'a', 'Z', 'c']) await put(['p', id], id);
  await put(['o', 'x'], 'before');
  await put(['q', 'x'], 'after');
  const page = (bookmark?: string) =>
    bench.evaluate(someone, 'Notes:Page', { prefix: ['p'], size: 3, ...(bookmark && { bookmark }) });
  expect(await page()).toEqual({ items: [{ text: 'Z' }, { text: 'a' }, { text: 'b' }], bookmark: 'c' });
  expect(await page('c')).toEqual({ items: [{ text: 'c' }] });
  await expect(page('\0note\0o\0')).rejects.toThrow(/^ARGUMENT_INVALID: bookmark/);
});

test('a paged query is for reading only', async () => {
  await expect(bench.submit(someone, 'Notes:Copy', { from: ['p'], to: ['q'], paged: true })).rejects.toThrow(
    'read-only transaction',
  );
});

test('history has every version, oldest first', async () => {
  const first = await put(['a'], 'one');
  const second = await put(['a']);
  expect(await bench.evaluate(someone, 'Notes:History', ['a'])).toEqual([
    { transaction: first.transaction, at: first.at.toISOString(), value: { text: 'one' } },
    { transaction: second.transaction, at: second.at.toISOString() },
  ]);
});
