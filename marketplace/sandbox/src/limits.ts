/** What a guest may use. Times in milliseconds, sizes in bytes. */
export interface SandboxLimits {
  /** From its start to its contracts being loaded. */
  readonly startMs: number;
  /** One transaction, the waiting for others of the same guest included. */
  readonly transactionMs: number;
  /** JavaScript heap. */
  readonly heapBytes: number;
  /** Resident memory of the process, buffers outside of the heap included. */
  readonly residentBytes: number;
  /** Processor time within {@link cpuWindowMs}, over all threads. */
  readonly cpuMs: number;
  readonly cpuWindowMs: number;
  /** Processor time within {@link cpuWindowMs} of a guest that has nothing to do. */
  readonly idleCpuMs: number;
  /** Transactions that run at a time. */
  readonly transactions: number;
  /** Questions to the ledger in one transaction. */
  readonly ledgerCalls: number;
  /** One message of the guest. */
  readonly messageBytes: number;
  /** What a transaction returns. */
  readonly resultBytes: number;
  /** Payload of a transaction's event. */
  readonly eventBytes: number;
  /** Transactions within a second that have an event. */
  readonly eventsPerSecond: number;
  /** All that one transaction writes to the ledger. */
  readonly writtenBytes: number;
  /** Longest wait before a guest that ends again and again is started anew. */
  readonly longestBackoffMs: number;
}

const megabyte = 1024 * 1024;

export const defaultLimits: SandboxLimits = {
  startMs: 20_000,
  transactionMs: 5_000,
  heapBytes: 64 * megabyte,
  residentBytes: 256 * megabyte,
  cpuMs: 8_000,
  cpuWindowMs: 10_000,
  idleCpuMs: 2_000,
  transactions: 64,
  ledgerCalls: 5_000,
  messageBytes: 2 * megabyte,
  resultBytes: megabyte,
  eventBytes: 64 * 1024,
  eventsPerSecond: 200,
  writtenBytes: 4 * megabyte,
  longestBackoffMs: 60_000,
};

/** What the tests of a package may use. Times in milliseconds, sizes in bytes. */
export interface CheckLimits {
  /** From their start to their end. */
  readonly totalMs: number;
  /** Processor time, over all threads. */
  readonly cpuMs: number;
  /** JavaScript heap. */
  readonly heapBytes: number;
  /** Resident memory of the process, buffers outside of the heap included. */
  readonly residentBytes: number;
  /** One message of theirs. */
  readonly messageBytes: number;
  /** Runs of transactions that are repeated, and all of them together; what comes later is not. */
  readonly recordedRuns: number;
  readonly recordedBytes: number;
}

export const defaultCheckLimits: CheckLimits = {
  totalMs: 60_000,
  cpuMs: 30_000,
  heapBytes: 128 * megabyte,
  residentBytes: 384 * megabyte,
  messageBytes: 8 * megabyte,
  recordedRuns: 2_000,
  recordedBytes: 32 * megabyte,
};
