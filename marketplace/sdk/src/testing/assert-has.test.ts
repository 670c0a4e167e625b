import { expect, test } from '@jest/globals';
import { assertHas } from './index.js';

const slot = { id: 's1', at: { room: 3, floor: 1 }, holders: [{ name: 'ann', age: 40 }] };

test('what is named must be there, and more may be', () => {
  assertHas(slot, { at: { room: 3 }, holders: [{ name: 'ann' }] });
  assertHas([slot], [{ id: 's1' }]);
});

test.each([
  ['another value', slot, { at: { room: 4 } }],
  ['what is missing', slot, { price: 1 }],
  ['fewer members', slot, { holders: [] }],
  ['more members', slot, { holders: [{ name: 'ann' }, { name: 'ben' }] }],
  ['nothing at all', undefined, { id: 's1' }],
])('%s is told', (_what, actual, expected) => {
  expect(() => assertHas(actual, expected)).toThrow();
});
