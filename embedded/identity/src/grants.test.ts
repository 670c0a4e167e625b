import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { TestBrowser } from './testing/test-browser.js';
import { drGrey, password, TestProvider } from './testing/test-provider.js';

const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };
let provider: TestProvider;
let app: openid.Configuration;

beforeAll(async () => {
  provider = await TestProvider.start();
  await provider.account(drGrey, 'dr-grey');
  await provider.client({ id: 'app' });
  app = await provider.relyingParty('app');
});
afterAll(() => provider.stop());

/** Signs in to an application that wants to stay connected, and allows it where that is asked. */
async function connected(client = app, scope = 'openid medigraph offline_access') {
  const browser = new TestBrowser(provider.issuer);
  const request = await provider.request(client, { scope, prompt: 'consent' });
  const consent = await browser.submit(await browser.open(request.url), '/password', {
    username: 'dr-grey',
    password,
  });
  const page = await browser.submit(consent, '/consent');
  return { browser, consent, tokens: await provider.tokens(client, request, page) };
}

describe('a refresh token', () => {
  it('gives way to another each time, and tokens keep saying how somebody signed in', async () => {
    const { tokens } = await connected();
    const next = await openid.refreshTokenGrant(app, tokens.refresh_token ?? '');
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    const { acr, auth_time: signedIn } = decodeJwt(tokens.access_token);
    expect(decodeJwt(next.access_token)).toMatchObject({ acr, auth_time: signedIn, sub: drGrey.subject });
  });

  it('that was stolen and used ends the whole grant, for the thief too', async () => {
    const { tokens } = await connected();
    const stolen = tokens.refresh_token ?? '';
    const thief = await openid.refreshTokenGrant(app, stolen);
    await expect(openid.refreshTokenGrant(app, stolen)).rejects.toMatchObject(refused);
    await expect(openid.refreshTokenGrant(app, thief.refresh_token ?? '')).rejects.toMatchObject(refused);
  });

  it('used by two at once is used by one at most, and the grant ends', async () => {
    const { tokens } = await connected();
    const uses = Array.from({ length: 4 }, () => openid.refreshTokenGrant(app, tokens.refresh_token ?? ''));
    const settled = await Promise.allSettled(uses);
    const won = settled.filter((each) => each.status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { value } of won)
      await expect(openid.refreshTokenGrant(app, value.refresh_token ?? '')).rejects.toMatchObject(refused);
  });

  it('is of no use to another client', async () => {
    await provider.client({ id: 'thief' });
    const { tokens } = await connected();
    const thief = await provider.relyingParty('thief');
    await expect(openid.refreshTokenGrant(thief, tokens.refresh_token ?? '')).rejects.toMatchObject(refused);
  });

  it('survives a restart of the provider', async () => {
    const { tokens } = await connected();
    await provider.restart();
    await expect(openid.refreshTokenGrant(app, tokens.refresh_token ?? '')).resolves.toHaveProperty(
      'access_token',
    );
  });

  it('can be given back', async () => {
    const { tokens } = await connected();
    await openid.tokenRevocation(app, tokens.refresh_token ?? '');
    await expect(openid.refreshTokenGrant(app, tokens.refresh_token ?? '')).rejects.toMatchObject(refused);
  });

  it('of an account that was disabled is refused', async () => {
    const holder = { ...drGrey, subject: 'hospital-a/leaver', practitioner: undefined };
    await provider.account(holder, 'leaver');
    const browser = new TestBrowser(provider.issuer);
    const request = await provider.request(app, {
      scope: 'openid medigraph offline_access',
      prompt: 'consent',
    });
    const credentials = { username: 'leaver', password };
    const consent = await browser.submit(await browser.open(request.url), '/password', credentials);
    const tokens = await provider.tokens(app, request, await browser.submit(consent, '/consent'));
    await provider.administer('PATCH', `/accounts/${encodeURIComponent(holder.subject)}`, { disabled: true });
    await expect(openid.refreshTokenGrant(app, tokens.refresh_token ?? '')).rejects.toMatchObject(refused);
  });
});

