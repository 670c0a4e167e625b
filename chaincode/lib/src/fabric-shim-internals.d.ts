/** The dispatcher of `fabric-chaincode-node`: what a contract class becomes for a peer. Not in the package's own types. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract.js' {
  import { type Contract, type JSONSerializer } from 'fabric-contract-api';
  import { type ChaincodeInterface } from 'fabric-shim-api';

  interface Serializers {
    readonly transaction: string;
    readonly serializers: Record<string, typeof JSONSerializer>;
  }
  const ChaincodeFromContract: new (
    contracts: (new () => Contract)[],
    serializers: Serializers,
    metadata: object,
    title: string,
    version: string,
  ) => ChaincodeInterface;
  export default ChaincodeFromContract;
}
