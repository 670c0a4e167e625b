import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultDescriptionFile } from '@medigraph/network';
import { findFabricBinaries } from '@medigraph/network/native';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const cli = path.join(checkout, 'launcher/dist/cli.js');
const prefix = 'npm run medigraph -- ';

const fabric = await findFabricBinaries().then(
  () => true,
  () => false,
);

const member = z.looseObject({ name: z.string(), organizations: z.array(z.string()) });
const description = z.looseObject({
  organizations: z.array(z.unknown()).default([]),
  channels: z.array(member),
});

const guide = await readFile(path.join(checkout, 'docs/guides/growing-a-network.md'), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);
const commands = blocks('sh')
  .flatMap((text) => text.split('\n'))
  .filter((line) => line.startsWith(prefix))
  .map((line) => line.slice(prefix.length));
const additions = blocks('yaml').map((text) => description.parse(parse(text)));

/** The description with what a block of the guide adds to it. */
function extended(base: z.infer<typeof description>, addition: z.infer<typeof description>) {
  const known = base.channels.map((channel) => {
    const more = addition.channels.find(({ name }) => name === channel.name);
    return { ...channel, organizations: [...channel.organizations, ...(more?.organizations ?? [])] };
  });
  const fresh = addition.channels.filter(({ name }) => !known.some((channel) => channel.name === name));
  return {
    ...base,
    organizations: [...base.organizations, ...addition.organizations],
    channels: [...known, ...fresh],
  };
}

const onEmbedded: [string, boolean] = ['embedded', true];
// Without Fabric's programs on this machine the second is reported as skipped.
describe.each([onEmbedded, ['native', fabric] as [string, boolean]])('the guide on %s', (kind, present) => {
  const test = present ? it : it['skip'];
  let folder: string;
  let up: ChildProcess | undefined;
  let file: string;
  const said: string[] = [];
  const argumentsOf = (command: string) =>
    command
      .replaceAll('networks/embedded/network/connection.json', `networks/embedded/network/${profile}`)
      .replaceAll('networks/embedded/network', kind === 'native' ? 'networks/native' : '$&')
      .replaceAll(' embedded', ` ${kind}`)
      .split(' ');
  const profile = kind === 'native' ? 'connection-profile.json' : 'connection.json';
  const medigraph = async (command: string) => {
    const args = ['--no-warnings', cli, ...argumentsOf(command)];
    return (
      await run(process.execPath, args, { cwd: folder }).catch((error: unknown) => {
        // What the network itself said tells why.
        if (error instanceof Error) error.message = [error.message, ...said].join('\n');
        throw error;
      })
    ).stdout;
  };

  beforeAll(async () => {
    if (!present) return;
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-growing-'));
    file = path.join(folder, 'consortium.yaml');
    await copyFile(defaultDescriptionFile, file);
    const args = ['--no-warnings', cli, ...argumentsOf(commands[0] ?? '')];
    up = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = createInterface({ input: up.stderr as NodeJS.ReadableStream });
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        said.push(line);
        if (line.includes(' is up ')) resolve();
      });
      lines.once('close', () => reject(new Error(said.join('\n'))));
    });
  });
  afterAll(async () => {
    if (up && up.exitCode === null) {
      up.kill('SIGTERM');
      await once(up, 'exit');
    }
    if (present) await rm(folder, { recursive: true, force: true });
  });

  test('takes in an organisation and begins a channel', async () => {
    const [, addOrganization = '', addChannel = '', status = '', committed = ''] = commands;
    const before = description.parse(parse(await readFile(file, 'utf8')));
    const [organization, channel] = additions;
    if (!organization || !channel) throw new Error('the guide adds both');
    const withOrganization = extended(before, organization);
    await writeFile(file, stringify(withOrganization));
    const joined = await medigraph(addOrganization);
    expect(joined).toContain('care: takes in LaboratoryMSP\n');
    expect(joined).toContain('care: LaboratoryMSP approves care, sequence 1\n');

    await writeFile(file, stringify(extended(withOrganization, channel)));
    expect(await medigraph(addChannel)).toContain('research: runs care, sequence 1\n');
    expect(await medigraph(addChannel)).toBe('Nothing to do.\n');
    expect(await medigraph(status)).not.toContain('stopped');
    expect(await medigraph(committed)).toContain('approved by HospitalAMSP, LaboratoryMSP\n');

    await writeFile(file, stringify(withOrganization));
    await expect(medigraph(addChannel)).rejects.toMatchObject({
      stderr: expect.stringContaining('NETWORK_CHANGE_REFUSED') as unknown,
    });
  });
});
