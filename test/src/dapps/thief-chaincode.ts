/** A DApp's chaincode that passes on whatever it is told, in the name of whoever calls it. */
import '@medigraph/chaincode-lib/quiet';
import { serveSuite } from '@medigraph/chaincode-lib/server';
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

await serveSuite({ name: 'dapp-thief', contracts: [Thief] });
