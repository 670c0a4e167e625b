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
import { demandOrganization } from './capture.js';
import { TraceState } from './state.js';
import { Recall, RecallTerms } from './types.js';

@ContractInfo('Recalls: who has packs of a batch hears of it at once, and says what it found.')
export class Recalls extends DAppContract {
  @Transaction(
    'As the manufacturer or a regulator: calls batches back. From then on, no pack of them is dispensed.',
  )
  @Returns(Recall)
  async issue(ctx: DAppContext, @Param('recall', 'What, and why.') terms: RecallTerms): Promise<Recall> {
    const { kind } = await ctx.institutions.requireOwn(terms.institution);
    const state = new TraceState(ctx);
    const { gtin, organization } = await state.product(terms.gtin);
    demand(
      kind === 'regulator' || organization === ctx.caller.mspId,
      'CALLER_FORBIDDEN',
      `only ${organization}, which makes ${gtin}, or a regulator calls it back`,
    );
    demand(
      (await state.recalls.get(terms.id)) === undefined,
      'RECALL_EXISTS',
      `there is a recall ${terms.id}`,
    );
    const lots = [...new Set(terms.lots)];
    const holders = await Promise.all(lots.map((lot) => state.holdersOf(gtin, lot)));
    const recall: Recall = {
      ...terms,
      gtin,
      lots,
      organization: ctx.caller.mspId,
      at: ctx.now,
      holders: [...new Set(holders.flat())].sort(),
      answers: [],
    };
    await state.recalls.put(recall, recall.id);
    await Promise.all(lots.map((lot) => state.recallsOfLot.put(true, gtin, lot, recall.id)));
    ctx.emit('RecallIssued', [recall]);
    return recall;
  }

  @Transaction('As a holder: says how many packs were found and kept back. The last answer counts.')
  @Returns(Recall)
  async answer(
    ctx: DAppContext,
    @Param('recall', 'Its id.') id: string,
    @Param('found', 'Packs kept back.', { type: 'integer', minimum: 0, maximum: 10_000_000 }) found: number,
  ): Promise<Recall> {
    demandOrganization(ctx);
    const state = new TraceState(ctx);
    const recall = await this.#recall(state, id);
    const { mspId } = ctx.caller;
    demand(recall.holders.includes(mspId), 'CALLER_FORBIDDEN', `${mspId} had no pack of recall ${id}`);
    const others = recall.answers.filter(({ organization }) => organization !== mspId);
    const answered = { ...recall, answers: [...others, { organization: mspId, found, at: ctx.now }] };
    await state.recalls.put(answered, id);
    ctx.emit('RecallAnswered', [answered]);
    return answered;
  }

  @Evaluation('A recall.')
  @Returns(Recall)
  read(ctx: DAppContext, @Param('id', 'Its id.') id: string): Promise<Recall> {
    return this.#recall(new TraceState(ctx), id);
  }

  @Evaluation('Recalls of a batch.')
  @Returns([Recall])
  async ofLot(
    ctx: DAppContext,
    @Param('gtin', 'GTIN of the medicine.') gtin: string,
    @Param('lot', 'Number of the batch.') lot: string,
  ): Promise<Recall[]> {
    const state = new TraceState(ctx);
    const ids = await state.recallsOf((await state.product(gtin)).gtin, lot);
    return Promise.all(ids.map((id) => this.#recall(state, id)));
  }

  async #recall(state: TraceState, id: string): Promise<Recall> {
    const found = await state.recalls.get(id);
    demand(found !== undefined, 'RECALL_NOT_FOUND', `there is no recall ${id}`);
    return found;
  }
}
