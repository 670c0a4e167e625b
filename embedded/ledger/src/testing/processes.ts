import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Address with a port that is free now. */
export async function freeAddress(): Promise<string> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return `127.0.0.1:${port}`;
}

/** A compiled module as a process of its own, once it has said that it is ready. */
export class ReadyProcess<Ready> {
  private constructor(
    readonly child: ChildProcess,
    readonly ready: Ready,
  ) {}

  static async start<Ready>(
    module: string,
    args: readonly string[],
    onOutput?: (text: string) => void,
  ): Promise<ReadyProcess<Ready>> {
    const child = fork(path.join(dist, module), args, { silent: true, execArgv: ['--no-warnings'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-4000);
        onOutput?.(chunk.toString());
      });
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Ready));
      child.once('exit', (code) => reject(new Error(`${module} exited with ${String(code)}: ${output}`)));
    });
    return new ReadyProcess(child, ready);
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }
}
