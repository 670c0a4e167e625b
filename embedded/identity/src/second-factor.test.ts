import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import type * as openid from 'openid-client';
import { TestAuthenticator } from './testing/test-authenticator.js';
import { TestBrowser, type TestPage } from './testing/test-browser.js';
import {
  type AuthorisationRequest,
  drGrey,
  password,
  patientOf,
  TestProvider,
} from './testing/test-provider.js';

const mfa = 'urn:medigraph:acr:mfa';
let provider: TestProvider;
let client: openid.Configuration;

beforeEach(async () => {
  provider = await TestProvider.start();
  await provider.account(drGrey, 'dr-grey');
  await provider.client({ id: 'app' });
  client = await provider.relyingParty('app');
});
afterEach(() => provider.stop());

interface Arrived {
  readonly browser: TestBrowser;
  readonly request: AuthorisationRequest;
  readonly page: TestPage;
}

/** Comes as far as the page after the password. */
async function withPassword(
  parameters: Readonly<Record<string, string>> = {},
  username = 'dr-grey',
  browser = new TestBrowser(provider.issuer),
): Promise<Arrived> {
  const request = await provider.request(client, parameters);
  const page = await browser.submit(await browser.open(request.url), '/password', { username, password });
  return { browser, request, page };
}

async function claimsOf({ request, page }: Pick<Arrived, 'request' | 'page'>) {
  const tokens = await provider.tokens(client, request, page);
  return decodeJwt(tokens.access_token);
}

const isCallback = ({ url }: TestPage): boolean => url.startsWith('https://app.example/callback?code=');

/** Code that an authenticator app shows: now, or so many steps later. */
const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

interface Enrolled extends Arrived {
  readonly secret: string;
  readonly codes: readonly string[];
}

/** Sets up an authenticator app, as whoever is asked for a second factor and has none. */
async function enrolApp(username = 'dr-grey'): Promise<Enrolled> {
  const { browser, request, page } = await withPassword({ acr_values: mfa }, username);
  const secret = /<code>([A-Z2-7]{32})<\/code>/.exec(page.text)?.[1] ?? '';
  const shown = await browser.submit(page, '/enrol/totp', { code: codeOf(secret) });
  const codes = [...shown.text.matchAll(/<code>([a-z0-9-]{19})<\/code>/g)].map(([, code = '']) => code);
  return { browser, request, secret, codes, page: await browser.submit(shown, '/enrolled') };
}

const json = (page: TestPage) => JSON.parse(page.text) as { challenge: string; location: string };
const pathOf = ({ url }: TestPage): string => new URL(url).pathname;

/** Sets up a passkey instead. */
async function enrolPasskey(): Promise<{ authenticator: TestAuthenticator; arrived: Arrived }> {
  const authenticator = new TestAuthenticator(provider.issuer);
  const { browser, request, page } = await withPassword({ acr_values: mfa });
  const base = pathOf(page);
  const options = json(await browser.postJson(`${base}/enrol/passkey/options`, {}));
  const answer = await browser.postJson(`${base}/enrol/passkey`, authenticator.create(options));
  return {
    authenticator,
    arrived: { browser, request, page: await browser.open(json(answer).location) },
  };
}

describe('an authenticator app', () => {
  it('is set up where a second factor is asked for, and counts as one', async () => {
    const enrolled = await enrolApp();
    expect(enrolled.codes).toHaveLength(10);
    await expect(claimsOf(enrolled)).resolves.toMatchObject({ acr: mfa, amr: ['pwd', 'otp', 'mfa'] });
  });

  it('is asked for from then on, whatever the application wants', async () => {
    const { secret } = await enrolApp();
    const { browser, request, page } = await withPassword();
    expect(isCallback(page)).toBe(false);
    const done = await browser.submit(page, '/code', { code: codeOf(secret, 1) });
    await expect(claimsOf({ request, page: done })).resolves.toMatchObject({ acr: mfa });
  });

  it('gives codes that are good once', async () => {
    const { secret } = await enrolApp();
    const code = codeOf(secret, 1);
    const first = await withPassword();
    expect(isCallback(await first.browser.submit(first.page, '/code', { code }))).toBe(true);
    const second = await withPassword();
    const refused = await second.browser.submit(second.page, '/code', { code });
    expect(refused.status).toBe(401);
    expect(isCallback(refused)).toBe(false);
  });

  it('gives a code that one of many at once can use', async () => {
    const { secret } = await enrolApp();
    const code = codeOf(secret, 1);
    const arrived = await Promise.all([withPassword(), withPassword(), withPassword()]);
    const pages = await Promise.all(
      arrived.map(({ browser, page }) => browser.submit(page, '/code', { code })),
    );
    expect(pages.filter(isCallback)).toHaveLength(1);
  });

  it('whose enrolment code was used does not sign in with it again', async () => {
    const { secret } = await enrolApp();
    const { browser, page } = await withPassword();
    const refused = await browser.submit(page, '/code', { code: codeOf(secret) });
    expect(refused.status).toBe(401);
  });

  it('cannot be replaced by whoever has the password alone', async () => {
    await enrolApp();
    const { browser, page } = await withPassword({ acr_values: mfa });
    const answer = await browser.post(`${pathOf(page)}/enrol/totp`, { code: '000000' });
    expect(answer.text).toContain('name="code"');
    expect(answer.text).not.toContain('<svg');
    const options = await browser.postJson(`${pathOf(page)}/enrol/passkey/options`, {});
    expect(options.status).toBe(401);
  });
});

