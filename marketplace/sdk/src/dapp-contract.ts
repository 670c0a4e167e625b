import { CodedContract } from '@medigraph/chaincode-lib';
import { DAppContext } from './dapp-context.js';

/**
 * A contract of a DApp; its name is that of the class unless said. Transactions are its methods with {@link Transaction}
 * or {@link Evaluation}: they take a {@link DAppContext} and parameters with {@link Param}.
 *
 * @example
 * export class Greetings extends DAppContract {
 *   // With a description in the decorator, or in a comment above that has @param, too.
 *   @Transaction('Greets someone.')
 *   @Returns(Greeting)
 *   async greet(ctx: DAppContext, @Param('name', 'Whom.') name: string): Promise<Greeting> { … }
 * }
 */
export class DAppContract extends CodedContract {
  override createContext(): DAppContext {
    return new DAppContext();
  }
}
