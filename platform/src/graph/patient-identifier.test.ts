import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { identifierHash } from './patient-identifier.js';

const keyedHash = (label: string, value: string): string =>
  createHash('sha256').update(`${label}/${value}`).digest('hex');
const hashOf = (identifier: string): string => identifierHash({ keyedHash }, identifier);

test('one patient id has one hash, however it is spelled', () => {
  expect(hashOf('  Zo\u00eb-1 ')).toBe(hashOf('Zoe\u0308-1'));
  expect(hashOf('Zoe-1')).not.toBe(hashOf('Zo\u00eb-1'));
});

test.each(['', '  ', 'x'.repeat(201)])('%j is no patient id', (identifier) => {
  expect(() => hashOf(identifier)).toThrow('identifier must have 1 to 200 characters.');
});
