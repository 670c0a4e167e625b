/** What a native network is made of. */
export interface NativeDescription {
  readonly organizations: readonly {
    readonly mspId: string;
    readonly domain: string;
    readonly peers: readonly string[];
  }[];
  readonly orderer: { readonly mspId: string; readonly domain: string; readonly nodes: readonly string[] };
  readonly channels: readonly {
    readonly name: string;
    readonly organizations: readonly string[];
    readonly insurer?: string;
    readonly suites: readonly {
      readonly suite: string;
      readonly chaincode: string;
      readonly endorsementPolicy: string;
    }[];
  }[];
  readonly batch: {
    readonly timeoutMs: number;
    readonly maxTransactions: number;
    readonly absoluteMaxBytes: number;
    readonly preferredMaxBytes: number;
  };
}
