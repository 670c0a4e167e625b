import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import {
  MalformedRequestError,
  PersistedQueryMismatchError,
  PersistedQueryNotFoundError,
  PersistedQueryNotSupportedError,
  UntrustedDocumentError,
} from '../errors.js';
import { type OperationRequest } from './operation-request.js';

/** Finds the text of the document that a request means. */
export interface PersistedOperations {
  /** The only texts that are executed, where the list is closed: they are made ready before anybody asks. */
  readonly closedList?: Iterable<string>;
  /** @throws a coded error where there is none that may be executed. */
  textOf(request: OperationRequest): string;
  /** Is told of a text that turned out to be good. */
  accept(request: OperationRequest, text: string): void;
}

const extension = z.object({ version: z.literal(1), sha256Hash: z.string().regex(/^[0-9a-f]{64}$/i) });

/** The hash by which a request names its document, in lower case: Apollo's extension, or `documentId`. */
function hashOf({ extensions, documentId }: OperationRequest): string | undefined {
  if (documentId !== undefined) return documentId.replace(/^sha256:/, '').toLowerCase();
  if (extensions?.persistedQuery === undefined) return undefined;
  const parsed = extension.safeParse(extensions.persistedQuery);
  if (!parsed.success) throw new MalformedRequestError('The extension "persistedQuery" is malformed.');
  return parsed.data.sha256Hash.toLowerCase();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function given({ query }: OperationRequest): string {
  if (!query) throw new MalformedRequestError('The parameter "query" is missing.');
  return query;
}

/** Only whole texts: what names a document by hash is refused. */
export class NoPersistedOperations implements PersistedOperations {
  textOf(request: OperationRequest): string {
    if (!request.query && hashOf(request) !== undefined) throw new PersistedQueryNotSupportedError();
    return given(request);
  }

  accept(): void {
    // Nothing is kept.
  }
}

/** Automatic persisted queries, as Apollo's clients speak them: texts seen once are known by their hash from then on. */
export class AutomaticPersistedQueries implements PersistedOperations {
  readonly #texts: LRUCache<string, string>;

  /** @param maxCharacters of all texts together; the least recently used go first. */
  constructor(maxCharacters = 8 * 1024 * 1024) {
    this.#texts = new LRUCache({
      maxSize: maxCharacters,
      sizeCalculation: (text) => Math.max(1, text.length),
    });
  }

  textOf(request: OperationRequest): string {
    const hash = hashOf(request);
    if (hash === undefined) return given(request);
    if (request.query) {
      if (sha256(request.query) !== hash) throw new PersistedQueryMismatchError();
      return request.query;
    }
    const known = this.#texts.get(hash);
    if (known === undefined) throw new PersistedQueryNotFoundError();
    return known;
  }

  accept(request: OperationRequest, text: string): void {
    const hash = hashOf(request);
    if (hash !== undefined && request.query) this.#texts.set(hash, text);
  }
}

const trustedFile = z.record(z.string(), z.string());

/** An allow-list for production: nothing but documents that were known beforehand is executed. */
export class TrustedDocuments implements PersistedOperations {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #hashes: ReadonlySet<string>;

  /** @param documents texts by id; the SHA-256 of each text, in hex, names it too. */
  constructor(documents: Readonly<Record<string, string>>) {
    const entries = Object.entries(documents).map(([id, text]) => ({
      id: id.toLowerCase(),
      text,
      hash: sha256(text),
    }));
    this.#texts = new Map(
      entries.flatMap(({ id, text, hash }) => [
        [id, text],
        [hash, text],
      ]),
    );
    this.#hashes = new Set(entries.map(({ hash }) => hash));
  }

  /** Reads a JSON file that maps ids to texts. @throws where the file is not such a map. */
  static async read(file: string): Promise<TrustedDocuments> {
    return new TrustedDocuments(trustedFile.parse(JSON.parse(await readFile(file, 'utf8'))));
  }

  get closedList(): Iterable<string> {
    return new Set(this.#texts.values());
  }

  textOf(request: OperationRequest): string {
    const hash = hashOf(request);
    const text = hash === undefined ? given(request) : this.#texts.get(hash);
    if (text === undefined || !this.#hashes.has(sha256(text))) throw new UntrustedDocumentError();
    return text;
  }

  accept(): void {
    // The list is closed.
  }
}
