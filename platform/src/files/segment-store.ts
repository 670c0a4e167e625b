/** What is known of a stored file without opening it. */
export interface StoredFile {
  readonly id: string;
  /** Bytes of ciphertext. */
  readonly length: number;
  /** Whose it is: a chain address. */
  readonly patient: string;
}

/** Where files are kept, a segment of ciphertext at a time. */
export interface SegmentStore {
  /**
   * Stores the segment of a place.
   * @throws `UploadBusyError` if another has been stored there.
   */
  insert(id: string, n: number, data: Uint8Array): Promise<void>;

  /** How many segments are stored, from the first without a gap. */
  count(id: string): Promise<number>;

  segment(id: string, n: number): Promise<Buffer | undefined>;

  /** The segments from a place on, in order. One that is missing ends them. */
  segments(id: string, from?: number): AsyncIterable<Buffer>;

  /** Makes the segments a file. Doing it again changes nothing. */
  publish(file: StoredFile): Promise<void>;
}
