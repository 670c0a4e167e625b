import { type ChaincodeStub } from 'fabric-shim-api';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion('care', 'Registration:Self', z.object({ address: z.string() }));

/** The patient who signs, by the address that they have for good; undefined for a key that is nobody's now. */
export async function personWhoCalls(stub: ChaincodeStub): Promise<string | undefined> {
  try {
    return (await question.ask(stub, {})).address;
  } catch (error) {
    if (error instanceof DAppError && error.message.includes('CALLER_FORBIDDEN')) return undefined;
    throw error;
  }
}
