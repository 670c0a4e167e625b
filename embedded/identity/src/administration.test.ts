import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestProvider } from './testing/test-provider.js';

const given = 'a-secret-that-somebody-else-drew';
let provider: TestProvider;

beforeAll(async () => {
  provider = await TestProvider.start({ administration: given });
});
afterAll(() => provider.stop());

it('is opened by the secret of the key, and by the one that was given beside it', async () => {
  expect(await provider.administer('GET', '/accounts')).toMatchObject({ status: 200 });
  expect(await provider.administer('GET', '/accounts', undefined, given)).toMatchObject({ status: 200 });
});

it.each(['', 'undefined', given.slice(1), given.toUpperCase()])(
  'stays closed to anything else (%j)',
  async (secret) => {
    const { status, body } = await provider.administer('GET', '/accounts', undefined, secret);
    expect([status, body['code']]).toEqual([401, 'UNAUTHENTICATED']);
  },
);
