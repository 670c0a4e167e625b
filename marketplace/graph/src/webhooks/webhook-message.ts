/** What a back end is sent of an event, as {@link https://www.standardwebhooks.com | Standard Webhooks} writes it. */
import { createHash, createHmac } from 'node:crypto';
import { type LedgerEvent } from '@medigraph/platform/projection';

/** A message; the same for every attempt. */
export interface WebhookMessage {
  /** The same for one event and one web hook, wherever and however often it is sent. */
  readonly id: string;
  readonly body: string;
}

/** @see messageOf */
export interface WebhookSubject {
  readonly webhook: string;
  readonly dapp: string;
  readonly version: string;
  readonly event: string;
  /** What subscribers of the graph are shown. */
  readonly item: unknown;
}

export function messageOf(
  { webhook, dapp, version, event, item }: WebhookSubject,
  { position, timestamp, transactionId }: LedgerEvent,
): WebhookMessage {
  const { channel, block, transaction, index } = position;
  const digest = createHash('sha256')
    .update(JSON.stringify([webhook, channel, block, transaction, index]))
    .digest('base64url');
  const data = { dapp, version, event, transaction: { id: transactionId, channel, block }, item };
  return {
    id: `msg_${digest.slice(0, 32)}`,
    body: JSON.stringify({ type: `${dapp}.${event}`, timestamp, data }),
  };
}

/** Headers of an attempt. @param secrets - keys that sign now: a receiver takes the message if one signature is right. */
export function headersOf(
  { id, body }: WebhookMessage,
  secrets: readonly Buffer[],
  now = Date.now(),
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => {
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${signature}`;
  });
  return {
    'content-type': 'application/json',
    'user-agent': 'Medigraph-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
