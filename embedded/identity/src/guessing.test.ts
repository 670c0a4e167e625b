import type * as openid from 'openid-client';
import { TestBrowser } from './testing/test-browser.js';
import { drGrey, password, TestProvider } from './testing/test-provider.js';

let provider: TestProvider;
let client: openid.Configuration;

beforeEach(async () => {
  provider = await TestProvider.start();
  await provider.account(drGrey, 'dr-grey');
  await provider.client({ id: 'app' });
  client = await provider.relyingParty('app');
});
afterEach(() => provider.stop());

async function guess(username: string, attempt: string) {
  const browser = new TestBrowser(provider.issuer);
  const page = await browser.open((await provider.request(client)).url);
  return browser.submit(page, '/password', { username, password: attempt });
}

/** A page without what differs from one interaction to the next. */
const told = (text: string, username: string): string =>
  text
    .replaceAll(/\/interaction\/[\w-]+/g, '')
    .replaceAll(username, 'NAME')
    .replaceAll(/\d+ seconds/g, '');

describe('guessing', () => {
  it('says nothing of which names there are', async () => {
    const known = await guess('dr-grey', 'wrong');
    const unknown = await guess('nobody', 'wrong');
    expect(known.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(told(unknown.text, 'nobody')).toBe(told(known.text, 'dr-grey'));
  });

  it.each(['dr-grey', 'nobody'])('is slowed down after five attempts as %s', async (username) => {
    for (let count = 0; count < 5; count += 1)
      expect((await guess(username, `wrong ${count}`)).status).toBe(401);
    const page = await guess(username, password);
    expect(page.status).toBe(429);
    expect(page.text).toMatch(/Wait (2\d|30) seconds/);
  });

  it('is slowed down across a restart', async () => {
    for (let count = 0; count < 5; count += 1) await guess('dr-grey', 'wrong');
    await provider.restart();
    expect((await guess('dr-grey', password)).status).toBe(429);
  });

  it('at once counts every attempt', async () => {
    const pages = await Promise.all(
      Array.from({ length: 12 }, (_, count) => guess('dr-grey', `wrong ${count}`)),
    );
    expect(pages.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('is forgotten after a right password', async () => {
    for (let count = 0; count < 4; count += 1) await guess('dr-grey', 'wrong');
    expect((await guess('dr-grey', password)).url).toContain('https://app.example/callback');
    expect((await guess('dr-grey', 'wrong')).status).toBe(401);
  });

  it('is bounded for one address, whatever it guesses at', async () => {
    await provider.stop();
    provider = await TestProvider.start({ guessesPerMinute: 5 });
    const browser = new TestBrowser(provider.issuer);
    const answers = [];
    for (let count = 0; count < 7; count += 1) answers.push(await browser.open(`/claim/guess-${count}`));
    expect(answers.map(({ status }) => status)).toEqual([410, 410, 410, 410, 410, 429, 429]);
    expect(Number(answers[6]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an account that is disabled', () => {
  it('answers like a wrong password', async () => {
    await provider.administer('PATCH', `/accounts/${encodeURIComponent(drGrey.subject)}`, { disabled: true });
    const page = await guess('dr-grey', password);
    expect(page.status).toBe(401);
  });
});

describe('a form', () => {
  it('of another site is refused', async () => {
    const browser = new TestBrowser(provider.issuer);
    const page = await browser.open((await provider.request(client)).url);
    const { pathname } = new URL(page.url);
    const fields = { username: 'dr-grey', password };
    const answer = await browser.post(`${pathname}/password`, fields, 'https://mallory.example');
    expect(answer.status).toBe(400);
  });

  it('of an interaction of another browser is refused', async () => {
    const page = await new TestBrowser(provider.issuer).open((await provider.request(client)).url);
    const { pathname } = new URL(page.url);
    const other = await new TestBrowser(provider.issuer).post(`${pathname}/password`, {
      username: 'dr-grey',
      password,
    });
    expect(other.status).toBe(410);
  });

  it('that is too long is refused', async () => {
    const browser = new TestBrowser(provider.issuer);
    const page = await browser.open((await provider.request(client)).url);
    const { pathname } = new URL(page.url);
    const answer = await browser.post(`${pathname}/password`, { username: 'a'.repeat(20_000) });
    expect(answer.status).toBe(400);
  });
});
