import { expect, test } from '@jest/globals';
import { EventRate } from './host/event-rate.js';

test('so many transactions a second have an event, on however many peers they run', () => {
  let now = 0;
  const rate = new EventRate(2, () => now);
  expect(['a', 'a', 'b', 'c', 'a'].map((each) => rate.admits(each))).toEqual([true, true, true, false, true]);
  now = 999;
  expect(rate.admits('c')).toBe(false);
  now = 1_000;
  expect(['c', 'd', 'e'].map((each) => rate.admits(each))).toEqual([true, true, false]);
});
