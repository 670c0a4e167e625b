import { type Connection } from 'mongoose';

interface Checkpoint {
  _id: string;
  block: number;
}

/** Stands beside the channels while a read model is being emptied; no channel has such a name. */
const clearingMark = '#clearing';

/** How far the read model has come on each channel. Written last, after everything that a block says. */
export class Checkpoints {
  readonly #connection: Connection;
  readonly #name: string;

  constructor(connection: Connection, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** Last block applied, by channel. */
  async read(): Promise<Map<string, number>> {
    const found = await this.#collection().find().toArray();
    return new Map(found.filter(({ _id }) => _id !== clearingMark).map(({ _id, block }) => [_id, block]));
  }

  async write(channel: string, block: number): Promise<void> {
    await this.#collection().updateOne({ _id: channel }, { $set: { block } }, { upsert: true });
  }

  /** Marks the read model as being emptied and forgets how far it had come. */
  async beginClearing(): Promise<void> {
    await this.#collection().updateOne({ _id: clearingMark }, { $set: { block: -1 } }, { upsert: true });
    await this.#collection().deleteMany({ _id: { $ne: clearingMark } });
  }

  async endClearing(): Promise<void> {
    await this.#collection().deleteOne({ _id: clearingMark });
  }

  /** True if the process ended while it emptied the read model. */
  async isClearing(): Promise<boolean> {
    return (await this.#collection().findOne({ _id: clearingMark })) !== null;
  }

  #collection() {
    return this.#connection.collection<Checkpoint>(this.#name);
  }
}
