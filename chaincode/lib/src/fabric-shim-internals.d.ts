/** The dispatcher of `fabric-chaincode-node`: what a contract class becomes for a peer. Not in the package's own types. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract.js' {
  import { type Contract, type JSONSerializer } from 'fabric-contract-api';
  import { type ChaincodeInterface, type ChaincodeResponse, type ChaincodeStub } from 'fabric-shim-api';

  interface Serializers {
    readonly transaction: string;
    readonly serializers: Record<string, typeof JSONSerializer>;
  }
  interface TransactionDescription {
    readonly name: string;
    readonly parameters?: readonly { readonly name: string }[];
  }
  export interface DataMarshall {
    handleParameters(
      transaction: TransactionDescription,
      values: readonly Uint8Array[],
      prefix: string,
    ): unknown[];
  }
  export default class ChaincodeFromContract implements ChaincodeInterface {
    constructor(
      contracts: (new () => Contract)[],
      serializers: Serializers,
      metadata: object,
      title: string,
      version: string,
    );
    readonly metadata: object;
    Init(stub: ChaincodeStub): Promise<ChaincodeResponse>;
    Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse>;
    protected _dataMarshall(serializer: string): DataMarshall;
  }
}
