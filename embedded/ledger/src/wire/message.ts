import { unreadable, WireError, WireReader } from './reader.js';
import { BackwardWriter } from './writer.js';

/** Where a field stands in a message and how it is read and written. */
export interface Field<T> {
  readonly number: number;
  readonly wireType: 0 | 2;
  readonly repeated: boolean;
  /** Value of a field that is not on the wire. */
  absent(): T;
  /** The value after one more occurrence on the wire. */
  read(reader: WireReader, previous: T): T;
  write(writer: BackwardWriter, value: T): void;
}

type Fields = Record<string, Field<unknown>>;
type ValueOf<F extends Fields> = {
  [Name in keyof F]: F[Name] extends Field<infer T> ? T : never;
};

/** The plain object that a message type decodes to. */
export type Decoded<M> = M extends MessageType<infer T> ? T : never;

const writer = new BackwardWriter();
/** What absent byte fields are. */
export const noBytes: Buffer = Buffer.alloc(0);

/**
 * A protobuf message type: decodes to a plain object whose byte fields are views of the input, encodes from any subset
 * of its fields. Fields are written in the order of their numbers, as the reference implementations do, so equal
 * objects give equal bytes.
 */
export class MessageType<T> {
  readonly #byNumber: (readonly [string, Field<unknown>] | undefined)[] = [];
  readonly #backward: (readonly [string, Field<unknown>])[];

  /** Without its package. */
  readonly #shortName: string;

  constructor(
    readonly name: string,
    fields: Fields,
  ) {
    this.#shortName = name.slice(name.lastIndexOf('.') + 1);
    for (const [key, field] of Object.entries(fields)) this.#byNumber[field.number] = [key, field];
    this.#backward = Object.entries(fields).sort(([, a], [, b]) => b.number - a.number);
  }

