import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask } from './part-questions.js';

const part = fileURLToPath(new URL('testing/asked-part.js', import.meta.url));
let child: ChildProcess;

beforeEach(async () => {
  child = fork(part, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  await once(child, 'message');
});
afterEach(() => {
  child.kill('SIGKILL');
});

const listeners = () => child.listenerCount('message') + child.listenerCount('exit');

test('a part answers each question, or says why not', async () => {
  const before = listeners();
  expect(await Promise.all([ask(child, 'twice', 1), ask(child, 'twice', 2)])).toEqual([2, 4]);
  await expect(ask(child, 'refuse', 'no')).rejects.toMatchObject({ code: 'REFUSED', message: 'no' });
  expect(listeners()).toBe(before);
});

test('whoever waits for an answer that never comes stops waiting when told to', async () => {
  const before = listeners();
  const stopping = new AbortController();
  const asked = ask(child, 'never', undefined, stopping.signal);
  stopping.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(ask(child, 'twice', 1, stopping.signal)).rejects.toThrow('enough');
  expect(await ask(child, 'twice', 3, new AbortController().signal)).toBe(6);
  expect(listeners()).toBe(before);
});

test('a part that ends answers nothing any more', async () => {
  const asked = ask(child, 'never', undefined);
  child.kill('SIGKILL');
  await expect(asked).rejects.toMatchObject({ code: 'PART_GONE' });
  await expect(ask(child, 'twice', 1)).rejects.toMatchObject({ code: 'PART_GONE' });
});
