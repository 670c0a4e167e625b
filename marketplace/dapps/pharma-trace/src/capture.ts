/** What an EPCIS event does to the packs and units that it names. */
import { type DAppContext, DAppError, demand } from '@medigraph/dapp';
import { readEpc } from './gs1.js';
import { type TraceState } from './state.js';
import { type BizStep, type Disposition, type EpcisEvent } from './epcis.js';
import { type Item } from './types.js';

/** Packs and units that one event may touch, with what is in them. */
const mostItems = 2_000;

/** What a step leaves things as, where the event does not say. */
const afterStep: Readonly<Partial<Record<BizStep, Disposition>>> = {
  commissioning: 'active',
  packing: 'in_progress',
  unpacking: 'in_progress',
  shipping: 'in_transit',
  consigning: 'in_transit',
  void_shipping: 'in_progress',
  receiving: 'sellable_accessible',
  dispensing: 'dispensed',
  retail_selling: 'retail_sold',
  destroying: 'destroyed',
  decommissioning: 'inactive',
  killing: 'inactive',
};
/** What nothing comes after. */
export const endings: readonly Disposition[] = [
  'dispensed',
  'retail_sold',
  'destroyed',
  'disposed',
  'inactive',
];
const ended: ReadonlySet<Disposition> = new Set(endings);
const leaving: ReadonlySet<BizStep> = new Set(['shipping', 'consigning']);
const handedOut: ReadonlySet<BizStep> = new Set(['dispensing', 'retail_selling']);

/** Applies one event; answers what it touched. */
export class Capture {
  readonly #ctx: DAppContext;
  readonly #state: TraceState;
  readonly #event: EpcisEvent;

  constructor(ctx: DAppContext, state: TraceState, event: EpcisEvent) {
    this.#ctx = ctx;
    this.#state = state;
    this.#event = event;
  }

  /** @throws {@link DAppError} naming what does not fit. */
  async apply(): Promise<Item[]> {
    const { type, eventTime, action } = this.#event;
    // Moments, not texts: each may be written in a time zone of its own.
    const past = Date.parse(eventTime) <= Date.parse(this.#ctx.now);
    demand(past, 'EVENT_INVALID', 'eventTime must not lie in the future');
    await this.#demandFirst();
    demand(
      (action === undefined) === (type === 'TransformationEvent'),
      'EVENT_INVALID',
      'action is given for all but a TransformationEvent',
    );
    switch (type) {
      case 'ObjectEvent':
        return action === 'ADD' ? this.#commission(this.#required('epcList')) : this.#observe();
      case 'AggregationEvent':
        return action === 'DELETE' ? this.#unpack() : this.#pack();
      case 'TransformationEvent':
        return this.#transform();
      case 'TransactionEvent':
      case 'AssociationEvent':
        return this.#link();
    }
  }

  /** An event is reported once, by whatever way it comes again. */
  async #demandFirst(): Promise<void> {
    const { eventID } = this.#event;
    if (eventID === undefined) return;
    const known = await this.#state.eventIds.get(eventID);
    demand(known === undefined, 'EVENT_EXISTS', `${eventID} has been reported`);
    await this.#state.eventIds.put(this.#ctx.transactionId, eventID);
  }

