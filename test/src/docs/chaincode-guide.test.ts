import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmbeddedNetwork } from '../conformance/networks/embedded-network.js';
import { type NetworkUnderTest } from '../conformance/networks/network-under-test.js';

const run = promisify(execFile);
const guide = fileURLToPath(new URL('../../../docs/guides/chaincode-lifecycle.md', import.meta.url));
const launcher = import.meta.resolve('@medigraph/launcher/program');

/** Arguments of a line of a shell; quotes keep blanks. */
const argumentsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the guide to the chaincode lifecycle', () => {
  let folder: string;
  let network: NetworkUnderTest;
  let commands: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-chaincode-guide-'));
    network = await startEmbeddedNetwork(path.join(folder, 'network'));
    await writeFile(path.join(folder, 'profile.json'), JSON.stringify(network.profile));
    commands = (await readFile(guide, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('medigraph chaincode '));
  });
  afterAll(async () => {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a command of the guide, as an organisation. */
  async function medigraph(command: string, mspId = 'HospitalAMSP', packageId = ''): Promise<string> {
    const domain = mspId === 'HospitalAMSP' ? 'hospital-a.example' : 'insurer-a.example';
    const admin = path.join(network.material, 'peerOrganizations', domain, 'users', `Admin@${domain}`, 'msp');
    const [, ...args] = argumentsOf(command).map((argument) =>
      argument
        .replace(/^PROFILE$/, path.join(folder, 'profile.json'))
        .replace(/^ADMIN$/, admin)
        .replace(/^PACKAGE_ID$/, packageId)
        .replace(/^visits\.tar\.gz$/, path.join(folder, 'visits.tar.gz'))
        .replace(/^HospitalAMSP$/, mspId),
    );
    const program = `const { main } = await import(${JSON.stringify(launcher)}); await main(${JSON.stringify(args)});`;
    const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', program]);
    return stdout.trim();
  }

  test('does what it says, command by command', async () => {
    const said: Record<string, string> = {};
    let packageId = '';
    for (const command of commands) {
      const [, , name = ''] = command.split(' ');
      if (name === 'commit')
        for (const each of commands.filter((other) => / (install|approve) /.test(other)))
          await medigraph(each, 'InsurerAMSP', packageId);
      said[name] = await medigraph(command, 'HospitalAMSP', packageId);
      if (name === 'package') packageId = said[name];
    }
    expect(packageId).toMatch(/^visits_1:[0-9a-f]{64}$/);
    expect(said).toMatchObject({
      install: packageId,
      approve: 'HospitalAMSP approves visits 1, sequence 1',
      readiness: [
        'HospitalAMSP  approved',
        'InsurerAMSP  not approved (ChaincodeParameters differs)',
        'InsurerBMSP  not approved (ChaincodeParameters differs)',
      ].join('\n'),
      commit: 'care runs visits 1, sequence 1',
      committed: 'visits 1, sequence 1\n  approved by HospitalAMSP, InsurerAMSP',
      approved: `visits 1, sequence 1, from ${packageId}`,
    });
    expect(said['installed']).toContain(`${packageId}\n  runs visits 1 on care`);
  }, 300_000);

  test('a refusal is one line with a code', async () => {
    const commit = commands.find((command) => command.includes(' commit ')) ?? '';
    await expect(medigraph(commit.replace('--sequence 1', '--sequence 9'))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^ADMINISTRATION_REFUSED: .*requested sequence is 9, but new definition must be sequence \d\n$/,
      ) as string,
    });
    await expect(medigraph(commit, 'NobodyMSP')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^ORGANIZATION_UNKNOWN: .*\n$/) as string,
    });
  }, 120_000);
});
