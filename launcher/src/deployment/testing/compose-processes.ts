import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const command = z.array(z.string());

const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command,
      environment: z.record(z.string(), z.string()),
      env_file: z.array(z.string()).default([]),
      healthcheck: z.object({ test: command }).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
    }),
  ),
});
type ComposeService = z.infer<typeof composeFile>['services'][string];

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

export interface ComposeProcessesOptions {
  /** Text of the compose file. */
  readonly file: string;
  /** For what the file leaves to the environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where programs are looked for. */
  readonly programs: string;
  /** Working folder of services with that beginning of an image; others run in `folder`. */
  readonly workingFolders: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Services that something else stands for: they count as started, healthy and completed. */
  readonly standIns: ReadonlySet<string>;
}

/** Milliseconds until a service that is not healthy counts as failed. */
const patience = 120_000;
const pollInterval = 100;

/**
 * Runs the services of a compose file as plain processes: with their commands, environment, health checks and order of
 * starting, and nothing of their packaging. Their environment is only what the file gives them.
 */
export class ComposeProcesses {
  readonly #options: ComposeProcessesOptions;
  readonly #services: Readonly<Record<string, ComposeService>>;
  readonly #running = new Map<string, Running>();

  constructor(options: ComposeProcessesOptions) {
    this.#options = options;
    const text = options.file.replaceAll(
      /\$\{(\w+):-([^}]*)\}/g,
      (_, name: string, fallback: string) => options.variables[name] ?? fallback,
    );
    this.#services = composeFile.parse(parse(text)).services;
  }

  /** Starts every service as soon as what it waits for is so; resolves when all are healthy or have done their work. */
  async up(): Promise<void> {
    const settled = new Map<string, Promise<void>>();
    const settle = (name: string): Promise<void> => {
      const known = settled.get(name);
      if (known) return known;
      const fresh = this.#settle(name, settle);
      settled.set(name, fresh);
      return fresh;
    };
    await Promise.all(Object.keys(this.#services).map(settle));
  }

  async kill(name: string): Promise<void> {
    const running = this.#running.get(name);
    running?.child.kill('SIGKILL');
    await running?.ended;
  }

  async down(): Promise<void> {
    const all = [...this.#running.values()].reverse();
    for (const { child } of all) if (child.exitCode === null) child.kill('SIGTERM');
    await Promise.all(all.map(({ ended }) => ended));
  }

  logFile(name: string): string {
    return path.join(this.#options.folder, `${name}.trial.log`);
  }

  async #settle(name: string, settle: (name: string) => Promise<void>): Promise<void> {
    if (this.#options.standIns.has(name)) return;
    const service = this.#services[name];
    if (!service) throw new Error(`no service ${name}`);
    await Promise.all(Object.keys(service.depends_on).map(settle));
    const running = await this.#spawn(name, service, service.command);
    this.#running.set(name, running);
    const check = service.healthcheck?.test;
    if (!check) {
      const code = await running.ended;
      if (code !== 0) await this.#fail(name, `ended with ${String(code)}`);
      return;
    }
    const deadline = Date.now() + patience;
    for (;;) {
      const probe = await this.#spawn(name, service, check.slice(1));
      if ((await probe.ended) === 0) return;
      if (running.child.exitCode !== null || Date.now() > deadline) await this.#fail(name, 'is not healthy');
      await delay(pollInterval);
    }
  }

  async #fail(name: string, how: string): Promise<never> {
    const log = await readFile(this.logFile(name), 'utf8');
    throw new Error(`${name} ${how}:\n${log.split('\n').slice(-30).join('\n')}`);
  }

  async #spawn(name: string, service: ComposeService, [program = '', ...args]: string[]): Promise<Running> {
    const { folder, workingFolders, programs } = this.#options;
    const [, cwd = folder] =
      Object.entries(workingFolders).find(([image]) => service.image.startsWith(image)) ?? [];
    const files = await Promise.all(service.env_file.map((file) => readFile(file, 'utf8')));
    const fromFiles = files.flatMap((text) =>
      text.split('\n').flatMap((line): [string, string][] => {
        const at = line.indexOf('=');
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
      }),
    );
    const log = await open(this.logFile(name), 'a');
    const child = spawn(program, args.map(unescape), {
      cwd,
      env: { PATH: programs, ...Object.fromEntries(fromFiles), ...service.environment },
      stdio: ['ignore', log.fd, log.fd],
    });
    const ended = once(child, 'exit').then(([code]: unknown[]) => code as number | null);
    await log.close();
    return { child, ended };
  }
}

// Compose takes a doubled dollar sign for one.
const unescape = (part: string): string => part.replaceAll('$$', '$');
