import {
  ContractInfo,
  DAppContext,
  DAppContract,
  demand,
  Evaluation,
  Param,
  Returns,
  Transaction,
} from '@medigraph/dapp';
import { Capture, demandOrganization, endings } from './capture.js';
import { EpcisEvent } from './epcis.js';
import { gtin14, readEpc } from './gs1.js';
import { readScan } from './scan.js';
import { TraceState } from './state.js';
import { Item, ItemPage, Product, ProductTerms, TraceStep, Verification } from './types.js';

@ContractInfo('The way of medicines from manufacturer to patient, as EPCIS 2.0 events.')
export class Trace extends DAppContract {
  @Transaction(
    'As the manufacturer: registers a medicine. Whoever registers a GTIN first is its manufacturer.',
  )
  @Returns(Product)
  async registerProduct(
    ctx: DAppContext,
    @Param('product', 'The medicine.') terms: ProductTerms,
  ): Promise<Product> {
    await ctx.institutions.requireOwn(terms.institution);
    await ctx.installations.require(terms.institution);
    const state = new TraceState(ctx);
    const gtin = gtin14(terms.gtin);
    demand((await state.products.get(gtin)) === undefined, 'PRODUCT_EXISTS', `there is a product ${gtin}`);
    const product = { ...terms, gtin, organization: ctx.caller.mspId };
    await state.products.put(product, gtin);
    return product;
  }

  @Transaction('As whoever has the packs, or as whom they are sent to: reports an event.')
  @Returns(TraceStep)
  async capture(ctx: DAppContext, @Param('event', 'What happened.') event: EpcisEvent): Promise<TraceStep> {
    demandOrganization(ctx);
    const state = new TraceState(ctx);
    const touched = await new Capture(ctx, state, event).apply();
    const { caller, now, transactionId: id } = ctx;
    const step: TraceStep = { id, organization: caller.mspId, recordTime: now, event };
    await state.events.put(step, id);
    await Promise.all(touched.map(({ epc }) => state.steps.put(id, epc, now, id)));
    const { bizStep, destination } = event;
    ctx.emit('ItemsMoved', [
      {
        id,
        bizStep,
        organization: caller.mspId,
        ...(destination !== undefined && { destination }),
        count: touched.length,
      },
    ]);
    return step;
  }

  @Evaluation('What a scan of a pack comes to: for everybody who has installed the DApp, patients too.')
  @Returns(Verification)
  async verify(
    ctx: DAppContext,
    @Param('epc', 'As scanned: Digital Link, URN, or the element string of a DataMatrix.', { maxLength: 400 })
    epc: string,
  ): Promise<Verification> {
    const { epc: read, ...printed } = readScan(epc);
    const state = new TraceState(ctx);
    const item = await state.items.get(read.uri);
    if (item?.gtin === undefined || item.lot === undefined)
      return { epc: read.uri, usable: false, reasons: ['UNKNOWN'] };
    const { gtin, lot, expires, disposition } = item;
    const recalled = (await state.recallsOf(gtin, lot)).length > 0;
    const today = ctx.now.slice(0, 'YYYY-MM-DD'.length);
    const reasons = [
      ...(recalled ? ['RECALLED'] : []),
      ...(expires !== undefined && expires < today ? ['EXPIRED'] : []),
      ...([...endings, 'stolen'].includes(disposition) ? [disposition.toUpperCase()] : []),
      ...(printed.lot !== undefined && printed.lot !== lot ? ['LOT_DIFFERS'] : []),
      ...(printed.expires !== undefined && printed.expires !== expires ? ['EXPIRY_DIFFERS'] : []),
    ];
    const product = await state.product(gtin);
    return {
      epc: read.uri,
      usable: reasons.length === 0,
      reasons,
      product,
      lot,
      disposition,
      ...(expires !== undefined && { expires }),
    };
  }

  @Evaluation('As an organisation: a pack or unit, and where it is.')
  @Returns(Item)
  async item(
    ctx: DAppContext,
    @Param('epc', 'Digital Link or URN.', { maxLength: 200 }) epc: string,
  ): Promise<Item> {
    demandOrganization(ctx);
    return new TraceState(ctx).item(epc);
  }

  @Evaluation('As an organisation: what happened to a pack or unit, oldest first.')
  @Returns([TraceStep])
  async history(
    ctx: DAppContext,
    @Param('epc', 'Digital Link or URN.', { maxLength: 200 }) epc: string,
  ): Promise<TraceStep[]> {
    demandOrganization(ctx);
    return new TraceState(ctx).stepsOf(readEpc(epc));
  }

  @Evaluation('A medicine.')
  @Returns(Product)
  product(ctx: DAppContext, @Param('gtin', 'Its GTIN.') gtin: string): Promise<Product> {
    return new TraceState(ctx).product(gtin);
  }

  @Evaluation('As an organisation: packs of a batch that are with it, a page at a time.')
  @Returns(ItemPage)
  async held(
    ctx: DAppContext,
    @Param('gtin', 'GTIN of the medicine.') gtin: string,
    @Param('lot', 'Number of the batch.', { minLength: 1, maxLength: 20 }) lot: string,
    @Param('pageSize', 'Most packs of a page.', { type: 'integer', minimum: 1, maximum: 200 }) size: number,
    @Param('bookmark', 'That of the page before; empty for the first.', { maxLength: 200 }) bookmark: string,
  ): Promise<ItemPage> {
    demandOrganization(ctx);
    const state = new TraceState(ctx);
    const all = await state.held.keys(gtin14(gtin), lot, ctx.caller.mspId);
    const epcs = all.map(([epc = '']) => epc).filter((epc) => bookmark === '' || epc > bookmark);
    const page = epcs.slice(0, size);
    const items = await Promise.all(page.map((epc) => state.item(epc)));
    const last = page.at(-1);
    return { items, ...(epcs.length > size && last !== undefined && { bookmark: last }) };
  }
}
