import { CodedContract } from './coded-contract.js';
import { ContractError } from './contract-error.js';
import { type TransactionContext } from './transaction-context.js';

/** `Contract:Transaction`; without a contract, of the chaincode's first. */
const nameOf = (fcn: string): string => fcn.slice(fcn.indexOf(':') + 1);

/**
 * A contract of the consortium. It refuses with a code whatever a DApp's chaincode passes on in the name of its own caller: who signs a call of a DApp has not agreed to what the DApp calls in turn.
 */
export class SuiteContract extends CodedContract {
  /** Transactions that DApps may call, by name. They write nothing, and answer a DApp what it may know. */
  protected readonly openToDApps: ReadonlySet<string> = new Set();

  /** @throws {@link ContractError} `DAPP_FORBIDDEN`. */
  override beforeTransaction(ctx: TransactionContext): Promise<void> {
    const { fcn } = ctx.stub.getFunctionAndParameters();
    const dapp = this.openToDApps.has(nameOf(fcn)) ? undefined : ctx.callingDApp;
    if (dapp === undefined) return Promise.resolve();
    return Promise.reject(
      new ContractError('DAPP_FORBIDDEN', `DApp ${dapp} may not call ${fcn} in the name of its caller`),
    );
  }
}
