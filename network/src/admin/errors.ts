import { GatewayError } from '@hyperledger/fabric-gateway';

/** A way in which administering a network fails. The code is stable; the message is one line for the operator. */
export abstract class AdministrationError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A node answered an administrative request with a refusal, in its own words. */
export class AdministrationRefusedError extends AdministrationError {
  readonly code = 'ADMINISTRATION_REFUSED';
}

/** A node could not be reached, or did not answer in time. */
export class AdministrationUnavailableError extends AdministrationError {
  readonly code = 'ADMINISTRATION_UNAVAILABLE';
}

/** An endorsement policy cannot be read. */
export class PolicySyntaxError extends AdministrationError {
  readonly code = 'POLICY_SYNTAX';
}

/** A chaincode package, or what is to go into one, cannot be used. */
export class PackageInvalidError extends AdministrationError {
  readonly code = 'PACKAGE_INVALID';
}

/** A description of private data collections cannot be used. */
export class CollectionsInvalidError extends AdministrationError {
  readonly code = 'COLLECTIONS_INVALID';
}

/** What an error says, with what each peer said where several were asked. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof GatewayError) || error.details.length === 0) return error.message;
  return [error.message, ...error.details.map(({ address, message }) => `${address}: ${message}`)].join('; ');
}
