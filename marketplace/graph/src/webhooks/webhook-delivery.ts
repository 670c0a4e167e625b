/** Delivers the events of one web hook, in their order, each at least once. */
import { setTimeout as delay } from 'node:timers/promises';
import { type WebhookStates, type WebhookDocument } from '@medigraph/platform/operation';
import { type Projector } from '@medigraph/platform/projection';
import { type Logger } from '@medigraph/platform/telemetry';
import { Backoff } from '@medigraph/platform/time';
import { eventItem } from '../event-item.js';
import { type EventField, type GraphModel } from '../graph-model.js';
import { headersOf, messageOf, type WebhookMessage } from './webhook-message.js';
import { type WebhookPost } from './webhook-post.js';

/** What deliveries go by; all in milliseconds. */
export interface WebhookPace {
  /** Between two attempts, growing from the first to the limit. */
  readonly pauses: { readonly initial: number; readonly limit: number };
  /** A web hook that has failed for so long is disabled. */
  readonly disableAfterMs: number;
  /** Between two looks whether a disabled one was resumed. */
  readonly lookEveryMs: number;
}

export const defaultPace: WebhookPace = {
  pauses: { initial: 5_000, limit: 3_600_000 },
  disableAfterMs: 3 * 86_400_000,
  lookEveryMs: 5_000,
};

/** What deliveries are made with. */
export interface WebhookMeans {
  readonly states: WebhookStates;
  readonly post: WebhookPost;
  readonly logger: Logger;
  readonly pace?: WebhookPace;
}

/** @see deliverWebhook */
export interface WebhookDeliveryOptions extends WebhookMeans {
  readonly model: GraphModel;
  readonly field: EventField;
  readonly url: string;
  readonly projector: Pick<Projector, 'events'>;
}

/** Events of others between two notes of how far it has come. */
const passedAtOnce = 1_000;

/** Delivers until the signal; goes on where it was when anything of the platform fails. */
export async function deliverWebhook(options: WebhookDeliveryOptions, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ initial: 100, limit: 5_000 });
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    try {
      await deliverEvents(options, signal);
    } catch (error) {
      if (ended()) return;
      options.logger.warn(
        { err: error, dapp: options.model.dapp },
        'a web hook cannot be served; trying again',
      );
      await backoff.pause(signal);
    }
  }
}

async function deliverEvents(options: WebhookDeliveryOptions, signal: AbortSignal): Promise<void> {
  const { model, field, url, states, projector } = options;
  const channels = [model.channel];
  const name = { dapp: model.dapp, event: field.event, url };
  const hook = await states.open(name, () => projector.events({ channels, signal }).start);
  let passed = 0;
  for await (const { cursor, event } of projector.events({ channels, after: hook.cursor, signal })) {
    const item = eventItem(model, field, event, options.logger);
    if (item === undefined) {
      passed += 1;
      if (passed % passedAtOnce === 0) await states.passed(hook._id, cursor);
      continue;
    }
    const subject = { webhook: hook._id, dapp: model.dapp, version: model.version, event: field.event, item };
    if (!(await deliver(options, hook, messageOf(subject, event), signal))) return;
    await states.delivered(hook._id, cursor);
  }
}

/** @returns false if the signal came first. */
async function deliver(
  { model, url, states, post, logger, pace = defaultPace }: WebhookDeliveryOptions,
  { _id }: WebhookDocument,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff(pace.pauses);
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    if ((await states.find(_id))?.state === 'disabled') {
      await pause(pace.lookEveryMs, signal);
      backoff.reset();
      continue;
    }
    const headers = headersOf(message, await states.secretsOf(model.dapp));
    const outcome = await post.send(url, headers, message.body, signal);
    if (outcome.ok) return true;
    if (ended()) return false;
    const since = await states.failed(_id, outcome.reason);
    if (outcome.gone === true || Date.now() - Date.parse(since) >= pace.disableAfterMs) {
      await states.disable(_id);
      logger.warn({ dapp: model.dapp, webhook: _id, reason: outcome.reason }, 'a web hook is disabled');
    } else if (outcome.retryAfterMs === undefined) await backoff.pause(signal);
    else await pause(outcome.retryAfterMs, signal);
  }
  return false;
}

/** Resolves after the time, or at once when the signal aborts. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
