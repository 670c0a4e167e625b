import { type Context as FabricContext } from 'fabric-contract-api';
import { ContractError } from './contract-error.js';
import { Contract } from './fabric.js';
import { type TransactionContext } from './transaction-context.js';

/** `Contract:Transaction`; without a contract, of the chaincode's first. */
const nameOf = (fcn: string): string => fcn.slice(fcn.indexOf(':') + 1);

/**
 * A contract of the consortium. It refuses with a code a transaction that it does not have, and whatever a DApp's chaincode
 * passes on in the name of its own caller: who signs a call of a DApp has not agreed to what the DApp calls in turn.
 */
export class SuiteContract extends Contract {
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

  override unknownTransaction(ctx: FabricContext): Promise<void> {
    const { fcn } = ctx.stub.getFunctionAndParameters();
    return Promise.reject(
      new ContractError('ARGUMENT_INVALID', `contract ${this.getName()} has no transaction ${fcn}`),
    );
  }
}
