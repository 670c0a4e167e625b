import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as openid from 'openid-client';
import { TestBrowser } from './testing/test-browser.js';
import { drGrey, password, patientOf, redirectUri, TestProvider } from './testing/test-provider.js';

const address = 'a'.repeat(40);
let provider: TestProvider;
let client: openid.Configuration;

beforeAll(async () => {
  provider = await TestProvider.start();
  await provider.account(drGrey, 'dr-grey');
  await provider.account(patientOf(address), 'anna');
  await provider.client({ id: 'app' });
  client = await provider.relyingParty('app');
});
afterAll(() => provider.stop());

/** Signs somebody in with their password; answers the page that the browser comes to. */
async function signIn(
  username: string,
  parameters: Readonly<Record<string, string>> = {},
  browser = new TestBrowser(provider.issuer),
) {
  const request = await provider.request(client, parameters);
  const page = await browser.submit(await browser.open(request.url), '/password', { username, password });
  return { request, page, browser };
}

describe('the authorisation code flow', () => {
  it('ends in tokens that say who signed in, and how', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { request, page } = await signIn('dr-grey');
    const tokens = await provider.tokens(client, request, page);
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: provider.issuer,
      aud: 'medigraph',
      sub: 'hospital-a/dr-grey',
      role: 'practitioner',
      msp_id: 'HospitalAMSP',
      institution: 'hospital-a',
      practitioner: 'dr-grey',
      client_id: 'app',
      scope: 'medigraph',
      acr: 'urn:medigraph:acr:pwd',
      amr: ['pwd'],
    });
    expect(claims['auth_time']).toBeGreaterThanOrEqual(before);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(600);
    expect(tokens.claims()).toMatchObject({ sub: 'hospital-a/dr-grey', role: 'practitioner' });
  });

  it('names the chain address of a patient', async () => {
    const { request, page } = await signIn('anna');
    const tokens = await provider.tokens(client, request, page);
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({ sub: address, patient: address, role: 'patient', msp_id: 'PatientsMSP' });
    expect(claims).not.toHaveProperty('institution');
  });

  it('lets whoever signed in go on without being asked again', async () => {
    const { browser } = await signIn('dr-grey');
    const request = await provider.request(client);
    const page = await browser.open(request.url);
    expect(page.url).toMatch(/^https:\/\/app\.example\/callback\?code=/);
  });

  it('asks again with max_age', async () => {
    const { browser } = await signIn('dr-grey');
    const request = await provider.request(client, { max_age: '0' });
    const page = await browser.open(request.url);
    expect(page.text).toContain('name="password"');
  });

  it('gives a scope that only operators have to nobody else', async () => {
    const { request, page } = await signIn('dr-grey', { scope: 'openid medigraph medigraph:operate' });
    const tokens = await provider.tokens(client, request, page);
    expect(decodeJwt(tokens.access_token)['scope']).toBe('medigraph');
  });

  it('survives a restart of the provider between sign-in and exchange', async () => {
    const { request, page } = await signIn('dr-grey');
    await provider.restart();
    const tokens = await provider.tokens(client, request, page);
    expect(decodeJwt(tokens.access_token).sub).toBe('hospital-a/dr-grey');
  });
});

describe('a code', () => {
  const refused = { code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant' };

  it('is good once; the tokens of its first use end with the second', async () => {
    const asked = { scope: 'openid medigraph offline_access', prompt: 'consent' };
    const { request, page: consent, browser } = await signIn('dr-grey', asked);
    const page = await browser.submit(consent, '/consent');
    const tokens = await provider.tokens(client, request, page);
    await expect(provider.tokens(client, request, page)).rejects.toMatchObject(refused);
    await expect(openid.refreshTokenGrant(client, tokens.refresh_token ?? '')).rejects.toMatchObject(refused);
  });

  it('is of no use without the verifier of its challenge', async () => {
    const { request, page } = await signIn('dr-grey');
    const another = { ...request, verifier: openid.randomPKCECodeVerifier() };
    await expect(provider.tokens(client, another, page)).rejects.toMatchObject(refused);
  });

  it('is of no use to another client', async () => {
    await provider.client({ id: 'thief' });
    const { request, page } = await signIn('dr-grey');
    const thief = await provider.relyingParty('thief');
    await expect(provider.tokens(thief, request, page)).rejects.toMatchObject(refused);
  });
});

describe('an authorisation request is refused', () => {
  const answerTo = async (parameters: Readonly<Record<string, string>>) => {
    const request = await provider.request(client, parameters);
    return new TestBrowser(provider.issuer).open(request.url);
  };

  it('without a challenge', async () => {
    const url = openid.buildAuthorizationUrl(client, { redirect_uri: redirectUri, scope: 'openid' });
    const page = await new TestBrowser(provider.issuer).open(url.href);
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
  });

  it('with a plain challenge', async () => {
    const page = await answerTo({ code_challenge_method: 'plain', code_challenge: 'a'.repeat(43) });
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
  });

  it('with an address that is not registered, on a page and not there', async () => {
    const page = await answerTo({ redirect_uri: 'https://mallory.example/' });
    expect(page.status).toBe(400);
    expect(page.url).toContain(provider.issuer);
  });

  it('for another resource', async () => {
    const page = await answerTo({ resource: 'https://elsewhere.example/' });
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_target');
  });

  it('for the implicit flow', async () => {
    const page = await answerTo({ response_type: 'id_token', nonce: 'n' });
    expect(page.url).toContain('unsupported_response_type');
  });
});
