import { decodeDocument } from '../bson/decode.js';
import { encodeDocument } from '../bson/encode.js';
import type { Doc } from '../bson/value.js';
import type { CommandError } from '../errors.js';
import { crc32c } from './crc32c.js';

/** The largest message that is taken, in bytes. */
export const MAX_MESSAGE_BYTES = 48_000_000;

const HEADER_BYTES = 16;
const CHECKSUM_BYTES = 4;

enum OpCode {
  Reply = 1,
  Query = 2004,
  Msg = 2013,
}

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** The flag bits that a server must understand or refuse; the upper half may be passed over. */
const REQUIRED_FLAGS = 0xffff;

/** A request as it came. */
export interface Request {
  readonly requestId: number;
  /** How it is answered: as it was asked. */
  readonly form: 'msg' | 'query';
  readonly body: Doc;
  /** Document sequences by name, each document whole and not yet decoded. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  /** False where the client waits for no answer. */
  readonly answered: boolean;
  /** The namespace of a legacy query. */
  readonly namespace: string | undefined;
}

/** The bytes do not follow the protocol: nothing after them can be understood, and the connection ends. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/**
 * Cuts messages out of a stream of bytes.
 *
 * @throws {@link MalformedMessageError} at a length that no message has.
 */
export class MessageReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Takes bytes in, and gives the messages that are whole with them. */
  *read(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= HEADER_BYTES) {
      const length = this.#join(4).readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
        throw new MalformedMessageError(`message of ${length} bytes`);
      if (this.#bytes < length) return;
      const all = this.#join(length);
      const rest = all.subarray(length);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      yield all.subarray(0, length);
    }
  }

  /** The pending bytes, the first so many of them in one piece. */
  #join(wanted: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= wanted) {
      if (this.#chunks.length === 1 || wanted <= 4) return first;
    }
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/**
 * Reads one whole message.
 *
 * @throws {@link MalformedMessageError} where it breaks the protocol; {@link CommandError} where it can be answered that it is wrong.
 */
export function parseMessage(bytes: Buffer): Request {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === (OpCode.Msg as number)) return parseMsg(bytes, requestId);
  if (opCode === (OpCode.Query as number)) return parseQuery(bytes, requestId);
  throw new MalformedMessageError(`opcode ${opCode} is not supported`);
}

function parseMsg(bytes: Buffer, requestId: number): Request {
  if (bytes.length < HEADER_BYTES + 4) throw new MalformedMessageError('no flags');
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if (flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME))
    throw new MalformedMessageError(`unknown required flags ${flags}`);
  const end = flags & CHECKSUM_PRESENT ? bytes.length - CHECKSUM_BYTES : bytes.length;
  if (end !== bytes.length && crc32c(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    throw new MalformedMessageError('the checksum does not match');
  let body: Doc | undefined;
  const sequences = new Map<string, readonly Uint8Array[]>();
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = bytes[at];
    const size = sectionSize(bytes, at + 1, end);
    const section = bytes.subarray(at + 1, at + 1 + size);
    if (kind === 0) {
      if (body) throw new MalformedMessageError('more than one body');
      body = decodeDocument(section);
    } else if (kind === 1) {
      const { name, documents } = parseSequence(section);
      if (sequences.has(name)) throw new MalformedMessageError(`sequence ${name} twice`);
      sequences.set(name, documents);
    } else throw new MalformedMessageError(`unknown section kind ${kind ?? 'none'}`);
    at += 1 + size;
  }
  if (!body) throw new MalformedMessageError('no body');
  const answered = (flags & MORE_TO_COME) === 0;
  return { requestId, form: 'msg', body, sequences, answered, namespace: undefined };
}

function sectionSize(bytes: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? bytes.readInt32LE(at) : -1;
  if (size < 5 || at + size > end) throw new MalformedMessageError('a section reaches past the message');
  return size;
}

function parseSequence(section: Buffer): { readonly name: string; readonly documents: Uint8Array[] } {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new MalformedMessageError('a sequence without name');
  const documents: Uint8Array[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = sectionSize(section, at, section.length);
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  return { name: section.toString('utf8', 4, nameEnd), documents };
}

function parseQuery(bytes: Buffer, requestId: number): Request {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  const at = nameEnd + 9;
  if (nameEnd < 0 || at + 5 > bytes.length) throw new MalformedMessageError('a truncated query');
  const size = sectionSize(bytes, at, bytes.length);
  return {
    requestId,
    form: 'query',
    body: decodeDocument(bytes.subarray(at, at + size)),
    sequences: new Map(),
    answered: true,
    namespace: bytes.toString('utf8', HEADER_BYTES + 4, nameEnd),
  };
}

let lastResponse = 0;

/** Writes the answer to a request in the request's form. */
export function encodeResponse(
  request: Pick<Request, 'requestId' | 'form'>,
  answer: Doc | Uint8Array,
): Buffer {
  const document = answer instanceof Uint8Array ? answer : encodeDocument(answer);
  const prefix = request.form === 'msg' ? 5 : 20;
  const header = Buffer.alloc(HEADER_BYTES + prefix);
  lastResponse = (lastResponse + 1) & 0x7fffffff;
  header.writeInt32LE(header.length + document.length, 0);
  header.writeInt32LE(lastResponse, 4);
  header.writeInt32LE(request.requestId, 8);
  header.writeInt32LE(request.form === 'msg' ? OpCode.Msg : OpCode.Reply, 12);
  if (request.form === 'query') {
    header.writeInt32LE(8, HEADER_BYTES); // AwaitCapable
    header.writeInt32LE(1, HEADER_BYTES + 16);
  }
  return Buffer.concat([header, document]);
}

/** The answer to a refused command. */
export function errorAnswer(error: CommandError): Doc {
  return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.details };
}
