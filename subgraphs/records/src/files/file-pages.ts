/** Files over HTTP: `GET /files/ENTRY` reads one, `/uploads/ENTRY` takes one as the tus protocol 1.0 says. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '@medigraph/platform/errors';
import { type ByteRange, fileKeyOf, UploadNotFoundError, UploadOffsetError } from '@medigraph/platform/files';
import { type HttpPages, requireWriteScope } from '@medigraph/platform/graph';
import { purposesOfUse } from '@medigraph/schema';
import { z } from 'zod';
import { type RecordsContext } from '../context.js';
import { DataLinker } from '../data-linker.js';
import { EntryNotFound } from '../errors.js';
import { purposeOf } from '../policy.js';
import { contentDisposition, rangeOf } from './download-headers.js';
import { FileRequestError } from './errors.js';
import { describedFile, type FileDescription } from './file-description.js';
import { type EntryUpload, type FileService } from './file-service.js';

const tusVersion = '1.0.0';
const uploadMediaType = 'application/offset+octet-stream';
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const statusOf: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  FORBIDDEN: 403,
  ENTRY_NOT_FOUND: 404,
  UPLOAD_NOT_FOUND: 404,
  UPLOAD_OFFSET_INVALID: 409,
  FILE_TOO_LARGE: 413,
  UPLOAD_BUSY: 423,
  DOCUMENTS_UNAVAILABLE: 503,
  LEDGER_UNAVAILABLE: 503,
};

interface OpenedFile extends FileDescription {
  readonly digest: { readonly size: number; readonly sha256: string };
  read(range?: ByteRange): AsyncGenerator<Buffer>;
}

/** @see HttpPages */
export class FilePages implements HttpPages<RecordsContext> {
  readonly paths = ['/files/', '/uploads/'];
  readonly #files: FileService;

  constructor(files: FileService) {
    this.#files = files;
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    context: RecordsContext,
  ): Promise<void> {
    try {
      const [, kind, name = ''] = url.pathname.split('/', 3);
      const id = decodeURIComponent(name);
      if (kind === 'files') await this.#download(request, response, id, url.searchParams, context);
      else await this.#upload(request, response, id, context);
    } catch (error) {
      this.#refuse(request, response, error, context);
    }
  }

  async #download(
    { method, headers }: IncomingMessage,
    response: ServerResponse,
    id: string,
    parameters: URLSearchParams,
    context: RecordsContext,
  ): Promise<void> {
    if (method !== 'GET') throw new FileRequestError(405, 'Files are read by GET.', { allow: 'GET' });
    const file = await this.#open(id, parameters.get('purpose'), context);
    const range = rangeOf(headers.range, file.size);
    const parts = file.read(range);
    // Before anything is answered it is known that at least the first segment is right.
    const first = await parts.next();
    const length = range === undefined ? file.size : range.last - range.first + 1;
    response.writeHead(range === undefined ? 200 : 206, {
      'content-type': file.contentType,
      'content-length': length,
      'content-disposition': contentDisposition(file.name),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'accept-ranges': 'bytes',
      ...(range && { 'content-range': `bytes ${range.first}-${range.last}/${file.size}` }),
    });
    const all = async function* (): AsyncGenerator<Buffer> {
      if (first.done !== true) yield first.value;
      yield* parts;
    };
    await pipeline(Readable.from(all(), { highWaterMark: 1 }), response);
  }

  /** Opens the entry on the ledger, which checks consent and logs it, and with its key the file. */
  async #open(id: string, purpose: string | null, context: RecordsContext): Promise<OpenedFile> {
    const asked = z.enum(purposesOfUse).nullable().safeParse(purpose);
    if (!asked.success) throw new FileRequestError(400, 'purpose must be a v3 PurposeOfUse.');
    const entry = await context.loaders.entries.load(id);
    if (entry?.attachment === undefined) throw new EntryNotFound(id);
    const reading = { entry, purpose: asked.data ?? purposeOf(context.caller.role) };
    const [opened] = await new DataLinker(context).open([reading]);
    if (opened instanceof Error) throw opened;
    const digest = opened?.entry.attachment;
    const file = opened && describedFile(opened.resource);
    if (opened === undefined || digest === undefined || file === undefined) throw new EntryNotFound(id);
    const key = fileKeyOf(opened.contentKey, id);
    const { reader } = this.#files;
    return {
      ...file,
      digest,
      read: (range) => (range ? reader.readRange(id, key, digest, range) : reader.read(id, key, digest)),
    };
  }

  async #upload(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    context: RecordsContext,
  ): Promise<void> {
    response.setHeader('tus-resumable', tusVersion);
    if (request.headers['tus-resumable'] !== tusVersion)
      throw new FileRequestError(412, `Say Tus-Resumable: ${tusVersion}.`, { 'tus-version': tusVersion });
    requireWriteScope(context.caller);
    const upload = await this.#files.uploadOf(context, id);
    switch (request.method) {
      case 'HEAD':
        response.writeHead(200, {
          'upload-offset': await this.#files.offset(upload),
          'upload-length': upload.size,
          'cache-control': 'no-store',
        });
        break;
      case 'PATCH': {
        if (request.headers['content-type'] !== uploadMediaType)
          throw new FileRequestError(415, `Send it as ${uploadMediaType}.`);
        const from = wholeNumber.safeParse(request.headers['upload-offset']);
        if (!from.success) throw new FileRequestError(400, 'Say with Upload-Offset where it goes on.');
        this.#requireRoom(request, upload.size - from.data, upload.size);
        response.setHeader('upload-offset', await this.#append(request, context, upload, from.data));
        response.writeHead(204);
        break;
      }
      case 'DELETE':
        await this.#files.abort(upload);
        response.writeHead(204);
        break;
      default:
        throw new FileRequestError(405, 'Uploads answer to HEAD, PATCH and DELETE.', {
          allow: 'HEAD, PATCH, DELETE',
        });
    }
    response.end();
  }

  #append(
    request: IncomingMessage,
    context: RecordsContext,
    upload: EntryUpload,
    from: number,
  ): Promise<number> {
    // Whoever sends too much is still to be told so, on the connection that it comes by.
    const source = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    return this.#files.append(context, upload, from, source);
  }

  /** Refuses by what a request says of itself, before any of it is read. */
  #requireRoom({ headers }: IncomingMessage, room: number, size: number): void {
    const declared = wholeNumber.safeParse(headers['content-length']);
    if (declared.success && declared.data > room)
      throw new FileRequestError(413, `More is sent than the ${size} bytes that the upload was begun for.`);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown, context: RecordsContext): void {
    const { logger } = context.services;
    const known = error instanceof PlatformError;
    if (known && error.code === 'FILE_TAMPERED')
      logger.error({ err: error, path: request.url }, 'file is not the ledger’s');
    // A caller that has gone is no failure of anybody's, and nobody is left to be told.
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (!known) throw error;
    if (error instanceof FileRequestError)
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    if (error instanceof UploadOffsetError) response.setHeader('upload-offset', error.offset);
    if (error instanceof UploadNotFoundError) response.removeHeader('upload-offset');
    const status = error instanceof FileRequestError ? error.status : (statusOf[error.code] ?? 500);
    // What is still to come of the request is not read, so the connection can serve no other.
    if (request.method === 'PATCH') response.setHeader('connection', 'close');
    const body = { errors: [{ message: error.message, extensions: { code: error.code } }] };
    response
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
      .end(JSON.stringify(body));
  }
}
