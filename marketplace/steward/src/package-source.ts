/** Where packages are read from. */
export interface PackageSource {
  /** Bytes of the archive with this SHA-256 (hex); undefined if it is not there. Whether it is the right one, the reader looks. */
  read(sha256: string): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** A published package that cannot be had: its checks wait until it can. */
export class PackageUnavailable extends Error {
  override readonly name = 'PackageUnavailable';

  constructor(sha256: string) {
    super(`package ${sha256} is nowhere to be had`);
  }
}
