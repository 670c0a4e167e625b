import { type DAppContext, demand } from '@medigraph/dapp';
import { type Epc, gtin14, readEpc } from './gs1.js';
import { type AdverseEvent, type Item, type Product, type Recall, type TraceStep } from './types.js';

/** What stands on the ledger of medicines, and where packs are. */
export class TraceState {
  readonly #ctx: DAppContext;

  constructor(ctx: DAppContext) {
    this.#ctx = ctx;
  }

  /** By GTIN with 14 digits. */
  get products() {
    return this.#ctx.table<Product>('product');
  }

  /** By Digital Link. */
  get items() {
    return this.#ctx.table<Item>('item');
  }

  /** By GTIN, batch, holder and Digital Link. */
  get held() {
    return this.#ctx.table<true>('held');
  }

  /** Everybody who ever had packs of a batch: by GTIN, batch and MSP id. */
  get holders() {
    return this.#ctx.table<true>('holder');
  }

  /** What is in a unit: by Digital Link of the unit and of what is in it. */
  get contents() {
    return this.#ctx.table<true>('content');
  }

  /** By Digital Link, time of the record and id. */
  get steps() {
    return this.#ctx.table<string>('step');
  }

  get events() {
    return this.#ctx.table<TraceStep>('event');
  }

  /** Transactions by the id that whoever reported an event gave it. */
  get eventIds() {
    return this.#ctx.table<string>('event-id');
  }

  get recalls() {
    return this.#ctx.table<Recall>('recall');
  }

  /** Ids by GTIN, batch and id. */
  get recallsOfLot() {
    return this.#ctx.table<true>('recall-of-lot');
  }

  get adverseEvents() {
    return this.#ctx.table<AdverseEvent>('adverse-event');
  }

  /** Ids by GTIN, batch and id. */
  get adverseEventsOfLot() {
    return this.#ctx.table<true>('adverse-event-of-lot');
  }

  async product(gtin: string): Promise<Product> {
    const found = await this.products.get(gtin14(gtin));
    demand(found !== undefined, 'PRODUCT_NOT_FOUND', `there is no product ${gtin}`);
    return found;
  }

  async item(epc: string): Promise<Item> {
    const { uri } = readEpc(epc);
    const found = await this.items.get(uri);
    demand(found !== undefined, 'ITEM_NOT_FOUND', `there is no ${uri}`);
    return found;
  }

  /** A pack or unit, with everything that is in it, however deep. */
  async withContents(item: Item, most: number): Promise<Item[]> {
    const found: Item[] = [];
    let level = [item];
    while (level.length > 0) {
      found.push(...level);
      demand(
        found.length <= most,
        'TOO_MANY_ITEMS',
        `${item.epc} holds more than ${most}: move its parts apart`,
      );
      const inside = await Promise.all(level.map(({ epc }) => this.contents.keys(epc)));
      level = await Promise.all(inside.flat().map(([epc = '']) => this.item(epc)));
    }
    return found;
  }

  /** Units that something is in, the innermost first. */
  async around({ parent }: Item): Promise<string[]> {
    if (parent === undefined) return [];
    return [parent, ...(await this.around(await this.item(parent)))];
  }

  /** Keeps an item, and where packs of its batch are. */
  async keep(item: Item, before?: Item): Promise<void> {
    await this.items.put(item, item.epc);
    if (item.gtin === undefined || item.lot === undefined) return;
    const batch = [item.gtin, item.lot] as const;
    if (before?.holder === item.holder) return;
    if (before) await this.held.delete(...batch, before.holder, item.epc);
    await this.held.put(true, ...batch, item.holder, item.epc);
    // Read before it is written: most of the time it is there, and many packs then move without touching one key.
    if ((await this.holders.get(...batch, item.holder)) === undefined)
      await this.holders.put(true, ...batch, item.holder);
  }

  async holdersOf(gtin: string, lot: string): Promise<string[]> {
    return (await this.holders.keys(gtin, lot)).map(([mspId = '']) => mspId);
  }

  async recallsOf(gtin: string, lot: string): Promise<string[]> {
    return (await this.recallsOfLot.keys(gtin, lot)).map(([id = '']) => id);
  }

  /** What happened to a pack, oldest first; what happened to a unit that it was in is told of the unit. */
  async stepsOf({ uri }: Epc): Promise<TraceStep[]> {
    const ids = await this.steps.all(uri);
    const found = await Promise.all(ids.map((id) => this.events.get(id)));
    return found.filter((step) => step !== undefined);
  }
}