  /** @throws {@link WireError}. */
  decode(input: Uint8Array): T {
    const buffer = Buffer.isBuffer(input)
      ? input
      : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    const result: Record<string, unknown> = {};
    for (const [key, field] of this.#backward) result[key] = field.absent();
    const reader = new WireReader(buffer);
    try {
      while (!reader.done) {
        const tag = reader.uint64();
        const wireType = tag & 7;
        const known = this.#byNumber[Math.floor(tag / 8)];
        if (known === undefined) reader.skip(wireType);
        else if (known[1].wireType === wireType) result[known[0]] = known[1].read(reader, result[known[0]]);
        else throw new WireError(`field ${known[0]} has wire type ${wireType}`);
      }
    } catch (error) {
      if (error instanceof WireError)
        throw new WireError(`error unmarshalling ${this.#shortName}: ${unreadable}`, { cause: error });
      throw error;
    }
    return result as T;
  }

  encode(value: Partial<T>): Buffer {
    const from = writer.length;
    try {
      this.write(writer, value);
      return writer.take(from);
    } catch (error) {
      writer.rewind(from);
      throw error;
    }
  }

  /** Writes the fields, without a length before them. */
  write(target: BackwardWriter, value: Partial<T>): void {
    const source = value as Record<string, unknown>;
    for (const [key, field] of this.#backward) {
      const content = source[key];
      if (content !== undefined) field.write(target, content);
    }
  }
}

/** Declares a message type by its fields. */
export function message<F extends Fields>(name: string, fields: F): MessageType<ValueOf<F>> {
  return new MessageType<ValueOf<F>>(name, fields);
}

const tagOf = (number: number, wireType: number) => number * 8 + wireType;

function scalar<T>(
  number: number,
  absent: T,
  read: (reader: WireReader) => T,
  write: (target: BackwardWriter, value: T) => void,
): Field<T> {
  return {
    number,
    wireType: 0,
    repeated: false,
    absent: () => absent,
    read,
    write(target, value) {
      if (value === absent) return;
      write(target, value);
      target.varint(tagOf(number, 0));
    },
  };
}

export const uint64 = (number: number): Field<number> =>
  scalar(
    number,
    0,
    (reader) => reader.uint64(),
    (target, value) => target.varint(value),
  );
export const int64 = (number: number): Field<number> =>
  scalar(
    number,
    0,
    (reader) => reader.int64(),
    (target, value) => target.signedVarint(value),
  );
/** Also enumerations. */
export const int32 = (number: number): Field<number> =>
  scalar(
    number,
    0,
    (reader) => reader.int32(),
    (target, value) => target.signedVarint(value),
  );
/** A number in a `oneof`, where zero is not the same as absent. */
export const presentInt32 = (number: number): Field<number | undefined> =>
  scalar<number | undefined>(
    number,
    undefined,
    (reader) => reader.int32(),
    (target, value) => target.signedVarint(value ?? 0),
  );
export const bool = (number: number): Field<boolean> =>
  scalar(
    number,
    false,
    (reader) => reader.uint64() !== 0,
    (target, value) => target.varint(value ? 1 : 0),
  );

function writeLengthAndTag(target: BackwardWriter, number: number, from: number): void {
  target.varint(target.length - from);
  target.varint(tagOf(number, 2));
}

export const bytes = (number: number): Field<Buffer> => ({
  number,
  wireType: 2,
  repeated: false,
  absent: () => noBytes,
  read: (reader) => reader.bytes(),
  write(target, value) {
    if (value.length === 0) return;
    const from = target.length;
    target.bytes(value);
    writeLengthAndTag(target, number, from);
  },
});

export const string = (number: number): Field<string> => ({
  number,
  wireType: 2,
  repeated: false,
  absent: () => '',
  read: (reader) => reader.string(),
  write(target, value) {
    if (value === '') return;
    const from = target.length;
    target.string(value);
    writeLengthAndTag(target, number, from);
  },
});

/** Bytes in a `oneof`, where empty is not the same as absent. */
export const presentBytes = (number: number): Field<Buffer | undefined> => ({
  number,
  wireType: 2,
  repeated: false,
  absent: () => undefined,
  read: (reader) => reader.bytes(),
  write(target, value) {
    if (value === undefined) return;
    const from = target.length;
    target.bytes(value);
    writeLengthAndTag(target, number, from);
  },
});

/** Text in a `oneof`, where empty is not the same as absent. */
export const presentString = (number: number): Field<string | undefined> => ({
  number,
  wireType: 2,
  repeated: false,
  absent: () => undefined,
  read: (reader) => reader.string(),
  write(target, value) {
    if (value === undefined) return;
    const from = target.length;
    target.string(value);
    writeLengthAndTag(target, number, from);
  },
});

/** A message in a field; written when present, even if it is empty. */
export const embedded = <T>(number: number, type: MessageType<T>): Field<T | undefined> =>
  recursive(number, () => type);

/** As {@link embedded}, for a message type that contains itself and so is not there yet. */
export const recursive = <T>(number: number, type: () => MessageType<T>): Field<T | undefined> => ({
  number,
  wireType: 2,
  repeated: false,
  absent: () => undefined,
  read: (reader) => type().decode(reader.bytes()),
  write(target, value) {
    if (value === undefined) return;
    const from = target.length;
    type().write(target, value);
    writeLengthAndTag(target, number, from);
  },
});

function list<T>(
  number: number,
  read: (reader: WireReader) => T,
  write: (target: BackwardWriter, value: T) => void,
): Field<T[]> {
  return {
    number,
    wireType: 2,
    repeated: true,
    absent: () => [],
    read(reader, previous) {
      previous.push(read(reader));
      return previous;
    },
    write(target, values) {
      for (let index = values.length - 1; index >= 0; index -= 1) {
        const from = target.length;
        write(target, values[index] as T);
        writeLengthAndTag(target, number, from);
      }
    },
  };
}

export const repeatedBytes = (number: number): Field<Buffer[]> =>
  list(
    number,
    (reader) => reader.bytes(),
    (target, value) => target.bytes(value),
  );
export const repeatedString = (number: number): Field<string[]> =>
  list(
    number,
    (reader) => reader.string(),
    (target, value) => target.string(value),
  );
export const repeated = <T>(number: number, type: MessageType<T>): Field<T[]> =>
  list(
    number,
    (reader) => type.decode(reader.bytes()),
    (target, value) => type.write(target, value),
  );

/** A map from strings to messages; written in the order of its keys, so that equal maps give equal bytes. */
export const mapOf = <T>(number: number, type: () => MessageType<T>): Field<Map<string, T>> => {
  const entry = message('map entry', { key: string(1), value: recursive(2, type) });
  return {
    number,
    wireType: 2,
    repeated: true,
    absent: () => new Map(),
    read(reader, previous) {
      const { key, value } = entry.decode(reader.bytes());
      return previous.set(key, value ?? type().decode(noBytes));
    },
    write(target, values) {
      const backward = [...values].sort(([a], [b]) => (a < b ? 1 : -1));
      for (const [key, value] of backward) {
        const from = target.length;
        entry.write(target, { key, value });
        writeLengthAndTag(target, number, from);
      }
    },
  };
};
