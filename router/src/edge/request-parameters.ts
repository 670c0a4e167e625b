import { type IncomingMessage } from 'node:http';
import {
  BatchingNotSupportedError,
  BodyTooLargeError,
  MalformedRequestError,
  UnsupportedMediaTypeError,
} from '../errors.js';
import { toOperationRequest, type OperationRequest } from '../operations/operation-request.js';
import { isJson } from './media-types.js';

/**
 * The GraphQL parameters of a POST.
 * @param maxDocument - characters of the document: what may be larger is what its variables carry
 * @throws `RouterError`
 */
export async function parametersOfBody(
  request: IncomingMessage,
  maxBytes: number,
  maxDocument: number,
): Promise<OperationRequest> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (!isJson(request.headers['content-type']) || encoding !== 'identity')
    throw new UnsupportedMediaTypeError();
  const parameters = parseJson(await readBody(request, maxBytes), 'The request body is not JSON.');
  if (Array.isArray(parameters)) throw new BatchingNotSupportedError();
  const operation = toOperationRequest(parameters);
  if ((operation.query?.length ?? 0) > maxDocument) throw new BodyTooLargeError(maxDocument);
  return operation;
}

/** The GraphQL parameters of a GET. @throws `RouterError` */
export function parametersOfUrl(search: URLSearchParams): OperationRequest {
  const json = (name: string): unknown => {
    const value = search.get(name);
    return value === null || value === ''
      ? undefined
      : parseJson(value, `The parameter "${name}" is not JSON.`);
  };
  return toOperationRequest({
    query: search.get('query') ?? undefined,
    operationName: search.get('operationName') ?? undefined,
    documentId: search.get('documentId') ?? undefined,
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function parseJson(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedRequestError(complaint, { cause: error });
  }
}

/** The body as text. @throws `RouterError` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLargeError(maxBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // What is over the limit is not kept; the answer closes the connection.
      if (length > maxBytes) reject(new BodyTooLargeError(maxBytes));
      else chunks.push(chunk);
    });
    request.once('end', () => {
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks, length)));
      } catch (error) {
        reject(new MalformedRequestError('The request body is not UTF-8.', { cause: error }));
      }
    });
    request.once('error', (error) => {
      reject(new MalformedRequestError('The request broke off.', { cause: error }));
    });
  });
}
