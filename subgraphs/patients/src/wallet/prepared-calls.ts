import { X509Certificate } from 'node:crypto';
import { BadUserInput, checked, Forbidden } from '@medigraph/platform/graph';
import { chainAddressOf } from '@medigraph/platform/ledger';
import { careTransactions, type CareTransaction } from '@medigraph/schema';
import { type PatientsContext } from '../context.js';
import { mayRegister } from '../policy.js';

/** A call that the caller may have prepared. */
export interface PreparedCall {
  readonly kind: 'submit' | 'evaluate';
  readonly contract: string;
  readonly transaction: string;
  readonly argument: unknown;
  readonly nonce: Uint8Array;
}

const nonceBytes = 24;

/** What is prepared for people who have no token of their own yet, or no more. */
const atTheDesk: ReadonlySet<string> = new Set<CareTransaction>([
  'Registration:RegisterPatient',
  'Recovery:Request',
  'Recovery:Complete',
]);

/**
 * Checks what is to be prepared: a transaction of the care suite with an argument that fits it. What its signer may do
 * with it, the contract decides, as it does on every other way.
 * @throws `BAD_USER_INPUT`
 */
export function preparedCallOf(input: {
  readonly transaction: string;
  readonly argument: string;
  readonly nonce: string;
}): PreparedCall {
  const { transaction: name } = input;
  if (!Object.hasOwn(careTransactions, name)) throw new BadUserInput(`transaction: there is no ${name}.`);
  const { kind, argument: schema } = careTransactions[name as CareTransaction];
  const argument = jsonOf(input.argument);
  checked<unknown>(schema, argument);
  const nonce = Buffer.from(input.nonce, 'base64');
  if (nonce.length !== nonceBytes) throw new BadUserInput(`nonce must have ${nonceBytes} bytes.`);
  const [contract = '', transaction = ''] = name.split(':');
  return { kind, contract, transaction, argument, nonce };
}

/**
 * Who may have what signed by whom: a patient anything, with the key that is theirs now; somebody who registers patients
 * the registration or the recovery of another, with the key of that person.
 * @throws `FORBIDDEN`, `BAD_USER_INPUT`
 */
export async function demandMayPrepare(
  context: PatientsContext,
  name: string,
  certificate: string,
): Promise<void> {
  const signer = addressOf(certificate);
  if (context.caller.role === 'patient') {
    const { address, signer: current = address } = await context.registeredPatient(context.requirePatient());
    if (signer !== current)
      throw new Forbidden('The certificate is not that of the key which signs for you.');
    return;
  }
  context.requireRole(...mayRegister.patient);
  if (!atTheDesk.has(name))
    throw new Forbidden(`For others, only these are prepared: ${[...atTheDesk].join(', ')}.`);
}

function addressOf(certificate: string): string {
  try {
    return chainAddressOf(new X509Certificate(certificate).publicKey);
  } catch (error) {
    throw new BadUserInput('certificate must be an X.509 certificate in PEM.', { cause: error });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadUserInput('argument must be JSON.', { cause: error });
  }
}
