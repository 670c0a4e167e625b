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

/** Starts an empty platform in a folder of its own, and stops and removes it after the work. */
export function withPlatform<T>(
  { say }: BenchOptions,
  work: (platform: RunningPlatform) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder(async (data) => {
    const medigraph = await startMedigraph({
      data,
      port: 0,
      reset: false,
      onNotice: say,
      signal: new AbortController().signal,
    });
    const callers: GraphCaller[] = [];
    try {
      const { run, tokenFor } = await openRunning(data);
      return await work({
        medigraph,
        profile: await loadConnectionProfile(run.connectionProfile),
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
  });
}