describe('a recovery code', () => {
  it('stands for the second factor, once', async () => {
    const { codes } = await enrolApp();
    const [code = ''] = codes;
    const first = await withPassword();
    const done = await first.browser.submit(first.page, '/code', { code: code.toUpperCase() });
    await expect(claimsOf({ ...first, page: done })).resolves.toMatchObject({ acr: mfa });
    const second = await withPassword();
    expect((await second.browser.submit(second.page, '/code', { code })).status).toBe(401);
  });

  it('of somebody else does nothing', async () => {
    await provider.account(patientOf('b'.repeat(40)), 'berta');
    const { codes } = await enrolApp();
    await enrolApp('berta');
    const { browser, page } = await withPassword({}, 'berta');
    expect((await browser.submit(page, '/code', { code: codes[0] ?? '' })).status).toBe(401);
  });
});

describe('a step up', () => {
  it('asks whoever signed in with a password for the second factor alone', async () => {
    const first = await withPassword();
    expect(isCallback(first.page)).toBe(true);
    await enrolApp();
    const request = await provider.request(client, { acr_values: mfa });
    const page = await first.browser.open(request.url);
    expect(page.text).toContain('name="code"');
    expect(page.text).not.toContain('name="password"');
  });

  it('is not needed by whoever has shown both', async () => {
    const { browser } = await enrolApp();
    const request = await provider.request(client, { acr_values: mfa });
    expect(isCallback(await browser.open(request.url))).toBe(true);
  });

  it('is refused without anybody to ask', async () => {
    const { browser } = await withPassword();
    const request = await provider.request(client, { acr_values: mfa, prompt: 'none' });
    const page = await browser.open(request.url);
    expect(new URL(page.url).searchParams.get('error')).toMatch(/_required$/);
  });

  it('can be started over as somebody else', async () => {
    const { browser } = await withPassword();
    await enrolApp();
    const request = await provider.request(client, { acr_values: mfa });
    const page = await browser.submit(await browser.open(request.url), '/restart');
    expect(page.text).toContain('name="password"');
  });
});

describe('a passkey', () => {
  it('is a second factor', async () => {
    const { arrived } = await enrolPasskey();
    await expect(claimsOf(arrived)).resolves.toMatchObject({ acr: mfa, amr: ['pwd', 'hwk', 'mfa'] });
  });

  it('signs in alone, its user being verified', async () => {
    const { authenticator } = await enrolPasskey();
    const { page, ...attempt } = await attemptWith(authenticator);
    expect(page.status).toBe(200);
    const done = await attempt.browser.open(json(page).location);
    await expect(claimsOf({ request: attempt.request, page: done })).resolves.toMatchObject({
      sub: drGrey.subject,
      acr: mfa,
      amr: ['hwk', 'user', 'mfa'],
    });
  });

  it('follows the password of whoever has one', async () => {
    const { authenticator } = await enrolPasskey();
    const { browser, request, page } = await withPassword();
    const base = pathOf(page);
    const options = json(await browser.postJson(`${base}/passkey/options`, {}));
    const answer = await browser.postJson(
      `${base}/passkey`,
      authenticator.use(options, { userVerified: false }),
    );
    const done = await browser.open(json(answer).location);
    await expect(claimsOf({ request, page: done })).resolves.toMatchObject({ acr: mfa });
  });

  it.each([
    ['of another origin', { origin: 'https://mallory.example' }],
    ['of another site', { rpId: 'mallory.example' }],
    ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of another ceremony', { type: 'webauthn.create' }],
    ['whose user was not verified', { userVerified: false }],
    ['whose counter went back', { counter: 0 }],
  ])('is refused %s', async (_name, said) => {
    const { authenticator } = await enrolPasskey();
    expect((await attemptWith(authenticator)).page.status).toBe(200);
    const { page } = await attemptWith(authenticator, said);
    expect(page.status).toBe(401);
  });

  it('that nobody has added is refused', async () => {
    expect((await attemptWith(new TestAuthenticator(provider.issuer))).page.status).toBe(401);
  });

  it('signs one challenge once', async () => {
    const { authenticator } = await enrolPasskey();
    const { browser, base, options } = await challenged();
    const answer = authenticator.use(options);
    expect((await browser.postJson(`${base}/passkey`, answer)).status).toBe(200);
    expect((await browser.postJson(`${base}/passkey`, answer)).status).toBe(401);
  });

  it('is not asked for by a page of another origin', async () => {
    const { browser, base } = await challenged();
    const page = await browser.postJson(`${base}/passkey/options`, {}, 'https://mallory.example');
    expect(page.status).toBe(400);
  });

  it('made on another origin is not added', async () => {
    const { browser, page } = await withPassword({ acr_values: mfa });
    const base = pathOf(page);
    const options = json(await browser.postJson(`${base}/enrol/passkey/options`, {}));
    const made = new TestAuthenticator('https://mallory.example').create(options);
    expect((await browser.postJson(`${base}/enrol/passkey`, made)).status).toBe(401);
  });

  /** A sign-in that has asked for a passkey. */
  async function challenged() {
    const browser = new TestBrowser(provider.issuer);
    const request = await provider.request(client);
    const base = pathOf(await browser.open(request.url));
    const options = json(await browser.postJson(`${base}/passkey/options`, {}));
    return { browser, request, base, options };
  }

  async function attemptWith(authenticator: TestAuthenticator, said = {}) {
    const { browser, request, base, options } = await challenged();
    const page = await browser.postJson(`${base}/passkey`, authenticator.use(options, said));
    return { browser, request, page };
  }
});
