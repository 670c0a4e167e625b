import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BackEndServer } from '../testing/index.js';
import { isPublicAddress } from './public-address.js';
import { type PostOutcome, WebhookPost } from './webhook-post.js';

let backEnd: BackEndServer;
beforeAll(async () => {
  backEnd = await BackEndServer.start();
});
afterAll(() => backEnd.close());
beforeEach(() => {
  backEnd.received.length = 0;
  backEnd.answer = (response) => {
    response.writeHead(204).end();
  };
});

const never = new AbortController().signal;
const send = (post: WebhookPost, url: string): Promise<PostOutcome> =>
  post.send(url, { 'x-a': 'b' }, '{}', never);
const allowed = (patienceMs = 5_000): WebhookPost =>
  new WebhookPost({ privateAddresses: true, ca: backEnd.certificate, patienceMs });

test('a message arrives', async () => {
  expect(await send(allowed(), backEnd.url('/hook'))).toEqual({ ok: true });
  expect(backEnd.received).toMatchObject([{ path: '/hook', headers: { 'x-a': 'b' }, body: '{}' }]);
});

describe('what is not on the public internet is not reached', () => {
  const forbidden = { ok: false, reason: 'its address is not one of the public internet, or not https' };
  test.each(['localhost', '127.0.0.1', '127.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    '%s',
    async (host) => {
      const post = new WebhookPost({ ca: backEnd.certificate });
      expect(await send(post, backEnd.url('/', host))).toEqual(forbidden);
      expect(backEnd.received).toEqual([]);
    },
  );

  test('nor what is not https', async () => {
    expect(await send(allowed(), backEnd.url('/').replace('https', 'http'))).toEqual(forbidden);
  });

  test.each([
    ['10.1.2.3', false],
    ['100.64.0.1', false],
    ['169.254.169.254', false],
    ['172.31.255.255', false],
    ['192.168.1.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['fe80::1', false],
    ['fd00::1', false],
    ['::ffff:8.8.8.8', false],
    ['64:ff9b::a00:1', false],
    ['2002:a00:1::', false],
    ['ff02::1', false],
    ['no address', false],
    ['8.8.8.8', true],
    ['172.32.0.1', true],
    ['2606:4700:4700::1111', true],
  ])('%s: %s', (address, open) => {
    expect(isPublicAddress(address)).toBe(open);
  });
});

test('a redirection is not followed', async () => {
  backEnd.answer = (response) => {
    response.writeHead(307, { location: backEnd.url('/elsewhere') }).end();
  };
  expect(await send(allowed(), backEnd.url('/'))).toEqual({
    ok: false,
    reason: 'it answered 307: redirections are not followed',
  });
  expect(backEnd.received).toHaveLength(1);
});

test('who is not trusted is not told', async () => {
  const post = new WebhookPost({ privateAddresses: true });
  expect(await send(post, backEnd.url('/'))).toEqual({
    ok: false,
    reason: 'it cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)',
  });
  expect(backEnd.received).toEqual([]);
});

test('an answer without end is read no further', async () => {
  backEnd.answer = (response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  expect(await send(allowed(), backEnd.url('/'))).toEqual({ ok: true });
});

test('who does not answer is not waited for', async () => {
  backEnd.answer = () => undefined;
  expect(await send(allowed(300), backEnd.url('/'))).toEqual({
    ok: false,
    reason: 'it did not answer within 0.3 s',
  });
});

test.each([
  [410, {}, { gone: true }],
  [429, { 'retry-after': '30' }, { retryAfterMs: 30_000 }],
  [503, { 'retry-after': '999999999' }, { retryAfterMs: 3_600_000 }],
  [503, { 'retry-after': '-1' }, {}],
])('what it asks for is heard: %s %j', async (status, headers, outcome) => {
  backEnd.answer = (response) => {
    response.writeHead(status, headers).end();
  };
  const reason = `it answered ${status}`;
  expect(await send(allowed(), backEnd.url('/'))).toEqual({ ok: false, reason, ...outcome });
});
