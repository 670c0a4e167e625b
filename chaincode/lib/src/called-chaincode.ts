import { peer } from '@hyperledger/fabric-protos';
import { type ChaincodeStub } from 'fabric-shim-api';

/** The part of the shim's decoded proposal that says what was called. */
interface SignedProposal {
  readonly proposal: { readonly payload: { getInput_asU8(): Uint8Array } };
}

/** Name of the chaincode that the signer called: another one than that which runs, if that one called this. */
export function calledChaincode(stub: ChaincodeStub): string {
  const { proposal } = stub.getSignedProposal() as unknown as SignedProposal;
  const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.payload.getInput_asU8());
  return invocation.getChaincodeSpec()?.getChaincodeId()?.getName() ?? '';
}
