import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as openid from 'openid-client';
import { type AccountHolder } from '../accounts/account.js';
import { type ClientDescription } from '../clients/client.js';
import { type IdentityServer, type IdentityServerOptions, startIdentityServer } from '../identity-server.js';
import { silentLog } from '../log.js';
import { administrationSecretOf } from '../store/secret-keys.js';
import { TestBrowser, type TestPage } from './test-browser.js';

export const redirectUri = 'https://app.example/callback';
export const password = 'correct horse battery staple';

export const drGrey: AccountHolder = {
  subject: 'hospital-a/dr-grey',
  role: 'practitioner',
  mspId: 'HospitalAMSP',
  institution: 'hospital-a',
  practitioner: 'dr-grey',
};

export const patientOf = (address: string): AccountHolder => ({
  subject: address,
  role: 'patient',
  mspId: 'PatientsMSP',
  patient: address,
});

/** Everything is on the loopback here. The library marks this deprecated so that it stands out elsewhere. */
const allowLoopback = Reflect.get(openid, 'allowInsecureRequests');

/** An authorisation request, and what of it the client keeps. */
export interface AuthorisationRequest {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
}

/** A provider in this process, and its administrator. */
export class TestProvider {
  readonly #folder: string;
  readonly #key = randomBytes(32).toString('hex');
  #server: IdentityServer;

  private constructor(folder: string, server: IdentityServer, key: string) {
    this.#folder = folder;
    this.#server = server;
    this.#key = key;
  }

  static async start(options: Partial<IdentityServerOptions> = {}): Promise<TestProvider> {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-identity-'));
    const key = randomBytes(32).toString('hex');
    const server = await startIdentityServer({
      dataFolder: folder,
      key,
      log: silentLog,
      guessesPerMinute: 10_000,
      ...options,
    });
    return new TestProvider(folder, server, key);
  }

  get issuer(): string {
    return this.#server.issuer;
  }

  /** Stops it and starts it again on the same data, at the same address. */
  async restart(): Promise<void> {
    const { issuer, port } = this.#server;
    await this.#server.close();
    this.#server = await startIdentityServer({
      dataFolder: this.#folder,
      key: this.#key,
      issuer,
      port,
      log: silentLog,
      guessesPerMinute: 10_000,
    });
  }

  async stop(): Promise<void> {
    await this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** One call of the administration. */
  async administer(
    method: string,
    path: string,
    body?: unknown,
    secret: string = administrationSecretOf(this.#key),
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const answer = await fetch(`${this.issuer}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** An account that its holder has claimed. */
  async account(holder: AccountHolder, username: string): Promise<void> {
    const { status, body } = await this.administer('POST', '/accounts', { holder, username });
    if (status !== 200) throw new Error(JSON.stringify(body));
    const browser = new TestBrowser(this.issuer);
    const page = await browser.open(String(body['invitation']));
    const claimed = await browser.submit(page, page.url.replace(this.issuer, ''), { username, password });
    if (claimed.status !== 200) throw new Error(claimed.text);
  }

  /** Registers a client; answers its secret, if it has one. */
  async client(
    description: Partial<ClientDescription> & { readonly id: string },
  ): Promise<string | undefined> {
    const { status, body } = await this.administer('POST', '/clients', {
      kind: 'application',
      name: 'Claims desk',
      scopes: ['medigraph', 'medigraph:operate', 'patient/*.cruds', 'user/*.cruds'],
      ...(description.kind === 'service' || description.kind === 'device'
        ? {}
        : {
            redirectUris: [redirectUri],
            postLogoutRedirectUris: ['https://app.example/'],
            firstParty: true,
          }),
      ...description,
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body['secret'] as string | undefined;
  }

  /** The provider as a client that is no code of ours knows it. */
  relyingParty(
    clientId: string,
    secret?: string,
    how: 'basic' | 'post' = 'basic',
  ): Promise<openid.Configuration> {
    const withSecret = how === 'basic' ? openid.ClientSecretBasic : openid.ClientSecretPost;
    return openid.discovery(
      new URL(this.issuer),
      clientId,
      undefined,
      secret === undefined ? openid.None() : withSecret(secret),
      { execute: [allowLoopback] },
    );
  }

  async request(
    client: openid.Configuration,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<AuthorisationRequest> {
    const verifier = openid.randomPKCECodeVerifier();
    const state = openid.randomState();
    const url = openid.buildAuthorizationUrl(client, {
      redirect_uri: redirectUri,
      scope: 'openid medigraph',
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    return { url: url.href, verifier, state };
  }

  /** Exchanges the code with which the browser came back. */
  tokens(
    client: openid.Configuration,
    { verifier, state }: AuthorisationRequest,
    callback: TestPage,
  ): ReturnType<typeof openid.authorizationCodeGrant> {
    return openid.authorizationCodeGrant(client, new URL(callback.url), {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
  }
}