describe('an application of somebody else', () => {
  let other: openid.Configuration;
  beforeAll(async () => {
    await provider.client({
      id: 'diary',
      kind: 'application',
      name: 'Diary & more',
      firstParty: false,
      scopes: ['patient/*.rs', 'user/Observation.rs'],
    });
    other = await provider.relyingParty('diary');
  });

  const asked = 'openid user/Observation.rs user/Claim.rs medigraph';

  async function comeToConsent() {
    const browser = new TestBrowser(provider.issuer);
    const request = await provider.request(other, { scope: asked });
    const page = await browser.submit(await browser.open(request.url), '/password', {
      username: 'dr-grey',
      password,
    });
    return { browser, request, page };
  }

  it('asks in plain words, and only for what it may have', async () => {
    const { page } = await comeToConsent();
    expect(page.text).toContain('Allow Diary &amp; more?');
    expect(page.text).toContain('read, look through the Observation that you can see');
    expect(page.text).not.toContain('Claim that');
    expect(page.text).not.toContain('everything in Medigraph');
  });

  it('gets what was allowed, and no more', async () => {
    const { browser, request, page } = await comeToConsent();
    const tokens = await provider.tokens(other, request, await browser.submit(page, '/consent'));
    expect(decodeJwt(tokens.access_token)['scope']).toBe('user/Observation.rs');
  });

  it('gets nothing from whoever does not allow it', async () => {
    const { browser, page } = await comeToConsent();
    const callback = await browser.submit(page, '/abort');
    expect(new URL(callback.url).searchParams.get('error')).toBe('access_denied');
  });
});

describe('a service', () => {
  it('gets tokens of its own, for its institution', async () => {
    const secret = await provider.client({
      id: 'lab-feed',
      kind: 'service',
      role: 'hospital',
      mspId: 'HospitalAMSP',
      institution: 'hospital-a',
      scopes: ['system/Observation.cruds'],
    });
    const service = await provider.relyingParty('lab-feed', secret);
    const tokens = await openid.clientCredentialsGrant(service, { scope: 'system/Observation.c medigraph' });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: 'hospital-a/lab-feed',
      role: 'hospital',
      msp_id: 'HospitalAMSP',
      client_id: 'lab-feed',
      aud: 'medigraph',
      scope: 'system/Observation.c',
    });
    const secretOfWatch = await provider.client({
      id: 'watch',
      kind: 'service',
      role: 'contributor',
      mspId: 'HospitalBMSP',
      institution: 'hospital-b',
      scopes: ['medigraph'],
    });
    const watch = await provider.relyingParty('watch', secretOfWatch);
    const { access_token: token } = await openid.clientCredentialsGrant(watch, { scope: 'medigraph' });
    expect(decodeJwt(token)).toMatchObject({ role: 'contributor', client_id: 'watch', scope: 'medigraph' });
    const wrong = await provider.relyingParty('lab-feed', 'wrong');
    await expect(openid.clientCredentialsGrant(wrong)).rejects.toMatchObject({ status: 401 });
  });
});

describe('the back end of a DApp', () => {
  const description = {
    id: 'dapp:diary',
    name: 'Diary',
    kind: 'dapp',
    scopes: ['medigraph', 'system/*.rs'],
    mspId: 'HospitalAMSP',
    institution: 'hospital-a',
  };
  const address = `/clients/${encodeURIComponent(description.id)}`;

  it('has an id that no other client can have', async () => {
    const { kind: _kind, ...service } = { ...description, role: 'hospital' };
    for (const wrong of [
      { ...service, kind: 'service' },
      { ...description, id: 'diary' },
      { ...description, id: 'dapp:../x' },
      { ...service, kind: 'service', id: 'diary', role: 'dapp' },
    ])
      expect((await provider.administer('POST', '/clients', wrong)).status).toBe(400);
    expect((await provider.administer('PUT', '/clients/other', description)).status).toBe(400);
    const builtIn = { id: 'medigraph-cli', name: 'x', kind: 'device', scopes: ['medigraph'] };
    expect((await provider.administer('PUT', '/clients/medigraph-cli', builtIn)).status).toBe(409);
  });

  it('keeps no secret that was replaced, and no access once it is removed', async () => {
    const { body: first } = await provider.administer('PUT', address, description);
    const { body: second } = await provider.administer('PUT', address, description);
    const token = async (secret: unknown) => {
      const client = await provider.relyingParty(description.id, String(secret), 'post');
      const { access_token: given } = await openid.clientCredentialsGrant(client, { scope: 'medigraph' });
      return decodeJwt(given);
    };
    await expect(token(first['secret'])).rejects.toMatchObject({ status: 401 });
    expect(await token(second['secret'])).toMatchObject({
      ...{ sub: 'hospital-a/dapp:diary', role: 'dapp', client_id: 'dapp:diary' },
      ...{ institution: 'hospital-a', msp_id: 'HospitalAMSP' },
    });
    await provider.administer('DELETE', address);
    await expect(token(second['secret'])).rejects.toMatchObject({ status: 401 });
  });
});

