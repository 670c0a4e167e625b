import { peer } from '@hyperledger/fabric-protos';
import { type ChaincodeStub } from 'fabric-shim-api';

/** The shim's types leave out what a header says beyond its own fields. */
interface ExtendedHeader {
  getExtension_asU8(): Uint8Array;
}

/**
 * Name of the chaincode that the signer called: another one than that which runs, if that one called this. A peer hands the
 * proposal as it was signed to every chaincode that is called on the way, and finds in the header which one to call first;
 * the payload has a name too, which peers do not look at and a client may choose.
 */
export function calledChaincode(stub: ChaincodeStub): string {
  const { channelHeader } = stub.getSignedProposal().proposal.header;
  const extension = peer.ChaincodeHeaderExtension.deserializeBinary(
    (channelHeader as unknown as ExtendedHeader).getExtension_asU8(),
  );
  return extension.getChaincodeId()?.getName() ?? '';
}
