/** Protobuf for what a wallet signs: written in the one way that Fabric's clients write it, and read without leniency. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { PreparationForgedError } from './errors.js';

/** A field: a number is a varint, text and bytes are length-delimited. What is absent, zero or empty is not written. */
export type FieldValue = number | bigint | string | Uint8Array | readonly Uint8Array[] | undefined;

/** A message of these fields, in the order of their numbers. */
export function message(fields: Readonly<Record<number, FieldValue>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [key, value] of Object.entries(fields)) {
    const number = Number(key);
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (BigInt(value) !== 0n) writer.tag(number, WireType.Varint).int64(value);
    } else if (typeof value === 'string') {
      if (value !== '') writer.tag(number, WireType.LengthDelimited).string(value);
    } else if (value instanceof Uint8Array) {
      if (value.length > 0) writer.tag(number, WireType.LengthDelimited).bytes(value);
    } else if (value) {
      for (const one of value) writer.tag(number, WireType.LengthDelimited).bytes(one);
    }
  }
  return writer.finish();
}

/**
 * The length-delimited and varint fields of a message. Readers of protobuf disagree on a field that comes twice, so one
 * that is not named as repeated may come once.
 * @throws {@link PreparationForgedError}
 */
export class Fields {
  readonly #bytes = new Map<number, Uint8Array[]>();
  readonly #integers = new Map<number, bigint>();

  /** @param single - Numbers of the fields that may be there, once each; @param repeated - of those that may come often. */
  constructor(bytes: Uint8Array, single: readonly number[], repeated: readonly number[] = []) {
    try {
      this.#read(new BinaryReader(bytes), single, repeated);
    } catch (error) {
      if (error instanceof PreparationForgedError) throw error;
      throw new PreparationForgedError('it cannot be read');
    }
  }

  /** Empty if the field is absent. */
  bytes(number: number): Uint8Array {
    return this.#bytes.get(number)?.[0] ?? new Uint8Array();
  }

  integer(number: number): bigint {
    return this.#integers.get(number) ?? 0n;
  }

  #read(reader: BinaryReader, single: readonly number[], repeated: readonly number[]): void {
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      const isKnown = this.#bytes.has(number) || this.#integers.has(number);
      if (!repeated.includes(number) && (!single.includes(number) || isKnown))
        throw new PreparationForgedError(`field ${number} is where none should be`);
      if (type === WireType.LengthDelimited)
        this.#bytes.set(number, [...(this.#bytes.get(number) ?? []), reader.bytes()]);
      else if (type === WireType.Varint) this.#integers.set(number, BigInt(reader.int64()));
      else throw new PreparationForgedError(`field ${number} is of a type that none has`);
    }
  }
}
