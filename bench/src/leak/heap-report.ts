/** Tells the parent, whenever it asks, how many bytes live objects have once garbage is collected. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (message: { readonly ask?: string }) => {
  if (message.ask !== 'heap') return;
  collect();
  // Finalizers run between the two, and let go of more.
  setImmediate(() => {
    collect();
    process.send?.({ type: 'heap', bytes: process.memoryUsage().heapUsed });
  });
});
