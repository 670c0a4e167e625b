import { type Context as FabricContext } from 'fabric-contract-api';
import { ContractError } from './contract-error.js';
import { Contract } from './fabric.js';

/** A contract that refuses a transaction it does not have with a code. */
export class CodedContract extends Contract {
  override unknownTransaction(ctx: FabricContext): Promise<void> {
    const { fcn } = ctx.stub.getFunctionAndParameters();
    return Promise.reject(
      new ContractError('ARGUMENT_INVALID', `contract ${this.getName()} has no transaction ${fcn}`),
    );
  }
}
