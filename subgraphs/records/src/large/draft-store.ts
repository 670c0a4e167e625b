import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { EntryBeingWritten, entryGraphId } from '@medigraph/platform/graph';
import { type Connection, mongo } from 'mongoose';

/** An entry that is brought to the ledger in parts, and by whom. */
export interface Draft {
  readonly patient: string;
  readonly entry: string;
  /** Organisation that signs. */
  readonly mspId: string;
  /** Institution that holds it; absent where the patient writes about themself. */
  readonly institution?: string;
}

interface DraftDocument extends Draft {
  readonly _id: string;
  /** Which call writes it. */
  readonly holder: string;
  /** When something of it was last brought. */
  readonly touchedAt: Date;
}

/** Milliseconds without a sign of life after which whoever wrote it is taken for dead. */
const leaseMs = 30_000;
/** Milliseconds for which another call waits for the one that writes the same. */
const patienceMs = 20_000;
const pollMs = 100;

/** What one call holds of a draft, so that no other writes the same meanwhile. */
export interface DraftLease {
  /** Says that it goes on. @returns false if another has taken it over: it is not this call's any more */
  touch(): Promise<boolean>;
  /** There is nothing left of the draft to clear away; done by who does not hold it any more, it changes nothing. */
  end(): Promise<void>;
}

/**
 * Entries that were begun here and are not complete: noted before the ledger hears of them, so that whatever kills the
 * platform meanwhile, the parts are found and discarded. In a database of its own, beside the read models, which are what
 * the ledger says and nothing else.
 */
export class DraftStore {
  readonly #drafts: mongo.Collection<DraftDocument>;

  constructor(connection: Connection) {
    this.#drafts = connection.getClient().db(`${connection.name}_drafts`).collection('drafts');
  }

  /** @throws {@link EntryBeingWritten} if another call goes on writing it. */
  async take(draft: Draft): Promise<DraftLease> {
    const _id = idOf(draft);
    const holder = randomUUID();
    const deadline = Date.now() + patienceMs;
    while (!(await this.#taken({ _id, ...draft, holder, touchedAt: new Date() }))) {
      if (Date.now() > deadline) throw new EntryBeingWritten(draft.entry);
      await pause(pollMs);
    }
    return this.#lease(_id, holder);
  }

  /** Drafts that nothing was brought of since then. */
  async idleSince(then: Date): Promise<Draft[]> {
    return this.#drafts.find({ touchedAt: { $lt: then } }).toArray();
  }

  /** Takes a draft that nothing was brought of since then; undefined if somebody goes on with it. */
  async takeIdle(draft: Draft, then: Date): Promise<DraftLease | undefined> {
    const _id = idOf(draft);
    const holder = randomUUID();
    const { matchedCount } = await this.#drafts.updateOne(
      { _id, touchedAt: { $lt: then } },
      { $set: { holder, touchedAt: new Date() } },
    );
    return matchedCount === 0 ? undefined : this.#lease(_id, holder);
  }

  #lease(_id: string, holder: string): DraftLease {
    return {
      touch: async () => {
        const touched = { $set: { touchedAt: new Date() } };
        return (await this.#drafts.updateOne({ _id, holder }, touched)).matchedCount === 1;
      },
      end: async () => {
        await this.#drafts.deleteOne({ _id, holder });
      },
    };
  }

  async #taken(draft: DraftDocument): Promise<boolean> {
    const dead = { _id: draft._id, touchedAt: { $lt: new Date(Date.now() - leaseMs) } };
    try {
      await this.#drafts.replaceOne(dead, draft, { upsert: true });
      return true;
    } catch (error) {
      // There is one that is alive, and a second cannot be made beside it.
      if (error instanceof mongo.MongoServerError && error.code === duplicateKey) return false;
      throw error;
    }
  }
}

const idOf = ({ patient, entry }: Draft): string => entryGraphId(patient, entry);

const duplicateKey = 11_000;
