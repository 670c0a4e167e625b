import { loadConfiguration } from '@medigraph/platform/config';
import { startTracing } from '@medigraph/platform/tracing';
import { z } from 'zod';
import { developmentArgument } from '../development-argument.js';
import { answerWith } from '../part-questions.js';
import { stopWhenTold } from '../part-stop.js';
import { startPlatform } from './platform.js';

/** The platform as a process of its own: configured by the environment, says over IPC when it serves. */
try {
  const stopTracing = await startTracing('medigraph');
  const platform = await startPlatform(loadConfiguration());
  stopWhenTold(() => platform.close().then(stopTracing));
  if (process.argv.includes(developmentArgument))
    answerWith({ 'refresh-dapp': (id) => platform.refreshDApp(z.string().parse(id)) });
  process.send?.({ type: 'ready', url: platform.url });
} catch (error) {
  const { code = 'PLATFORM_START_FAILED', message } = error as Error & { code?: string };
  process.stderr.write(`${code}: ${message}\n`);
  process.exit(1);
}
