/** Where a command's user is on a platform, and in whose name. */
export interface GraphAccess {
  /** Address of the graph. */
  readonly url: string;
  /** A token that is good now: asked for each time, since a command may outlast one. */
  token(): Promise<string>;
  /** @throws with a `code` if the answer has errors. */
  request<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

/** How a command is told which platform is meant. */
export interface GraphOptions {
  /** A role of `medigraph token`: for scripts on the platform's own machine. */
  readonly as?: string;
  /** Data folder of that platform. */
  readonly data: string;
  /** Address of a graph elsewhere, for whoever is signed in. */
  readonly graph?: string;
}

export type OpenGraph = (options: GraphOptions) => Promise<GraphAccess>;
