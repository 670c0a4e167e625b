import { expect, test } from '@jest/globals';
import { minorUnits, moneyOf, sumOf } from './money.js';

test.each(['0.00', '0.01', '0.10', '129.16', '999999999999.99'])('%s survives', (value) => {
  expect(moneyOf(minorUnits(value), 'USD')).toEqual({ value, currency: 'USD' });
});

test('sums are exact', () => {
  const dimes = Array.from({ length: 3 }, () => ({ value: '0.10', currency: 'USD' }));
  expect(sumOf(dimes)).toBe(30n);
  expect(sumOf([])).toBe(0n);
});
