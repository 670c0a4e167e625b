import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The rows under "Promised": what, and the tests that hold it. */
async function promises(): Promise<{ promise: string; tests: string[] }[]> {
  const page = await readFile(path.join(root, 'docs/security.md'), 'utf8');
  const [, section = ''] = /## Promised\n([\s\S]*?)\n## /.exec(page) ?? [];
  return [...section.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
    .map(([, promise = '', held = '']) => ({
      promise,
      tests: [...held.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
    }))
    .filter(({ promise }) => promise !== 'Promise' && !promise.startsWith('---'));
}

/** The files that a path with at most one `*`, in place of a folder, names. */
async function filesOf(pattern: string): Promise<string[]> {
  const [before = '', after] = pattern.split('*');
  const folders =
    after === undefined
      ? [pattern]
      : (await readdir(path.join(root, before))).map((one) => `${before}${one}${after}`);
  return folders.filter((file) => existsSync(path.join(root, file)));
}

test('every promise names the tests that hold it, and each of them is there', async () => {
  const rows = await promises();
  expect(rows.length).toBeGreaterThan(10);
  for (const { promise, tests } of rows) {
    expect({ promise, named: tests.length > 0 }).toEqual({ promise, named: true });
    for (const file of tests)
      expect({ promise, file, found: (await filesOf(file)).length > 0 }).toEqual({
        promise,
        file,
        found: true,
      });
  }
});
