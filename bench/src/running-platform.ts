import { type Medigraph, openRunning, startMedigraph } from '@medigraph/launcher';
import { type ConnectionProfile, loadConnectionProfile } from '@medigraph/platform/ledger';
import { type BenchOptions } from './bench.js';
import { GraphCaller } from './graph-caller.js';
import { withTemporaryFolder } from './temporary-folder.js';

/** A platform under measurement: its network and its graph are processes of their own. */
export interface RunningPlatform {
  readonly medigraph: Medigraph;
  readonly profile: ConnectionProfile;
  readonly tokenFor: (role: string) => Promise<string>;
  /** A caller of the graph; roles as `medigraph token --as` takes them. @param mfa - As if signed in with both factors. */
  as(role: string, mfa?: boolean): Promise<GraphCaller>;
}

/** @see withPlatform */
export interface PlatformOptions extends BenchOptions {
  /** Where it keeps what it has; a folder of its own, which is removed after the work, unless said. */
  readonly data?: string;
}

/** Starts an empty platform, and stops it after the work. */
export function withPlatform<T>(
  { say, data: given }: PlatformOptions,
  work: (platform: RunningPlatform) => Promise<T>,
): Promise<T> {
  const run = async (data: string): Promise<T> => {
    const medigraph = await startMedigraph({
      data,
      port: 0,
      reset: false,
      onNotice: say,
      signal: new AbortController().signal,
    });
    const callers: GraphCaller[] = [];
    try {
      const { run: running, tokenFor } = await openRunning(data);
      return await work({
        medigraph,
        profile: await loadConnectionProfile(running.connectionProfile),
        tokenFor,
        as: async (role, mfa) => {
          const caller = new GraphCaller(medigraph.url, await tokenFor(role, undefined, mfa));
          callers.push(caller);
          return caller;
        },
      });
    } finally {
      for (const caller of callers) caller.close();
      await medigraph.stop();
    }
  };
  return given === undefined ? withTemporaryFolder(run) : run(given);
}
