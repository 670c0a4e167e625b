import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestBrowser, type TestPage } from '@medigraph/embedded-identity/testing';
import * as openid from 'openid-client';
import { Secret, TOTP } from 'otpauth';
import { registerInstitutions, registerPatient } from './case.js';
import { RunningSystem } from './running-system.js';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../../launcher/dist/cli.js', import.meta.url));
const password = 'correct horse battery staple';
const redirectUri = 'https://app.example/callback';
/** Everything is on the loopback here. The library marks this deprecated so that it stands out elsewhere. */
const allowLoopback = Reflect.get(openid, 'allowInsecureRequests');

let system: RunningSystem;
let patient: string;
let browser: TestBrowser;
let client: openid.Configuration;

async function medigraph(...given: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['--no-warnings', cli, ...given, '--data', system.folder]);
  return stdout.trim();
}

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
  const { issuer } = system.medigraph;
  const description = {
    id: 'app',
    name: 'Diary',
    kind: 'application',
    redirectUris: [redirectUri],
    scopes: ['medigraph'],
    firstParty: true,
  };
  const file = path.join(system.folder, 'app.json');
  await writeFile(file, JSON.stringify(description));
  await medigraph('client', 'add', file);
  browser = new TestBrowser(issuer);
  const page = await browser.open(await medigraph('account', 'add', '--as', `patient:${patient}`));
  await browser.submit(page, new URL(page.url).pathname, { username: 'anna', password });
  client = await openid.discovery(new URL(issuer), 'app', undefined, openid.None(), {
    execute: [allowLoopback],
  });
}, 180_000);
afterAll(() => system.close());

/** Signs in as applications do; `prove` does what the provider's first page asks for. */
async function signIn(
  prove: (page: TestPage) => Promise<TestPage>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const address = openid.buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: 'openid medigraph',
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  const callback = await prove(await browser.open(address.href));
  const tokens = await openid.authorizationCodeGrant(client, new URL(callback.url), {
    pkceCodeVerifier,
    expectedState: state,
  });
  return tokens.access_token;
}

/** Sets up an authenticator app where the page asks for a second factor. */
async function withAuthenticator(page: TestPage): Promise<TestPage> {
  const secret = /<code>([A-Z2-7]{32})<\/code>/.exec(page.text)?.[1] ?? '';
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  return browser.submit(await browser.submit(page, '/enrol/totp', { code }), '/enrolled');
}

const rotation = JSON.stringify({ query: 'mutation { rotateKeys { patient { id active } } }' });

test('a protected operation asks for the second factor, and is done once it is shown', async () => {
  const token = await signIn((page) => browser.submit(page, '/password', { username: 'anna', password }));
  await expect(system.send(JSON.stringify({ query: '{ me { role } }' }), token)).resolves.not.toHaveProperty(
    'errors',
  );
  const refused = await system.send(rotation, token);
  expect(refused).toMatchObject({
    status: 401,
    errors: [
      {
        extensions: { code: 'STEP_UP_REQUIRED', acrValues: ['urn:medigraph:acr:mfa'], maxAge: 3600 },
      },
    ],
  });
  const { acrValues, maxAge } = refused.errors?.[0]?.extensions as { acrValues: string[]; maxAge: number };
  const surer = await signIn(withAuthenticator, {
    acr_values: acrValues.join(' '),
    max_age: String(maxAge),
  });
  const { status, data } = await system.send(rotation, surer);
  expect({ status, data }).toEqual({
    status: 200,
    data: { rotateKeys: { patient: { id: patient, active: true } } },
  });
}, 120_000);
