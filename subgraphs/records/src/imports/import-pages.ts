/** Imports over HTTP: `POST /imports/PATIENT` takes NDJSON of any size, and tells line by line what became of it. */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { PlatformError } from '@medigraph/platform/errors';
import { unpacked } from '@medigraph/platform/fhir';
import { type AcquisitionLimits, type HttpPages, requireWriteScope } from '@medigraph/platform/graph';
import { type RecordsContext } from '../context.js';
import { StorageNotAuthorized } from '../errors.js';
import { ImportRequestError, ImportsBusy } from './errors.js';
import { importLines } from './streaming.js';
import { institutionTarget } from './targets.js';

const mediaTypes: ReadonlySet<string> = new Set([
  'application/fhir+ndjson',
  'application/x-ndjson',
  'application/ndjson',
]);
const mostNames = 20;

const statusOf: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  IMPORT_UNREADABLE: 400,
  FORBIDDEN: 403,
  STORAGE_NOT_AUTHORIZED: 403,
  PATIENT_NOT_FOUND: 404,
  IMPORT_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  DOCUMENTS_UNAVAILABLE: 503,
  LEDGER_UNAVAILABLE: 503,
};

/** @see HttpPages */
export class ImportPages implements HttpPages<RecordsContext> {
  readonly paths = ['/imports/'];
  readonly #limits: AcquisitionLimits;
  #running = 0;

  constructor(limits: AcquisitionLimits) {
    this.#limits = limits;
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    context: RecordsContext,
  ): Promise<void> {
    try {
      const gzip = requireForm(request);
      requireWriteScope(context.caller);
      const knownAs = url.searchParams.getAll('knownAs');
      if (knownAs.length > mostNames) throw new ImportRequestError(400, `knownAs: at most ${mostNames}.`);
      const patient = url.pathname.slice('/imports/'.length);
      const target = await institutionTarget(context, patient, url.searchParams.get('source') ?? undefined);
      // The ledger asks again when entries are written; gigabytes should not be sent to be refused then.
      if ((await context.relationshipWith(patient))?.storage !== true)
        throw new StorageNotAuthorized(patient);
      if (this.#running >= this.#limits.importsAtOnce) throw new ImportsBusy();
      this.#running += 1;
      try {
        const sent = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
        const bytes = unpacked(sent, { gzip, limit: this.#limits.importBytes });
        await answer(response, importLines(context, target, knownAs, bytes));
      } finally {
        this.#running -= 1;
      }
    } catch (error) {
      refuse(response, error, context);
    }
  }
}

/** By what a request says of itself, before any of it is read. @returns whether it is packed. */
function requireForm({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST') throw new ImportRequestError(405, 'Imports are sent by POST.', { allow: 'POST' });
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (!mediaTypes.has(type.trim().toLowerCase()))
    throw new ImportRequestError(415, 'Send application/fhir+ndjson: a resource a line.');
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new ImportRequestError(415, 'Send it as it is, or packed with gzip.', {
      'accept-encoding': 'gzip',
    });
  return encoding === 'gzip';
}

interface Line {
  readonly status: 'STORED' | 'EXISTING' | 'REFUSED';
}

/**
 * Nothing is answered before the first batch is through, so that what is wrong with the whole has a status of its own. After
 * that it is the last line that tells how it ended: an answer without one broke off.
 */
async function answer(response: ServerResponse, batches: AsyncIterable<readonly Line[]>): Promise<void> {
  const counts = { STORED: 0, EXISTING: 0, REFUSED: 0 };
  for await (const outcomes of batches) {
    if (response.destroyed) return;
    if (!response.headersSent)
      response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    for (const { status } of outcomes) counts[status] += 1;
    await write(response, outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''));
  }
  if (!response.headersSent)
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(counts)}\n`);
}

/** Whoever does not read what they are told is not read from either. */
async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

function refuse(response: ServerResponse, error: unknown, { services: { logger } }: RecordsContext): void {
  // A caller that has gone is no failure of anybody's, and nobody is left to be told.
  if (response.destroyed) return;
  const known = error instanceof PlatformError;
  if (response.headersSent) {
    if (!known) logger.error({ err: error }, 'import failed');
    const { code, message } = known
      ? error
      : { code: 'INTERNAL_ERROR', message: 'Something went wrong here.' };
    response.end(`${JSON.stringify({ code, message })}\n`);
    return;
  }
  if (!known) throw error;
  const status = error instanceof ImportRequestError ? error.status : (statusOf[error.code] ?? 500);
  if (error instanceof ImportRequestError)
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  if (error instanceof ImportsBusy) response.setHeader('retry-after', error.extensions.retryAfter);
  // What is still to come of the request is not read, so the connection can serve no other.
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    })
    .end(JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code } }] }));
}
