import api from 'fabric-contract-api';

// The package is CommonJS, whose names Node does not find one by one.
const { Context, Contract, Object: DataType, Param, Property, Returns, Transaction } = api;

/** A class here, for decorators tell by it which parameter is none of a call's. */
export class Call extends Context {}

/** A batch, as the third party keeps it. */
@DataType()
export class Batch {
  @Property('id', 'string')
  id!: string;

  @Property('product', 'string')
  product!: string;

  @Property('patient', 'string')
  patient!: string;

  @Property('recalled', 'boolean')
  recalled!: boolean;
}

/** Contracts of somebody we never met: plain `fabric-contract-api`, positional arguments, events of one object. */
export class Traces extends Contract {
  constructor() {
    super('Traces');
  }

  override createContext(): Call {
    return new Call();
  }

  @Transaction()
  @Param('batch', 'Batch')
  @Returns('Batch')
  async Register(context: Call, batch: Batch): Promise<Batch> {
    await context.stub.putState(batch.id, Buffer.from(JSON.stringify(batch)));
    context.stub.setEvent('Registered', Buffer.from(JSON.stringify(batch)));
    return batch;
  }

  @Transaction()
  @Param('id', 'string')
  @Returns('Batch')
  async Recall(context: Call, id: string): Promise<Batch> {
    const found = await this.ReadBatch(context, id);
    if (!found) throw new Error(`ENTRY_NOT_FOUND: There is no batch ${id}.`);
    found.recalled = true;
    await context.stub.putState(id, Buffer.from(JSON.stringify(found)));
    context.stub.setEvent('Recalled', Buffer.from(JSON.stringify([found])));
    return found;
  }

  @Transaction(false)
  @Param('id', 'string')
  @Returns('Batch')
  async ReadBatch(context: Call, id: string): Promise<Batch | undefined> {
    const state = Buffer.from(await context.stub.getState(id)).toString();
    return state === '' ? undefined : (JSON.parse(state) as Batch);
  }

  @Transaction(false)
  @Param('patient', 'string')
  @Returns('Batch[]')
  async BatchesOf(context: Call, patient: string): Promise<Batch[]> {
    const found: Batch[] = [];
    for await (const { value } of context.stub.getStateByRange('', '')) {
      const batch = JSON.parse(Buffer.from(value).toString()) as Batch;
      if (batch.patient === patient) found.push(batch);
    }
    return found;
  }

  /** A label for each, in the order of what was asked; none for a batch that there is not. */
  @Transaction(false)
  @Param('ids', 'string[]')
  @Returns('string[]')
  async LabelsOf(context: Call, ids: string[]): Promise<(string | null)[]> {
    const found = await Promise.all(ids.map((id) => this.ReadBatch(context, id)));
    return found.map((batch) => (batch ? `${batch.product} ${batch.id}` : null));
  }

  /** One answer too few. */
  @Transaction(false)
  @Param('ids', 'string[]')
  @Returns('string[]')
  async TooFew(_context: Call, ids: string[]): Promise<string[]> {
    return Promise.resolve(ids.slice(1));
  }

  /** Not what its metadata say. */
  @Transaction(false)
  @Returns('Batch')
  async Lie(): Promise<string> {
    return Promise.resolve('no batch at all');
  }

  /** Nor is this, which writes. */
  @Transaction()
  @Returns('Batch')
  async LieInWriting(context: Call): Promise<string> {
    await context.stub.putState('lie', Buffer.from('{}'));
    return 'no batch at all';
  }

  @Transaction()
  @Param('count', 'number')
  async Flood(context: Call, count: number): Promise<void> {
    const batch = { id: 'flood', product: 'x', patient: 'y', recalled: true };
    context.stub.setEvent(
      'Recalled',
      Buffer.from(JSON.stringify(Array.from({ length: count }, () => batch))),
    );
    await context.stub.putState('flooded', Buffer.from('{}'));
  }
}