describe('a device', () => {
  let cli: openid.Configuration;
  beforeAll(async () => {
    cli = await provider.relyingParty('medigraph-cli');
  });

  async function connect(answer: 'confirm' | 'abort') {
    const device = await openid.initiateDeviceAuthorization(cli, { scope: 'openid medigraph' });
    const browser = new TestBrowser(provider.issuer);
    const typed = await browser.open(device.verification_uri);
    const confirm = await browser.submit(typed, '/device', { user_code: device.user_code.toLowerCase() });
    expect(confirm.text).toContain(device.user_code);
    const fields = /name="xsrf" value="([^"]+)"/.exec(confirm.text)?.[1] ?? '';
    const page = await browser.post('/device', {
      xsrf: fields,
      user_code: device.user_code,
      [answer]: 'yes',
    });
    return { browser, device, page };
  }

  it('is connected with the code that it shows', async () => {
    const { browser, device, page } = await connect('confirm');
    const polling = openid.pollDeviceAuthorizationGrant(cli, { ...device, interval: 1 });
    const done = await browser.submit(page, '/password', { username: 'dr-grey', password });
    expect(done.text).toContain('Your device is connected');
    expect(decodeJwt((await polling).access_token)).toMatchObject({
      sub: drGrey.subject,
      client_id: 'medigraph-cli',
      scope: 'medigraph',
      acr: 'urn:medigraph:acr:pwd',
    });
  });

  it('is told when it was not allowed', async () => {
    const { device, page } = await connect('abort');
    expect(page.text).toContain('The device was not connected.');
    await expect(openid.pollDeviceAuthorizationGrant(cli, { ...device, interval: 1 })).rejects.toMatchObject({
      error: 'access_denied',
    });
  });

  it('is not found by a code that was guessed', async () => {
    const browser = new TestBrowser(provider.issuer);
    const page = await browser.submit(await browser.open('/device'), '/device', { user_code: 'BCDF-GHJK' });
    expect(page.text).toContain('No device is waiting with this code.');
  });
});

describe('signing out', () => {
  it('ends the session here, and goes back to the application', async () => {
    const { browser, tokens } = await connected(app, 'openid medigraph');
    const url = openid.buildEndSessionUrl(app, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://app.example/',
    });
    const asked = await browser.open(url.href);
    expect(asked.text).toContain('Sign out');
    const gone = await browser.submit(asked, '/session/end/confirm', { logout: 'yes' });
    expect(gone.url).toBe('https://app.example/');
    const again = await browser.open((await provider.request(app)).url);
    expect(again.text).toContain('name="password"');
  });
});

