import { randomUUID } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

/** The id under which a request is found in every log: the caller's own (`X-Request-Id`), if it looks like one, or a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
}
