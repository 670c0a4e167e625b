/** A small DApp that has everything: for the kit's own tests. */
import {
  ContractInfo,
  DAppContext,
  DAppContract,
  DataType,
  demand,
  Evaluation,
  Param,
  Property,
  Returns,
  Transaction,
} from '../index.js';

@DataType('A remark on somebody.')
export class Remark {
  @Property('Id, chosen by the author.', { pattern: '^[a-z0-9-]{1,40}$' })
  id!: string;

  @Property('Chain address of whom it is about.')
  patient!: string;

  @Property('Words to find it by.', { type: ['string'], optional: true, maxItems: 3 })
  tags?: string[];

  @Property('How much it matters.', { type: 'integer', minimum: 1, maximum: 5 })
  weight!: number;
}

@DataType('A remark as it was kept.')
export class KeptRemark extends Remark {
  @Property('When.', { format: 'date-time' })
  at!: string;
}

@ContractInfo('Remarks that somebody makes on patients who allow it.')
export class Remarks extends DAppContract {
  @Transaction('Keeps a remark.')
  @Returns(KeptRemark)
  async keep(ctx: DAppContext, @Param('remark', 'What is remarked.') remark: Remark): Promise<KeptRemark> {
    await ctx.installations.require();
    await ctx.consents.require({ patient: remark.patient, purpose: 'TREAT', category: 'observation' });
    const table = ctx.table<KeptRemark>('remark');
    demand(!(await table.get(remark.id)), 'REMARK_EXISTS', `there is a remark ${remark.id}`);
    const kept = { ...remark, at: ctx.now };
    await table.put(kept, remark.id);
    ctx.emit('RemarkKept', [{ id: remark.id }]);
    return kept;
  }

  @Evaluation('Remarks of a weight, or of any.')
  @Returns([KeptRemark])
  async list(
    ctx: DAppContext,
    @Param('weight', 'Least weight.', { type: 'integer', minimum: 0 }) weight: number,
  ): Promise<KeptRemark[]> {
    return (await ctx.table<KeptRemark>('remark').all()).filter((remark) => remark.weight >= weight);
  }

  @Evaluation('Remarks by their ids, in their order.')
  @Returns(['KeptRemark'])
  async byIds(
    ctx: DAppContext,
    @Param('ids', 'Of remarks.', { type: ['string'], maxItems: 3, maxLength: 40 }) ids: string[],
  ): Promise<(KeptRemark | null)[]> {
    const table = ctx.table<KeptRemark>('remark');
    return Promise.all(ids.map(async (id) => (await table.get(id)) ?? null));
  }

  @Evaluation('In whose name one calls.')
  @Returns('string')
  whoami(ctx: DAppContext): Promise<string> {
    const { mspId, practitioner = 'nobody' } = ctx.caller;
    return Promise.resolve(`${practitioner} of ${mspId} in ${ctx.dapp}`);
  }

  @Transaction('Does something else each time.')
  async roll(ctx: DAppContext): Promise<void> {
    await ctx.table('roll').put(Math.random(), ctx.transactionId);
  }

  @Transaction('Emits twice.')
  shout(ctx: DAppContext): Promise<void> {
    ctx.emit('A', []);
    ctx.emit('B', []);
    return Promise.resolve();
  }
}

export const contracts = [Remarks];
