/** The images that a deployment runs; each is pinned where it is rendered. */
export type ImageName = 'orderer' | 'peer' | 'platform' | 'mongodb' | 'ca' | 'haproxy' | 'postgres';

/** `medigraph`: everybody's. `dapps`: of the contracts of DApps and those whom they need; nothing leads out of it. */
export type NetworkName = 'medigraph' | 'dapps';

/** What a service waits for before it starts: that another answers, or that it has done its work. */
export type Condition = 'healthy' | 'completed';

/**
 * One service of a deployment, whatever runs it: compose, Kubernetes or a plain process. Files are named relative to the
 * deployment's folder, which every service sees under the same path, each with only its own files in it.
 */
export interface Service {
  /** Also the host name by which others reach it. */
  readonly name: string;
  readonly image: ImageName;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A file of `NAME=value` lines with more of it. */
  readonly environmentFile?: string;
  /** Files and folders that it reads. */
  readonly files: readonly string[];
  /** Files with a key or a password. */
  readonly secrets: readonly string[];
  /** Files with a key or a password that the image looks for elsewhere: where, by file. */
  readonly secretsAt?: Readonly<Record<string, string>>;
  /** Those of its secrets that it refuses if its group may read them too. */
  readonly ownerOnly?: readonly string[];
  /** Folders with keys and certificates. */
  readonly identities: readonly string[];
  /** Folders in which it keeps what must outlive it. */
  readonly data: readonly string[];
  /** Folders of the image in which it writes what need not outlive it, besides `/tmp`. */
  readonly scratch?: readonly string[];
  /** By name of what is served there. */
  readonly ports: Readonly<Record<string, number>>;
  /** Ports beside those, of which not all are used: first and last. */
  readonly portRange?: readonly [first: number, last: number];
  /** In which networks it is; in that of everybody, unless said. */
  readonly networks?: readonly NetworkName[];
  /** A command that succeeds while it can serve. */
  readonly health?: readonly string[];
  readonly startAfter: Readonly<Record<string, Condition>>;
  /** Runs to its end once, and again if it failed. */
  readonly once: boolean;
  /** Shares the network of this service, and so reaches it on the loopback. */
  readonly besides?: string;
  /** Reached from outside of the deployment. */
  readonly published: boolean;
  /** Most it may use: processors and mebibytes; processes and threads, where they are bounded. */
  readonly limits: { readonly processors: number; readonly memory: number; readonly processes?: number };
}
