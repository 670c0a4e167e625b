import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createProgram } from '../program.js';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const cli = path.join(checkout, 'launcher/dist/cli.js');
const prefix = 'npm run medigraph -- ';

/** The commands of a guide that are Medigraph's own, as arguments. */
async function commandsOf(guide: string): Promise<string[][]> {
  const text = await readFile(path.join(checkout, 'docs/guides', guide), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).split(' '));
}

const guides = ['production.md', 'kubernetes.md', 'real-fabric.md'];
const commands = (await Promise.all(guides.map(commandsOf))).flat();
const generating = commands.filter(([, verb]) => verb === 'generate');

describe('the guides', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-guides-'));
    await cp(path.join(checkout, 'network/production.yaml'), path.join(folder, 'network/production.yaml'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('generate compose and Kubernetes', () => {
    expect(generating.map(([, , kind]) => kind)).toEqual(['compose', 'kubernetes']);
  });

  it.each(generating)('%s %s %s does what it says', async (...args) => {
    const { stdout } = await run(process.execPath, ['--no-warnings', cli, ...args], { cwd: folder });
    expect(stdout).toContain(`Written to ${path.join(folder, args.at(-1) ?? '')}`);
  });

  it.each(commands.map((args) => [args.join(' '), args] as const))('%s is a command', (_, args) => {
    // Only read, not run: networks of real Fabric are started by their own tests.
    const [group, verb] = args;
    const command = createProgram()
      .commands.find((each) => each.name() === group)
      ?.commands.find((each) => each.name() === verb);
    const options = command?.options.map(({ long }) => long);
    for (const option of args.filter((each) => each.startsWith('--'))) expect(options).toContain(option);
    expect(command).toBeDefined();
  });
});
