import api, { type Contract } from 'fabric-contract-api';
import { type ChaincodeInterface } from 'fabric-shim-api';
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract.js';

/** Contract classes as `fabric-chaincode-node` takes them. */
export type ContractClass = new () => Contract;

/** A suite as a peer sees it, through the same dispatcher that `fabric-chaincode-node` uses. */
export function dispatcherOf(
  contracts: readonly ContractClass[],
  name: string,
  version: string,
): ChaincodeInterface {
  const serializers = { transaction: 'json', serializers: { json: api.JSONSerializer } };
  // The dispatcher adds a contract of its own to the list that it is given.
  return new ChaincodeFromContract([...contracts], serializers, {}, name, version);
}
