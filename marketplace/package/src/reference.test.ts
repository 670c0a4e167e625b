import { expect, test } from '@jest/globals';
import { dappManifest } from '@medigraph/schema/dapps';
import { readFile } from 'node:fs/promises';
import { packageErrorCodes, packageLimits } from './index.js';

const reference = await readFile(
  new URL('../../../docs/reference/dapp-manifest.md', import.meta.url),
  'utf8',
);

test('the reference has every property of the manifest, every refusal and the limits', () => {
  const told = new Set([...reference.matchAll(/`([^`]+)`/g)].map(([, word]) => word));
  for (const name of [...Object.keys(dappManifest.shape), ...Object.keys(packageErrorCodes)])
    expect([name, told.has(name)]).toEqual([name, true]);
  const mebibyte = 1024 * 1024;
  expect(reference).toContain(
    `${packageLimits.packed / mebibyte} MB packed, ${packageLimits.unpacked / mebibyte} MB unpacked, ${packageLimits.entries.toLocaleString('en')} files`,
  );
});
