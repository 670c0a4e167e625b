import { GraphClient } from '../../graph-client.js';
import { openRunning } from '../../running.js';

/** Asks the graph as a role of the `medigraph token` command. */
export type As = (role: string) => Promise<GraphClient>;

/** A platform all of whose organisations are ours to play. */
export interface Home {
  /** Of the graph. */
  readonly url: string;
  /** Folder of the platform, where what is made for it alone is kept as well. */
  readonly data: string;
  readonly as: As;
  /** A token with both factors. */
  readonly token: (role: string) => Promise<string>;
}

/** The platform of a data folder. @throws `NOT_RUNNING` */
export async function openHome(data: string): Promise<Home> {
  const { run, tokenFor } = await openRunning(data);
  const token = (role: string) => tokenFor(role, undefined, true);
  return { url: run.url, data, token, as: async (role) => new GraphClient(run.url, await token(role)) };
}
