/** Frames on the pipe between host and guest: length (4 bytes), kind (1), peer's connection (2), payload. */
export const frameKind = {
  /** To the guest: {@link GuestProgram} as JSON. */
  load: 1,
  /** To the host: the contracts' metadata as JSON. */
  loaded: 2,
  /** To the host: why the contracts cannot be loaded. */
  loadFailed: 3,
  /** Both ways: a message of the chaincode protocol. */
  message: 4,
  /** To the guest: the connection is no more. */
  closed: 5,
  /** To the host: a {@link Violation} as JSON. */
  violation: 6,
  /** To the host: a line that the contracts wrote. */
  line: 7,
  /** To a guest of checks: {@link TestProgram} as JSON. */
  test: 8,
  /** To the host: {@link TestEvent} as JSON. */
  tested: 9,
  /** To the host: a run of the contracts, as `RecordedRun` of the bench in JSON. Back to another guest as it is. */
  recorded: 10,
  /** To the host: how a run came to something else, as `Divergence` in JSON. */
  diverged: 11,
  /** Both ways: that was all. */
  end: 12,
} as const;
export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

/** What a guest runs. */
export interface GuestProgram {
  readonly name: string;
  readonly version: string;
  /** Name of the bundle in stacks. */
  readonly file: string;
  readonly bundle: string;
}

/** A package's contracts and, where they are to be run, its tests. */
export interface TestProgram extends GuestProgram {
  readonly tests?: string;
}

/** What became of a test. */
export interface TestEvent {
  /** Names of the suites that it is in, and its own. */
  readonly path: readonly string[];
  readonly passed: boolean;
  /** Why it failed. */
  readonly reason?: string;
}

/** What contracts tried that they may not. */
export interface Violation {
  readonly code: string;
  readonly message: string;
  /** What it asked for by name. */
  readonly name?: string;
}

export interface Frame {
  readonly kind: number;
  readonly connection: number;
  readonly payload: Buffer;
}

const lengthBytes = 4;
const headBytes = 3;

export function encodeFrame(kind: FrameKind, connection: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(lengthBytes + headBytes + payload.length);
  frame.writeUInt32BE(headBytes + payload.length, 0);
  frame.writeUInt8(kind, lengthBytes);
  frame.writeUInt16BE(connection, lengthBytes + 1);
  frame.set(payload, lengthBytes + headBytes);
  return frame;
}

/** The other side says that a frame is larger than any may be, or than none at all. */
export class FrameSizeError extends Error {
  override readonly name = 'FrameSizeError';
}

/** Takes frames out of a stream of bytes; never holds more than the largest that is allowed. */
export class FrameReader {
  readonly #mostBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #held = 0;

  constructor(mostBytes: number, onFrame: (frame: Frame) => void) {
    this.#mostBytes = mostBytes;
    this.#onFrame = onFrame;
  }

  /** @throws {@link FrameSizeError} */
  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= lengthBytes) {
      const length = this.#peekLength();
      if (length < headBytes || length > this.#mostBytes + headBytes)
        throw new FrameSizeError(`a frame of ${length} bytes`);
      if (this.#held < lengthBytes + length) return;
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const frame = all.subarray(lengthBytes, lengthBytes + length);
      const rest = all.subarray(lengthBytes + length);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#held = rest.length;
      this.#onFrame({
        kind: frame.readUInt8(0),
        connection: frame.readUInt16BE(1),
        payload: frame.subarray(headBytes),
      });
    }
  }

  #peekLength(): number {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= lengthBytes) return first.readUInt32BE(0);
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all.readUInt32BE(0);
  }
}
