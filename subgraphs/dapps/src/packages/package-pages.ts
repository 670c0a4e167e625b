/** Packages over HTTP: `PUT /packages/SHA256` sends one, `GET /packages/SHA256` has it back. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '@medigraph/platform/errors';
import { type HttpPages, requireWriteScope } from '@medigraph/platform/graph';
import { PackageNotFoundError, PackagesBusyError } from '@medigraph/platform/packages';
import { type DAppsContext } from '../context.js';
import { publishing, visiblePackages } from '../policy.js';
import { PackageRequestError } from './errors.js';

const folder = '/packages/';
const digest = /^[0-9a-f]{64}$/;

const statusOf: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  FORBIDDEN: 403,
  PACKAGE_NOT_FOUND: 404,
  PACKAGE_TOO_LARGE: 413,
  PACKAGE_QUOTA_EXCEEDED: 413,
  PACKAGE_TAMPERED: 422,
  PACKAGES_BUSY: 429,
  DOCUMENTS_UNAVAILABLE: 503,
};

/** @see HttpPages */
export class PackagePages implements HttpPages<DAppsContext> {
  readonly paths = [folder];

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    { pathname }: URL,
    context: DAppsContext,
  ): Promise<void> {
    try {
      const sha256 = pathname.slice(folder.length);
      if (!digest.test(sha256))
        throw new PackageRequestError(400, 'A package is named by its SHA-256: 64 digits of 0-9 and a-f.');
      if (request.method === 'PUT') await take(request, response, sha256, context);
      else if (request.method === 'GET') await give(response, sha256, context);
      else
        throw new PackageRequestError(405, 'Packages are sent by PUT and read by GET.', {
          allow: 'GET, PUT',
        });
    } catch (error) {
      refuse(request, response, error);
    }
  }
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  sha256: string,
  context: DAppsContext,
): Promise<void> {
  requireWriteScope(context.caller);
  context.requireRole(...publishing);
  const known = await context.packages.want(sha256);
  if (known) {
    request.resume();
    sendJson(response, 200, known);
    return;
  }
  const sent = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const announced = Number(request.headers['content-length'] ?? 0);
  // Whoever acts for no institution does for the organisation.
  const owner = (await context.viewer()).institution ?? context.caller.mspId;
  sendJson(response, 201, await context.packages.put({ sha256, owner, announced }, sent));
}

async function give(response: ServerResponse, sha256: string, context: DAppsContext): Promise<void> {
  const onlooker = await context.onlooker();
  const { releases } = context.book;
  const allowed =
    onlooker.reviews ||
    (await releases.exists({ $and: [{ 'package.sha256': sha256 }, visiblePackages(onlooker)] })) !== null;
  const found = allowed ? await context.packages.read(sha256) : undefined;
  if (!found) throw new PackageNotFoundError(sha256);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': found.size,
    'content-disposition': `attachment; filename="${sha256}.medigraph"`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    // A digest names the same bytes for ever; whom they are shown to may change.
    'cache-control': 'private, no-cache',
    etag: `"${sha256}"`,
  });
  await pipeline(Readable.from(found.bytes, { objectMode: true, highWaterMark: 1 }), response);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // A caller that has gone is no failure of anybody's, and nobody is left to be told.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(error instanceof PlatformError)) throw error;
  const { code, message } = error;
  if (error instanceof PackageRequestError)
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  if (error instanceof PackagesBusyError) response.setHeader('retry-after', error.extensions.retryAfter);
  // What is still to come of the request is not read, so the connection can serve no other.
  if (request.method === 'PUT') response.setHeader('connection', 'close');
  const status = error instanceof PackageRequestError ? error.status : (statusOf[code] ?? 500);
  sendJson(response, status, { errors: [{ message, extensions: { code } }] });
}
