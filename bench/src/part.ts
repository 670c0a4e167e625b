import { fileURLToPath } from 'node:url';
import { ChildPart } from '@medigraph/launcher';

/** Starts a program of the bench as a process of its own, which says when it is ready and is stopped by its id. */
export function startPart(name: string, url: URL, env: Readonly<Record<string, string>>): Promise<ChildPart> {
  return ChildPart.start({
    name,
    entry: fileURLToPath(url),
    env,
    onLog: (line) => process.stderr.write(`${name}: ${line}\n`),
  });
}

/** What the parent told this process in an environment variable. */
export function told(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; the bench starts this process.`);
  return value;
}
