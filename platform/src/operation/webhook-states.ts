/** How far the web hooks of DApps have come, and whether they work. */
import { createHash } from 'node:crypto';
import { type Connection, type Model } from 'mongoose';
import { besideReadModels } from './beside-read-models.js';

/** A web hook: an event of a DApp's contracts, and where its back end hears of it. */
export interface WebhookName {
  readonly dapp: string;
  readonly event: string;
  readonly url: string;
}

/** A web hook as it stands. */
export interface WebhookDocument extends WebhookName {
  readonly _id: string;
  /** Of the last event that was delivered, or passed over. */
  readonly cursor: string;
  /** A disabled one is sent nothing until its publisher resumes it. */
  readonly state: 'active' | 'disabled';
  /** Attempts that failed since the last one that did not. */
  readonly failures: number;
  /** ISO 8601. */
  readonly failingSince?: string;
  /** What the last attempt failed with. */
  readonly reason?: string;
  readonly deliveredAt?: string;
  readonly expiresAt?: Date;
}

interface SecretDocument {
  readonly _id: string;
  /** How often the DApp's secret was changed. */
  readonly generation: number;
  readonly changedAt: Date;
  readonly expiresAt?: Date;
}

/** @see WebhookStates */
export interface WebhookStatesOptions {
  /** Of the read models: states are in a database beside theirs, which no rebuild touches. */
  readonly connection: Connection;
  /** Digest (hex) of a text that nobody without the platform's key can make: secrets are derived, and nowhere kept. */
  readonly keyedHash: (text: string) => string;
}

/** For so long a secret signs after it was changed, so that a back end can take the new one up. */
const formerSecretMs = 86_400_000;

/** Id of a web hook: short, whatever its address. */
export const webhookId = ({ dapp, event, url }: WebhookName): string =>
  `${dapp}/${event}/${createHash('sha256').update(url).digest('hex').slice(0, 32)}`;

/** Durable states of web hooks, shared by those who deliver and those who look. */
export class WebhookStates {
  readonly hooks: Model<WebhookDocument>;
  readonly #secrets: Model<SecretDocument>;
  readonly #keyedHash: (text: string) => string;

  constructor({ connection, keyedHash }: WebhookStatesOptions) {
    this.hooks = besideReadModels<WebhookDocument>(connection, 'dapp_webhooks', [{ dapp: 1, _id: 1 }]);
    this.#secrets = besideReadModels<SecretDocument>(connection, 'dapp_webhook_secrets', []);
    this.#keyedHash = keyedHash;
  }

  /** A web hook; a new one begins at the cursor. */
  async open(name: WebhookName, cursor: () => string): Promise<WebhookDocument> {
    const _id = webhookId(name);
    const found = await this.find(_id);
    if (found) return found;
    const made: WebhookDocument = { _id, ...name, cursor: cursor(), state: 'active', failures: 0 };
    await this.hooks.updateOne({ _id }, { $setOnInsert: made }, { upsert: true }).exec();
    return (await this.find(_id)) ?? made;
  }

  async find(_id: string): Promise<WebhookDocument | undefined> {
    return (await this.hooks.findById(_id).lean<WebhookDocument>().exec()) ?? undefined;
  }

  /** Passes over events that are not the web hook's. */
  async passed(_id: string, cursor: string): Promise<void> {
    await this.hooks.updateOne({ _id }, { $set: { cursor } }).exec();
  }

  async delivered(_id: string, cursor: string): Promise<void> {
    const $set = { cursor, failures: 0, deliveredAt: new Date().toISOString() };
    await this.hooks.updateOne({ _id }, { $set, $unset: { failingSince: '', reason: '' } }).exec();
  }

  /** @returns since when it has failed. */
  async failed(_id: string, reason: string): Promise<string> {
    const known = (await this.find(_id))?.failingSince;
    const failingSince = known ?? new Date().toISOString();
    await this.hooks.updateOne({ _id }, { $set: { reason, failingSince }, $inc: { failures: 1 } }).exec();
    return failingSince;
  }

  async disable(_id: string): Promise<void> {
    await this.hooks.updateOne({ _id }, { $set: { state: 'disabled' } }).exec();
  }

  /** From where it stopped. @returns whether there is such a one. */
  async resume(_id: string): Promise<boolean> {
    const $set = { state: 'active', failures: 0 } as const;
    const { matchedCount } = await this.hooks
      .updateOne({ _id }, { $set, $unset: { failingSince: '', reason: '' } })
      .exec();
    return matchedCount === 1;
  }

  /** Gives a DApp another secret; the one before signs beside it for a day. */
  async changeSecret(dapp: string): Promise<string> {
    const changed = await this.#secrets
      .findOneAndUpdate(
        { _id: dapp },
        { $inc: { generation: 1 }, $set: { changedAt: new Date() } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean<SecretDocument>()
      .exec();
    return `whsec_${this.#secret(dapp, changed.generation).toString('base64')}`;
  }

  /** Keys that sign now; the newest first. Until its publisher has asked for one, nobody knows it. */
  async secretsOf(dapp: string): Promise<Buffer[]> {
    const found = await this.#secrets.findById(dapp).lean<SecretDocument>().exec();
    const generation = found?.generation ?? 0;
    const former = found && generation > 1 && Date.now() - found.changedAt.getTime() < formerSecretMs;
    return [generation, ...(former ? [generation - 1] : [])].map((one) => this.#secret(dapp, one));
  }

  #secret(dapp: string, generation: number): Buffer {
    return Buffer.from(this.#keyedHash(JSON.stringify([dapp, generation])), 'hex');
  }
}
