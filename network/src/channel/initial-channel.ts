/** Where something listens, as others reach it. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An organisation as it stands in a channel's configuration. */
export interface ChannelMember {
  readonly mspId: string;
  /** Its MSP folder, in the layout of `cryptogen`. */
  readonly msp: string;
  /** Peers at which other organisations' peers begin to look for its own. */
  readonly anchorPeers: readonly HostPort[];
}

/** An ordering node that takes part in the consensus of a channel. Certificates are PEM files. */
export interface Consenter extends HostPort {
  readonly mspId: string;
  readonly certificate: string;
  readonly tlsCertificate: string;
}

/** How ordering nodes agree: `etcdraft` outlives crashes of the minority, `smartbft` also lies of up to a third. */
export type Consensus = 'etcdraft' | 'smartbft';

/** When a block is cut: so many transactions, so many bytes, or so long after the first, whichever comes first. */
export interface Batch {
  readonly timeoutMs: number;
  readonly maxTransactions: number;
  readonly absoluteMaxBytes: number;
  readonly preferredMaxBytes: number;
}

/** The organisation that orders, with its nodes. */
export interface OrderingService {
  readonly mspId: string;
  /** Its MSP folder, in the layout of `cryptogen`. */
  readonly msp: string;
  readonly consensus: Consensus;
  readonly consenters: readonly Consenter[];
  readonly batch: Batch;
}

/** What a channel begins with. */
export interface InitialChannel {
  readonly name: string;
  readonly members: readonly ChannelMember[];
  /** Policies of the channel by the resource that they guard, where they are not Fabric's own. */
  readonly acls?: Readonly<Record<string, string>>;
  readonly orderer: OrderingService;
}
