import api, { type Contract } from 'fabric-contract-api';
import { type ChaincodeInterface } from 'fabric-shim-api';
import ChaincodeFromContract, {
  type DataMarshall,
} from 'fabric-shim/lib/contract-spi/chaincodefromcontract.js';
import { ContractError } from '../contract-error.js';

/** Contract classes as `fabric-chaincode-node` takes them. */
export type ContractClass = new () => Contract;

/** Refuses arguments that are not what the metadata say with a code, naming the parameter. */
function refusingWithCode(marshall: DataMarshall): DataMarshall {
  const convert = marshall.handleParameters.bind(marshall);
  marshall.handleParameters = (transaction, values, prefix) => {
    const { parameters } = transaction;
    if (parameters && parameters.length !== values.length)
      throw new ContractError(
        'ARGUMENT_INVALID',
        `${transaction.name} takes ${parameters.length} arguments, and ${values.length} were given`,
      );
    if (!parameters) return convert(transaction, values, prefix);
    return parameters.flatMap((parameter, index) => {
      try {
        return [
          convert({ ...transaction, parameters: [parameter] }, values.slice(index, index + 1), prefix)[0],
        ];
      } catch (error) {
        throw new ContractError('ARGUMENT_INVALID', `${parameter.name}: ${(error as Error).message}`);
      }
    });
  };
  return marshall;
}

class Dispatcher extends ChaincodeFromContract {
  protected override _dataMarshall(serializer: string): DataMarshall {
    return refusingWithCode(super._dataMarshall(serializer));
  }
}

/**
 * A suite as a peer sees it, through the same dispatcher that `fabric-chaincode-node` uses. Arguments that the metadata do
 * not allow are refused as `ARGUMENT_INVALID`.
 */
export function dispatcherOf(
  contracts: readonly ContractClass[],
  name: string,
  version: string,
): ChaincodeInterface {
  const serializers = { transaction: 'json', serializers: { json: api.JSONSerializer } };
  // The dispatcher adds a contract of its own to the list that it is given.
  return new Dispatcher([...contracts], serializers, {}, name, version);
}

/** What contracts say of themselves, as `org.hyperledger.fabric:GetMetadata` answers it. */
export function metadataOf(contracts: readonly ContractClass[], name: string, version: string): unknown {
  const serializers = { transaction: 'json', serializers: { json: api.JSONSerializer } };
  const { metadata } = new Dispatcher([...contracts], serializers, {}, name, version);
  return JSON.parse(JSON.stringify(metadata));
}
