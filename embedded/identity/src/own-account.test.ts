import { Secret, TOTP } from 'otpauth';
import * as openid from 'openid-client';
import { TestAuthenticator } from './testing/test-authenticator.js';
import { TestBrowser, type TestPage } from './testing/test-browser.js';
import { drGrey, password, TestProvider } from './testing/test-provider.js';

const another = 'a battery of correct horses';
let provider: TestProvider;
let browser: TestBrowser;

beforeEach(async () => {
  provider = await TestProvider.start();
  await provider.account(drGrey, 'dr-grey');
  browser = new TestBrowser(provider.issuer);
});
afterEach(() => provider.stop());

/** Opens the account page as somebody who is not signed in yet. */
async function arrive(): Promise<TestPage> {
  return browser.submit(await browser.open('/account'), '/password', { username: 'dr-grey', password });
}

const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
const secretIn = ({ text }: TestPage): string => /<code>([A-Z2-7]{32})<\/code>/.exec(text)?.[1] ?? '';
const passkeysOn = ({ text }: TestPage): string[] =>
  [...text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id = '']) => id);

async function addApp(page: TestPage): Promise<{ secret: string; shown: TestPage }> {
  const offered = await browser.submit(page, '/account/app');
  const secret = secretIn(offered);
  return { secret, shown: await browser.submit(offered, '/account/app/confirm', { code: codeOf(secret) }) };
}

async function addPasskey(): Promise<TestPage> {
  const authenticator = new TestAuthenticator(provider.issuer);
  const options = JSON.parse((await browser.postJson('/account/passkey/options', {})).text) as {
    challenge: string;
  };
  const added = await browser.postJson('/account/passkey', authenticator.create(options));
  expect(JSON.parse(added.text)).toEqual({ location: '/account' });
  return browser.open('/account');
}

describe('the account page', () => {
  it('asks who it is, and is shown at a clean address', async () => {
    const page = await arrive();
    expect(page.url).toBe(`${provider.issuer}/account`);
    expect(page.text).toContain('You are dr-grey.');
  });

  it('is nobody’s who does not sign in', async () => {
    const refused = await browser.submit(await browser.open('/account'), '/abort');
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain('dr-grey');
    const changed = await browser.post('/account/password', { password, 'new-password': another });
    expect(changed.url).toContain('/interaction/');
    expect((await browser.postJson('/account/passkey/options', {})).status).toBe(401);
  });

  it('takes no form of another site', async () => {
    await arrive();
    for (const path of ['password', 'passkey/remove', 'app', 'app/confirm', 'app/remove', 'recovery-codes'])
      expect((await browser.post(`/account/${path}`, {}, 'https://elsewhere.example')).status).toBe(400);
    for (const path of ['passkey/options', 'passkey'])
      expect((await browser.postJson(`/account/${path}`, {}, 'https://elsewhere.example')).status).toBe(400);
  });

  it('wants the second factor of whoever has one', async () => {
    await addApp(await arrive());
    browser = new TestBrowser(provider.issuer);
    const page = await arrive();
    expect(page.url).not.toBe(`${provider.issuer}/account`);
    expect(page.text).toContain('One more step');
  });
});

describe('a password', () => {
  it('is changed by who knows it, and everything signed in before is signed out', async () => {
    await provider.client({ id: 'app' });
    const client = await provider.relyingParty('app');
    const elsewhere = new TestBrowser(provider.issuer);
    const asked = { scope: 'openid medigraph offline_access', prompt: 'consent' };
    const request = await provider.request(client, asked);
    const form = await elsewhere.open(request.url);
    const consent = await elsewhere.submit(form, '/password', { username: 'dr-grey', password });
    const tokens = await provider.tokens(client, request, await elsewhere.submit(consent, '/consent'));
    const page = await arrive();
    const signedIn = Math.floor(Date.now() / 1000);
    // Sign-ins are known to the second.
    while (Math.floor(Date.now() / 1000) === signedIn) await browser.open('/account');
    const changed = await browser.submit(page, '/account/password', { password, 'new-password': another });
    expect(changed.text).toContain('Your password is changed');

    await expect(openid.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    for (const each of [browser, elsewhere]) {
      const form = await each.open((await provider.request(client)).url);
      expect((await each.submit(form, '/password', { username: 'dr-grey', password })).status).toBe(401);
      const known = await each.submit(form, '/password', { username: 'dr-grey', password: another });
      expect(known.url).toMatch(/^https:\/\/app\.example\/callback\?code=/);
    }
  });

  it('is not changed by who does not know it, nor to one that is too short', async () => {
    const page = await arrive();
    const unknown = { password: 'a guess', 'new-password': another };
    expect((await browser.submit(page, '/account/password', unknown)).status).toBe(401);
    const short = { password, 'new-password': 'short' };
    expect((await browser.submit(page, '/account/password', short)).status).toBe(422);
    const guesses: number[] = [];
    for (let guess = 0; guess < 6; guess += 1)
      guesses.push((await browser.submit(page, '/account/password', unknown)).status);
    expect(guesses.at(-1)).toBe(429);
  });
});

describe('second factors', () => {
  it('of somebody who has shown a password alone are wanted once they are set up', async () => {
    const { shown } = await addApp(await arrive());
    expect(shown.text.match(/<code>[a-z0-9-]{19}<\/code>/g)).toHaveLength(10);
    const again = await browser.open('/account');
    expect(again.text).toContain('One more step');
  });

  it('may be a passkey from the start', async () => {
    await arrive();
    const asked = await addPasskey();
    expect(asked.text).toContain('One more step');
  });

  it('are added and removed by who has shown theirs, the last one never', async () => {
    const { secret } = await addApp(await arrive());
    const known = await browser.submit(await browser.open('/account'), '/code', { code: codeOf(secret, 1) });
    expect(known.text).toContain('10 are left.');
    const refused = await browser.submit(known, '/account/app/remove');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('only second factor');

    const withPasskeys = (await addPasskey(), await addPasskey());
    expect(passkeysOn(withPasskeys)).toHaveLength(2);
    const withoutApp = await browser.submit(withPasskeys, '/account/app/remove');
    expect(withoutApp.text).toContain('Set up an app');
    const one = await browser.submit(withoutApp, '/passkey/remove', { id: passkeysOn(withoutApp)[0] ?? '' });
    expect(passkeysOn(one)).toHaveLength(1);
    const last = await browser.submit(one, '/passkey/remove');
    expect(last.status).toBe(409);
    expect(passkeysOn(last)).toHaveLength(1);

    const codes = await browser.submit(last, '/account/recovery-codes');
    expect(codes.text.match(/<code>[a-z0-9-]{19}<\/code>/g)).toHaveLength(10);
  });

  it('are not made from a code that is wrong, or a passkey that was asked of nobody', async () => {
    const offered = await browser.submit(await arrive(), '/account/app');
    const wrong = await browser.submit(offered, '/account/app/confirm', { code: '000000' });
    expect(wrong.status).toBe(401);
    expect(secretIn(wrong)).toBe(secretIn(offered));
    const stray = new TestAuthenticator(provider.issuer).create({ challenge: 'AAAA' });
    expect((await browser.postJson('/account/passkey', stray)).status).toBe(401);
  });
});
