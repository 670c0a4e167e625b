import { type mongo, type Connection } from 'mongoose';

/** How far the keys of a patient or an institution are wrapped for their newest encryption key. */
export interface RewrapProgress {
  /** Keys that there are, as far as is known. */
  readonly total: number;
  /** Keys that are wrapped for the newest encryption key. */
  readonly rewrapped: number;
  /** Keys that no encryption key of theirs opens; they stay as they are. */
  readonly unreadable: number;
  readonly startedAt: string;
  /** Absent while it goes on. */
  readonly endedAt?: string;
  /** When they were looked at again, after the last that could still be written for a former key. */
  readonly settledAt?: string;
  /** Whether the former keys were destroyed then; not if something may still be wrapped for them. */
  readonly discarded?: boolean;
}

type ProgressDocument = RewrapProgress & {
  readonly _id: string;
  /** The newest encryption key, by its coordinates. */
  readonly key: string;
};

/**
 * What is told of rewrapping. Nothing depends on it but what is told, and that whoever's keys are done is not looked
 * at again: lost, it is found out anew from the ledger. In a database of its own, beside the read models, which are what the
 * ledger says and nothing else.
 */
export class ProgressStore {
  readonly #progress: mongo.Collection<ProgressDocument>;

  constructor(connection: Connection) {
    this.#progress = connection.getClient().db(`${connection.name}_rewraps`).collection('progress');
  }

  /** For that encryption key of a patient or an institution. */
  async of(owner: string, key: string): Promise<RewrapProgress | undefined> {
    return (await this.#progress.findOne({ _id: owner, key })) ?? undefined;
  }

  async put(owner: string, key: string, progress: RewrapProgress): Promise<void> {
    await this.#progress.replaceOne({ _id: owner }, { key, ...progress }, { upsert: true });
  }
}
