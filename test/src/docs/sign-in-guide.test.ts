import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestBrowser, type TestPage } from '@medigraph/embedded-identity/testing';
import { GraphClient } from '@medigraph/launcher';
import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { RunningSystem } from '../system/running-system.js';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const cli = path.join(checkout, 'launcher/dist/cli.js');
const guide = path.join(checkout, 'docs/guides/sign-in.md');
const prefix = 'npx medigraph ';
const password = 'correct horse battery staple';

describe('the guide to signing in', () => {
  let system: RunningSystem;
  let environment: NodeJS.ProcessEnv;
  let commands: string[];
  let text: string;

  beforeAll(async () => {
    system = await RunningSystem.start();
    environment = { ...process.env, XDG_CONFIG_HOME: path.join(system.folder, 'config') };
    text = await readFile(guide, 'utf8');
    commands = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
      .flatMap(([, block = '']) => block.split('\n'))
      .filter((line) => line.startsWith(prefix))
      .map((line) => line.slice(prefix.length));
    const [, description = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    await writeFile(path.join(system.folder, 'diary.json'), description);
  });
  afterAll(async () => {
    await system.close();
    await rm(system.folder, { recursive: true, force: true });
  });

  const argumentsOf = (command: string): string[] => [
    '--no-warnings',
    cli,
    ...command.split(' '),
    ...(/^(account|client|login)/.test(command) ? ['--data', system.folder] : []),
  ];

  async function medigraph(command: string): Promise<string> {
    const options = { cwd: system.folder, env: environment };
    return (await run(process.execPath, argumentsOf(command), options)).stdout.trim();
  }

  async function claim(invitation: string, username: string): Promise<void> {
    const browser = new TestBrowser(system.medigraph.issuer);
    const page = await browser.open(invitation);
    const claimed = await browser.submit(page, new URL(page.url).pathname, { username, password });
    expect(claimed.text).toContain('Your account is ready');
  }

  /** Sets up an authenticator app, as whoever is asked for a second factor and has none. */
  async function setUpApp(browser: TestBrowser, page: TestPage): Promise<TestPage> {
    const secret = /<code>([A-Z2-7]{32})<\/code>/.exec(page.text)?.[1] ?? '';
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    return browser.submit(await browser.submit(page, '/enrol/totp', { code }), '/enrolled');
  }

  /** Runs a login, and does in a browser what it says. */
  async function login(command: string): Promise<void> {
    const child = spawn(process.execPath, argumentsOf(command), { cwd: system.folder, env: environment });
    let said = '';
    const code = new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
        const found = /^ {2}(\S{4}-\S{4})$/m.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', () => reject(new Error(said)));
    });
    const browser = new TestBrowser(system.medigraph.issuer);
    const confirm = await browser.submit(await browser.open('/device'), '/device', { user_code: await code });
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(confirm.text)?.[1] ?? '';
    const page = await browser.post('/device', { xsrf, user_code: await code, confirm: 'yes' });
    const known = await browser.submit(page, '/password', { username: 'dr-grey', password });
    const done = command.includes('--mfa') ? await setUpApp(browser, known) : known;
    expect(done.text).toContain('Your device is connected');
    const [exit] = (await once(child, 'exit')) as [number];
    expect(exit).toBe(0);
  }

  const inGuide = (start: string): string => {
    const found = commands.find((command) => command.startsWith(start));
    if (found === undefined) throw new Error(`The guide does not say ${start}`);
    return found;
  };

  test('makes accounts, signs in, and the graph knows who it is', async () => {
    await claim(await medigraph(inGuide('account add --as hospital-a/')), 'dr-grey');
    await medigraph(inGuide('account add --as operator:'));
    expect(await medigraph(inGuide('account list'))).toContain(
      'hospital-a/dr-grey  dr-grey  practitioner  claimed',
    );
    await login('login');
    expect(await medigraph(inGuide('whoami'))).toMatch(/^sub +hospital-a\/dr-grey$/m);
    const kept = await stat(path.join(system.folder, 'config', 'medigraph', 'session.json'));
    expect(kept.mode & 0o777).toBe(0o600);
    const client = new GraphClient(system.url, await medigraph('token'));
    await expect(client.request('{ me { role } }')).resolves.toEqual({ me: { role: 'PRACTITIONER' } });
    expect(decodeJwt(await medigraph('token'))).toMatchObject({ acr: 'urn:medigraph:acr:pwd' });
    await login(inGuide('login --mfa'));
    expect(decodeJwt(await medigraph('token'))).toMatchObject({
      acr: 'urn:medigraph:acr:mfa',
      amr: ['pwd', 'otp', 'mfa'],
    });
    await medigraph(inGuide('client rotate-keys'));
    await medigraph(inGuide('logout'));
    await expect(medigraph('whoami')).rejects.toMatchObject({ code: 1 });
  }, 180_000);

  test('does the rest of what it says', async () => {
    for (const name of ['invite', 'disable', 'enable', 'forget-second-factor'])
      await medigraph(inGuide(`account ${name}`));
    expect(JSON.parse(await medigraph(inGuide('client add')))).toMatchObject({ id: 'diary' });
    expect(await medigraph(inGuide('client list'))).toContain('"Health diary"');
    await medigraph(inGuide('client remove'));
    const script = decodeJwt(await medigraph(`${inGuide('token --as')} --data ${system.folder}`));
    expect(script).toMatchObject({ institution: 'hospital-a', acr: 'urn:medigraph:acr:mfa' });
    const tried = /^(account|client|login|logout|whoami|token)( |$)/;
    for (const command of commands) expect(command).toMatch(tried);
  }, 180_000);
});
