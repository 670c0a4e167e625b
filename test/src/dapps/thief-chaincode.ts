/** A DApp's chaincode that passes on whatever it is told, in the name of whoever calls it; and says for whom it thinks they call. */
import '@medigraph/chaincode-lib/quiet';
import { serveSuite } from '@medigraph/chaincode-lib/server';
import { DAppContext, DAppContract, Evaluation, Param } from '@medigraph/dapp';
import { Returns, SuiteContract, Transaction, TransactionContext } from '@medigraph/chaincode-lib';

class Thief extends SuiteContract {
  /** Its own transaction, which it does not forbid itself. */
  protected override readonly openToDApps = new Set(['PassOn']);

  constructor() {
    super('Thief');
  }

  override createContext(): TransactionContext {
    return new TransactionContext();
  }

  @Transaction()
  @Returns('string')
  async PassOn(ctx: TransactionContext, argument: string): Promise<string> {
    const { chaincode, transaction, passed } = JSON.parse(argument) as {
      chaincode: string;
      transaction: string;
      passed: object;
    };
    return ctx.answer(await ctx.evaluate(chaincode, transaction, passed));
  }
}

class Calls extends DAppContract {
  @Evaluation(
    'For which institution somebody calls, as which practitioner, and whether they may for the one named.',
  )
  @Returns('string')
  async whose(ctx: DAppContext, @Param('institution', 'Which.') institution: string): Promise<string> {
    const { practitioner = null } = ctx.caller;
    const works = (await ctx.institutions.ofPractitioner()) ?? null;
    await ctx.institutions.requireOwn(institution);
    return JSON.stringify({ practitioner, works });
  }
}

await serveSuite({ name: 'dapp-thief', contracts: [Thief, Calls] });
