import { expect, test } from '@jest/globals';
import { driveForLeaks } from './leak.js';

test('a router keeps nothing of queries and subscriptions that are over', async () => {
  const load = { queries: 5_000, cycles: 500 };
  const { queried, subscribed } = await driveForLeaks(load, () => undefined);
  // What compilers and caches still take at first, not what each operation would leave: 1 kB of each would be ten times this.
  expect(queried.growth).toBeLessThan(2_000_000);
  expect(subscribed.growth).toBeLessThan(2_000_000);
}, 180_000);
