import { randomBytes } from 'node:crypto';
import { type ConsentContext } from './context.js';

/** Id of a new consent: unguessable, and the same when the same caller repeats the call. */
export function consentId({ caller, services }: ConsentContext, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return randomBytes(16).toString('hex');
  return services.custody.keyedHash('consent', JSON.stringify([caller.subject, idempotencyKey])).slice(0, 32);
}
