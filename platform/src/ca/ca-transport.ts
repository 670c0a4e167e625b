import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { CaRefusedError, CaUnavailableError } from './errors.js';

/** Where an authority is reached. */
export interface CaEndpoint {
  /** `https://host:port`; a path in front of `/api/v1` is kept. */
  readonly url: string;
  /** Of the authority, where its server has several. */
  readonly name?: string | undefined;
  /** PEM of the authority of the server's TLS certificate; the public ones if absent. */
  readonly tlsCaCertificate?: string | undefined;
}

/** What is sent. */
export interface CaMessage {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the endpoint's address. */
  readonly path: string;
  readonly authorization?: string;
  readonly body?: string;
}

/** Milliseconds until a request counts as lost. */
const timeout = 30_000;

const envelope = z.object({
  result: z.unknown(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).nullable(),
  success: z.boolean(),
});

/** Sends a request to an authority. Answers its result. @throws {@link CaRefusedError}, {@link CaUnavailableError} */
export async function exchange(endpoint: CaEndpoint, message: CaMessage): Promise<unknown> {
  const { status, content } = await send(endpoint, message);
  let answer: z.infer<typeof envelope>;
  try {
    answer = envelope.parse(JSON.parse(content));
  } catch (error) {
    throw new CaUnavailableError(`${endpoint.url} answered ${status} and nothing that an authority says`, {
      cause: error,
    });
  }
  if (answer.success) return answer.result;
  const [first] = answer.errors ?? [];
  throw new CaRefusedError(status, first?.code ?? 0, first?.message ?? 'The authority does not say why');
}

async function send(
  { url, tlsCaCertificate }: CaEndpoint,
  { method, path, authorization, body = '' }: CaMessage,
): Promise<{ status: number; content: string }> {
  const target = new URL(`${url.replace(/\/$/, '')}${path}`);
  const request = (target.protocol === 'http:' ? requestPlain : requestTls)(target, {
    method,
    timeout,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    ...(tlsCaCertificate !== undefined && { ca: tlsCaCertificate }),
  });
  try {
    return await new Promise((resolve, reject) => {
      request.once('timeout', () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
      request.once('error', reject);
      request.once('response', (response) => {
        text(response).then((content) => resolve({ status: response.statusCode ?? 0, content }), reject);
      });
      request.end(body);
    });
  } catch (error) {
    throw new CaUnavailableError(`${target.origin} did not answer: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
