import { ChaincodeStub } from 'fabric-shim';

/** The shim's stub, with what it keeps of an event. */
export type BenchStub = ChaincodeStub & {
  chaincodeEvent?: { getEventName(): string; getPayload_asU8(): Uint8Array };
};
/** The stub's constructor is not in the shim's types. */
const StubOfShim = ChaincodeStub as unknown as new (
  handler: object,
  channel: string,
  transaction: string,
  input: unknown,
  proposal: unknown,
) => BenchStub;

/** A stub for one transaction. @param handler - answers as a peer does. */
export const newStub = (
  handler: object,
  channel: string,
  transaction: string,
  input: unknown,
  proposal: unknown,
): BenchStub => new StubOfShim(handler, channel, transaction, input, proposal);