  #required(list: 'epcList' | 'childEPCs' | 'inputEPCList' | 'outputEPCList'): string[] {
    const { [list]: given = [], type } = this.#event;
    demand(given.length > 0, 'EVENT_INVALID', `${type} needs ${list}`);
    const uris = given.map((epc) => readEpc(epc).uri);
    demand(new Set(uris).size === uris.length, 'EVENT_INVALID', `${list} names something twice`);
    return uris;
  }

  /** New packs of a batch, by their manufacturer; new units, by whoever packs them. */
  async #commission(epcs: readonly string[]): Promise<Item[]> {
    const { bizStep, ilmd } = this.#event;
    demand(bizStep === 'commissioning', 'EVENT_INVALID', 'what is added is commissioned');
    return Promise.all(
      epcs.map(async (uri) => {
        demand(
          (await this.#state.items.get(uri)) === undefined,
          'ITEM_EXISTS',
          `${uri} has been commissioned`,
        );
        const item = { epc: uri, disposition: this.#disposition(), holder: this.#ctx.caller.mspId };
        const epc = readEpc(uri);
        if (epc.kind === 'sscc') return this.#kept(item);
        const { organization } = await this.#state.product(epc.gtin);
        demand(
          organization === this.#ctx.caller.mspId,
          'PRODUCT_FOREIGN',
          `${epc.gtin} is made by ${organization}: only it commissions packs of it`,
        );
        demand(ilmd !== undefined, 'EVENT_INVALID', 'commissioning of packs needs ilmd');
        const { lotNumber, itemExpirationDate } = ilmd;
        return this.#kept({ ...item, gtin: epc.gtin, lot: lotNumber, expires: itemExpirationDate });
      }),
    );
  }

  async #observe(): Promise<Item[]> {
    const { bizStep } = this.#event;
    const named = await Promise.all(this.#required('epcList').map((uri) => this.#state.item(uri)));
    const moved = (await Promise.all(named.map((item) => this.#state.withContents(item, mostItems)))).flat();
    demand(moved.length <= mostItems, 'TOO_MANY_ITEMS', `an event touches at most ${mostItems} items`);
    demand(
      named.every(({ parent }) => parent === undefined),
      'ITEM_PACKED',
      'what is in a unit moves with it: unpack it first, or name the unit',
    );
    if (handedOut.has(bizStep)) await this.#demandUsable(moved);
    return Promise.all(moved.map((item) => this.#move(item)));
  }

  #move(item: Item): Promise<Item> {
    const { bizStep, destination } = this.#event;
    const me = this.#ctx.caller.mspId;
    const { destination: bound, ...rest } = item;
    const next = { ...rest, disposition: this.#disposition(item) };
    if (bizStep === 'receiving' || (bizStep === 'accepting' && bound === me)) {
      demand(bound === me, 'ITEM_NOT_FOR_YOU', `${item.epc} is not on its way to ${me}`);
      return this.#kept({ ...next, holder: me }, item);
    }
    if (bizStep === 'void_shipping') {
      const sent = item.holder === me && bound !== undefined;
      demand(sent, 'ITEM_NOT_HELD', `${item.epc} is not on its way from ${me}`);
      return this.#kept(next, item);
    }
    this.#demandHeld(item);
    if (!leaving.has(bizStep)) return this.#kept(next, item);
    demand(
      destination !== undefined && destination !== me,
      'EVENT_INVALID',
      `${bizStep} needs a destination`,
    );
    return this.#kept({ ...next, destination }, item);
  }

  async #pack(): Promise<Item[]> {
    const unit = await this.#unit();
    const children = await Promise.all(this.#required('childEPCs').map((uri) => this.#state.item(uri)));
    const around = new Set(await this.#state.around(unit));
    return Promise.all(
      children.map(async (item) => {
        this.#demandHeld(item);
        demand(item.epc !== unit.epc, 'EVENT_INVALID', 'nothing is in itself');
        demand(item.parent === undefined, 'ITEM_PACKED', `${item.epc} is in ${item.parent ?? ''} already`);
        demand(!around.has(item.epc), 'EVENT_INVALID', `${unit.epc} is in ${item.epc}`);
        await this.#state.contents.put(true, unit.epc, item.epc);
        return this.#kept({ ...item, parent: unit.epc }, item);
      }),
    );
  }

  async #unpack(): Promise<Item[]> {
    const unit = await this.#unit();
    const { childEPCs } = this.#event;
    const named = childEPCs
      ? this.#required('childEPCs')
      : (await this.#state.contents.keys(unit.epc)).map(([epc = '']) => epc);
    return Promise.all(
      named.map(async (uri) => {
        const { parent, ...item } = await this.#state.item(uri);
        demand(parent === unit.epc, 'ITEM_NOT_PACKED', `${uri} is not in ${unit.epc}`);
        await this.#state.contents.delete(unit.epc, uri);
        return this.#kept(item, { ...item, parent });
      }),
    );
  }

  /** What goes in is used up; what comes out is commissioned. */
  async #transform(): Promise<Item[]> {
    const inputs = await Promise.all(this.#required('inputEPCList').map((uri) => this.#state.item(uri)));
    const used = inputs.map((item) => {
      this.#demandHeld(item);
      return this.#kept({ ...item, disposition: 'inactive' }, item);
    });
    return Promise.all([...used, this.#commission(this.#required('outputEPCList'))]).then((all) =>
      all.flat(),
    );
  }

  /** Ties what one has to documents, or to things such as a logger of temperatures. */
  async #link(): Promise<Item[]> {
    const { type, bizTransactionList = [], parentID } = this.#event;
    if (type === 'TransactionEvent')
      demand(bizTransactionList.length > 0, 'EVENT_INVALID', 'a TransactionEvent needs bizTransactionList');
    else demand(parentID !== undefined, 'EVENT_INVALID', 'an AssociationEvent needs parentID');
    const list = type === 'TransactionEvent' ? 'epcList' : 'childEPCs';
    const items = await Promise.all(this.#required(list).map((uri) => this.#state.item(uri)));
    for (const item of items) this.#demandHeld(item);
    return items;
  }

  async #unit(): Promise<Item> {
    const { parentID } = this.#event;
    demand(parentID !== undefined, 'EVENT_INVALID', 'an AggregationEvent needs parentID');
    const unit = await this.#state.item(parentID);
    this.#demandHeld(unit);
    return unit;
  }

  async #demandUsable(items: readonly Item[]): Promise<void> {
    const today = this.#ctx.now.slice(0, 'YYYY-MM-DD'.length);
    for (const { epc, gtin, lot, expires } of items) {
      if (gtin === undefined || lot === undefined) continue;
      const [recall] = await this.#state.recallsOf(gtin, lot);
      demand(recall === undefined, 'ITEM_RECALLED', `${epc} is called back by ${recall ?? ''}: keep it back`);
      demand(expires === undefined || expires >= today, 'ITEM_EXPIRED', `${epc} has expired`);
    }
  }

  #demandHeld({ epc, holder, destination, disposition }: Item): void {
    const { mspId } = this.#ctx.caller;
    demand(holder === mspId && destination === undefined, 'ITEM_NOT_HELD', `${epc} is not with ${mspId}`);
    demand(!ended.has(disposition), 'ITEM_ENDED', `${epc} is ${disposition}`);
  }

  #disposition(before?: Item): Disposition {
    const { type, action, disposition, bizStep } = this.#event;
    const next = disposition ?? afterStep[bizStep] ?? before?.disposition ?? 'in_progress';
    // What is deleted is there no more, whatever the step was.
    return type === 'ObjectEvent' && action === 'DELETE' && !ended.has(next) ? 'inactive' : next;
  }

  async #kept(item: Item, before?: Item): Promise<Item> {
    await this.#state.keep(item, before);
    return item;
  }
}

/** @throws {@link DAppError} `CALLER_FORBIDDEN` for a person. */
export function demandOrganization({ caller }: DAppContext): void {
  if (caller.isPerson) throw new DAppError('CALLER_FORBIDDEN', 'this is for organisations');
}
