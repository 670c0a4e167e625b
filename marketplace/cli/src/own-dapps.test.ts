import { expect, test } from '@jest/globals';
import { reviewPackage } from '@medigraph/dapp-review';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packDApp } from './index.js';

const folder = fileURLToPath(new URL('../../dapps', import.meta.url));
const names = (await readdir(folder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test.each(names)(
  '%s would be published: a review finds no error, nor do its tests',
  async (name) => {
    const { files, manifest } = await packDApp(path.join(folder, name));
    expect(manifest.id).toBe(name);
    const findings = await reviewPackage(files);
    expect(findings.filter(({ severity, check }) => severity === 'error' || check === 'tests')).toEqual([]);
  },
  60_000,
);
