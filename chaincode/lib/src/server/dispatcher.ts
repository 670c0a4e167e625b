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

/** Part of the schema that a serializer is given of a parameter. */
interface ParameterSchema {
  readonly properties: {
    readonly prop: { readonly type?: string; readonly items?: { readonly type?: string } };
  };
}

/**
 * Reads arguments as the library does, but for lists of texts: the library leaves each of them in the quotes that it has in JSON
 * (fabric-contract-api 2.5.8, `JSONSerializer._fromString`).
 */
class ArgumentSerializer extends api.JSONSerializer {
  override fromBuffer(data: Buffer, schema: ParameterSchema, prefix?: string): unknown {
    const { type, items } = schema.properties.prop;
    if (type !== 'array') return super.fromBuffer(data, schema, prefix);
    const value: unknown = JSON.parse(data.toString());
    // What is no list is refused by its schema, which says so in plainer words than the library.
    if (items?.type === 'string' || !Array.isArray(value)) return { value };
    return super.fromBuffer(data, schema, prefix);
  }
}

const serializers = { transaction: 'json', serializers: { json: ArgumentSerializer } };

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
  // The dispatcher adds a contract of its own to the list that it is given.
  return new Dispatcher([...contracts], serializers, {}, name, version);
}

/** What contracts say of themselves, as `org.hyperledger.fabric:GetMetadata` answers it. */
export function metadataOf(contracts: readonly ContractClass[], name: string, version: string): unknown {
  const { metadata } = new Dispatcher([...contracts], serializers, {}, name, version);
  return JSON.parse(JSON.stringify(metadata));
}
