/** Tells the parent, whenever it asks, how much memory this process has resident once garbage is collected. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (message: { readonly ask?: string }) => {
  if (message.ask !== 'memory') return;
  collect();
  process.send?.({ type: 'memory', bytes: process.memoryUsage().rss });
});
