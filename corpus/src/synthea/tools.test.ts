import { tmpdir } from 'node:os';
import { CorpusGenerationError, CorpusToolMissingError } from '../errors.js';
import { run } from './tools.js';

const node = { command: process.execPath, advice: '' };
const cwd = tmpdir();

describe('run', () => {
  test('gives the lines of a program', async () => {
    const lines: string[] = [];
    await run(node, ['-e', 'console.log("a\\nb")'], { cwd, onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b']);
  });

  test('says which program is missing and what to do', async () => {
    const running = run({ command: 'medigraph-no-such-tool', advice: 'install it' }, [], { cwd });
    await expect(running).rejects.toThrow(CorpusToolMissingError);
    await expect(running).rejects.toMatchObject({
      code: 'CORPUS_TOOL_MISSING',
      message: 'medigraph-no-such-tool was not found on PATH; install it',
    });
  });

  test('tells the last words of a program that failed', async () => {
    const running = run(node, ['-e', 'console.error("out of luck"); process.exit(3)'], { cwd });
    await expect(running).rejects.toThrow(CorpusGenerationError);
    await expect(running).rejects.toThrow(/status 3:\nout of luck/);
  });

  test('ends the program when the signal aborts', async () => {
    const interruption = new AbortController();
    const running = run(node, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
      cwd,
      signal: interruption.signal,
      onLine: () => interruption.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
  });
});
