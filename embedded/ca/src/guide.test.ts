import { findProgram } from '@medigraph/network/native';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TestAuthorities } from './testing/test-authorities.js';

const run = promisify(execFile);
const guide = fileURLToPath(new URL('../../../docs/guides/certificate-authorities.md', import.meta.url));

const client = await findProgram('fabric-ca-client');
// Without Fabric's client on this machine the tests below are reported as skipped.
const describeWithClient = client ? describe : describe['skip'];

describeWithClient("Fabric's own client", () => {
  let authorities: TestAuthorities;
  let folder: string;

  beforeAll(async () => {
    authorities = await TestAuthorities.start();
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ca-guide-'));
  });
  afterAll(async () => {
    await authorities.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('does everything that the guide says', async () => {
    const { url, tlsCaCertificate } = await authorities.endpoint();
    const secret = await authorities.read('ca/registrar.secret');
    const authority = { url, tlsCaCertificate, registrar: { name: 'admin', secret } };
    const profile = path.join(folder, 'connection.json');
    await writeFile(
      profile,
      JSON.stringify({ certificateAuthorities: { 'ca.hospital-a.example': authority } }),
    );
    const blocks = [...(await readFile(guide, 'utf8')).matchAll(/```sh\n([\s\S]*?)```/g)];
    expect(blocks.length).toBeGreaterThan(3);
    const script = path.join(folder, 'guide.sh');
    await writeFile(script, ['set -euo pipefail', ...blocks.map(([, block]) => block)].join('\n'));
    const PATH = [path.dirname(client ?? ''), process.env['PATH'] ?? ''].join(path.delimiter);
    const { stdout } = await run('bash', [script], {
      cwd: folder,
      env: { ...process.env, PATH, PROFILE: profile },
    });
    expect(stdout).toContain('Name: nurse1, Type: client');
    expect(await readdir(path.join(folder, 'nurse1', 'intermediatecerts'))).toHaveLength(1);
    const list = await readFile(path.join(folder, 'registrar', 'msp', 'crls', 'crl.pem'), 'utf8');
    expect(list).toContain('BEGIN X509 CRL');
  }, 120_000);
});
