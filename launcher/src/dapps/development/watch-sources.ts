import { once } from 'node:events';
import { watch } from 'chokidar';

/** Editors save in several steps: milliseconds of quiet after which a change is one. */
const quietMs = 40;

/**
 * Tells of changes below a folder, one at a time: while one is dealt with the next waits, and several are one.
 * @returns how to stop it, once it watches
 */
export async function watchSources(
  folder: string,
  onChange: () => Promise<void>,
): Promise<() => Promise<void>> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let waiting = false;
  const change = (): void => {
    if (waiting) return;
    waiting = true;
    running = running.then(async () => {
      waiting = false;
      await onChange();
    });
  };
  const watcher = watch(folder, { ignoreInitial: true });
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(change, quietMs);
  });
  await once(watcher, 'ready');
  return async () => {
    await watcher.close();
    clearTimeout(timer);
    await running;
  };
}
