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
import { gtin14, readEpc } from './gs1.js';
import { TraceState } from './state.js';
import { AdverseEvent, AdverseEventReport, AdverseEventTrace } from './types.js';

const day = 86_400_000;
/** ICH E2D: a serious reaction is reported within 15 days, any other within 90. */
const daysToReport = { serious: 15, other: 90 } as const;

@ContractInfo('Adverse events of medicines, from the report back to the batch.')
export class AdverseEvents extends DAppContract {
  @Transaction('As a patient or an organisation: reports an adverse event of a pack.')
  @Returns(AdverseEvent)
  async report(
    ctx: DAppContext,
    @Param('report', 'What happened, coded.') report: AdverseEventReport,
  ): Promise<AdverseEvent> {
    const { isPerson, mspId } = ctx.caller;
    if (isPerson) await ctx.installations.require();
    const reporter = isPerson ? await ctx.person() : mspId;
    demand(reporter !== undefined, 'CALLER_FORBIDDEN', 'sign with your own key of now');
    const state = new TraceState(ctx);
    const { epc, gtin, lot } = await state.item(report.suspectEntity);
    demand(gtin !== undefined && lot !== undefined, 'ITEM_NOT_FOUND', `${epc} is no pack of a medicine`);
    demand(report.date <= ctx.now.slice(0, 10), 'DATE_INVALID', 'date must not lie in the future');
    const serious = Object.values(report.seriousness).includes(true);
    const days = serious ? daysToReport.serious : daysToReport.other;
    const id = ctx.transactionId;
    const event: AdverseEvent = {
      ...report,
      suspectEntity: epc,
      id,
      gtin,
      lot,
      serious,
      recordedAt: ctx.now,
      dueAt: new Date(Date.parse(ctx.now) + days * day).toISOString(),
      reporter,
    };
    await state.adverseEvents.put(event, id);
    await state.adverseEventsOfLot.put(true, gtin, lot, id);
    ctx.emit('AdverseEventReported', [{ id, gtin, lot, serious }]);
    return event;
  }

  @Transaction('As the manufacturer: says what it thinks of the cause.')
  @Returns(AdverseEvent)
  async assess(
    ctx: DAppContext,
    @Param('id', 'Of the adverse event.') id: string,
    @Param('causality', 'WHO-UMC category.', {
      enum: ['certain', 'probable', 'possible', 'unlikely', 'conditional', 'unassessable'],
    })
    causality: string,
  ): Promise<AdverseEvent> {
    const state = new TraceState(ctx);
    const { gtin, lot, serious, ...event } = await this.#visible(ctx, state, id);
    const { organization } = await state.product(gtin);
    demand(organization === ctx.caller.mspId, 'CALLER_FORBIDDEN', `only ${organization} assesses it`);
    const assessed = { ...event, gtin, lot, serious, causality };
    await state.adverseEvents.put(assessed, id);
    ctx.emit('AdverseEventAssessed', [{ id, gtin, lot, serious }]);
    return assessed;
  }

  @Evaluation('An adverse event, for who reported it and for organisations.')
  @Returns(AdverseEvent)
  read(ctx: DAppContext, @Param('id', 'Its id.') id: string): Promise<AdverseEvent> {
    return this.#visible(ctx, new TraceState(ctx), id);
  }

  @Evaluation('As an organisation: the way of the pack back to its batch, and who else has packs of it.')
  @Returns(AdverseEventTrace)
  async trace(
    ctx: DAppContext,
    @Param('id', 'Of the adverse event.') id: string,
  ): Promise<AdverseEventTrace> {
    const state = new TraceState(ctx);
    demand(!ctx.caller.isPerson, 'CALLER_FORBIDDEN', 'this is for organisations');
    const adverseEvent = await this.#visible(ctx, state, id);
    const { gtin, lot, suspectEntity } = adverseEvent;
    return {
      adverseEvent,
      product: await state.product(gtin),
      steps: await state.stepsOf(readEpc(suspectEntity)),
      holders: await state.holdersOf(gtin, lot),
      reportsOfBatch: (await state.adverseEventsOfLot.keys(gtin, lot)).length,
      recalls: await state.recallsOf(gtin, lot),
    };
  }

  @Evaluation('Adverse events of a batch: all for organisations, one’s own for a person.')
  @Returns([AdverseEvent])
  async ofLot(
    ctx: DAppContext,
    @Param('gtin', 'GTIN of the medicine.') gtin: string,
    @Param('lot', 'Number of the batch.') lot: string,
  ): Promise<AdverseEvent[]> {
    const state = new TraceState(ctx);
    const ids = await state.adverseEventsOfLot.keys(gtin14(gtin), lot);
    const found = await Promise.all(ids.map(([id = '']) => state.adverseEvents.get(id)));
    const person = await ctx.person();
    return found
      .filter((event) => event !== undefined)
      .filter(({ reporter }) => !ctx.caller.isPerson || reporter === person);
  }

  async #visible(ctx: DAppContext, state: TraceState, id: string): Promise<AdverseEvent> {
    const person = await ctx.person();
    const found = await state.adverseEvents.get(id);
    demand(
      found !== undefined && (!ctx.caller.isPerson || found.reporter === person),
      'ADVERSE_EVENT_NOT_FOUND',
      `there is no adverse event ${id}`,
    );
    return found;
  }
}