describe('signing keys', () => {
  it('are rotated without a restart; what older ones signed is valid until it runs out', async () => {
    const before = await connected();
    const verify = async (token: string) =>
      jwtVerify(token, createRemoteJWKSet(new URL(`${provider.issuer}/jwks`)), { audience: 'medigraph' });
    const cached = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`));
    await jwtVerify(before.tokens.access_token, cached);
    expect((await provider.administer('POST', '/keys/rotation')).status).toBe(200);
    const after = await openid.refreshTokenGrant(app, before.tokens.refresh_token ?? '');
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;
    expect(kidOf(after.access_token)).not.toBe(kidOf(before.tokens.access_token));
    await expect(verify(before.tokens.access_token)).resolves.toBeDefined();
    await expect(verify(after.access_token)).resolves.toBeDefined();
    // The next key was published already: whoever looked before the rotation need not look again.
    await expect(jwtVerify(after.access_token, cached)).resolves.toBeDefined();
  });
});

describe('the administration', () => {
  it('is closed to everybody without its secret', async () => {
    const answer = await provider.administer('GET', '/accounts', undefined, 'wrong');
    expect(answer).toEqual({
      status: 401,
      body: expect.objectContaining({ code: 'UNAUTHENTICATED' }) as object,
    });
  });

  it.each([
    ['a patient without an address', { ...drGrey, role: 'patient' }, 'holder'],
    ['a subject of another institution', { ...drGrey, subject: 'hospital-b/x' }, 'holder.subject'],
    ['an unknown role', { ...drGrey, role: 'root' }, 'holder.role'],
  ])('makes no account for %s', async (_name, holder, field) => {
    const { status, body } = await provider.administer('POST', '/accounts', { holder });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'BAD_REQUEST' });
    expect(String(body['message'])).toMatch(new RegExp(`^${field}`));
  });

  it('makes one account for a subject, under a name that is free', async () => {
    const again = await provider.administer('POST', '/accounts', { holder: drGrey });
    expect(again).toMatchObject({ status: 409, body: { code: 'ACCOUNT_EXISTS' } });
    const holder = { ...drGrey, subject: 'hospital-a/other', practitioner: undefined };
    const taken = await provider.administer('POST', '/accounts', { holder, username: 'DR-Grey' });
    expect(taken).toMatchObject({ status: 409, body: { code: 'USERNAME_TAKEN' } });
  });

  it('replaces an invitation by the next, and each is good once', async () => {
    const holder = { ...drGrey, subject: 'hospital-a/new', practitioner: undefined };
    const { body } = await provider.administer('POST', '/accounts', { holder });
    const path = `/accounts/${encodeURIComponent(holder.subject)}/invitation`;
    const { body: next } = await provider.administer('POST', path);
    const browser = new TestBrowser(provider.issuer);
    expect((await browser.open(String(body['invitation']))).status).toBe(410);
    const page = await browser.open(String(next['invitation']));
    const { pathname } = new URL(page.url);
    expect((await browser.submit(page, pathname, { username: 'new', password: 'short' })).status).toBe(422);
    expect((await browser.submit(page, pathname, { username: 'dr-grey', password })).status).toBe(422);
    expect((await browser.submit(page, pathname, { username: 'newcomer', password })).status).toBe(200);
    expect((await browser.open(page.url)).status).toBe(410);
  });

  it('shows no secrets', async () => {
    const { body } = await provider.administer('GET', '/accounts');
    expect(JSON.stringify(body)).not.toMatch(/password|secret"|publicKey/);
  });
});

describe('pages', () => {
  it('load and send nothing elsewhere, and are shown in nothing else', async () => {
    const page = await new TestBrowser(provider.issuer).open((await provider.request(app)).url);
    const policy = page.headers.get('content-security-policy') ?? '';
    // With a stricter one, browsers would not say which site a form is of.
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https://app.example;");
    expect(page.text).not.toMatch(/<script>|<style>| style=| on\w+="/);
  });

  it('are in the language that the browser asks for', async () => {
    const page = await new TestBrowser(provider.issuer, 'zh-CN,zh;q=0.9,en;q=0.8').open(
      (await provider.request(app)).url,
    );
    expect(page.text).toContain('<html lang="zh-CN">');
    expect(page.text).toContain('登录');
  });

  it('show what an application is called as text', async () => {
    await provider.client({ id: 'mallory', name: '<img src=x onerror=alert(1)>' });
    const mallory = await provider.relyingParty('mallory');
    const page = await new TestBrowser(provider.issuer).open((await provider.request(mallory)).url);
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.text).not.toContain('<img');
  });
});
