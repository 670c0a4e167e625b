import { status } from '@grpc/grpc-js';
import { CommitError, GatewayError, StatusCode } from '@hyperledger/fabric-gateway';
import { gateway, google } from '@hyperledger/fabric-protos';
import { CaRefusedError } from '@medigraph/platform/ca';

/** A refusal as scenarios expect it: gRPC or validation code (of an authority HTTP status and number), sentence, and what each endpoint said. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** `MSP id: sentence`, in the order of the MSP ids. */
  readonly details: readonly string[];
}

export const refused = (code: string, message: string, ...details: string[]): Refusal => ({
  code,
  message,
  details,
});

interface Detail {
  readonly mspId: string;
  readonly address: string;
  readonly message: string;
}

interface ServiceError extends Error {
  readonly code: number;
  readonly details: string;
  readonly metadata?: { get(name: string): unknown[] };
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;

const statusNames = new Map<number | string, string>(
  Object.entries(status).map(([name, code]) => [code, name]),
);
const validationNames = new Map<number, string>(
  Object.entries(StatusCode).map(([name, code]) => [code, name]),
);

// The clients type their codes as plain numbers.
const deadlineExceeded: number = status.DEADLINE_EXCEEDED;

/** Name of a validation code, such as `MVCC_READ_CONFLICT`. */
export const validationName = (code: number): string => validationNames.get(code) ?? String(code);

function detailsIn(error: ServiceError): Detail[] {
  const [trailer] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!(trailer instanceof Uint8Array)) return [];
  return google.rpc.Status.deserializeBinary(trailer)
    .getDetailsList()
    .map((any) => gateway.ErrorDetail.deserializeBinary(any.getValue_asU8()).toObject())
    .map(({ mspId, address, message }) => ({ mspId, address, message }));
}

/** Answers of a network in words that are the same on every network: its addresses and ids are replaced. */
export class Answers {
  /** MSP id by address of a peer. */
  readonly #owners: ReadonlyMap<string, string>;

  constructor(owners: ReadonlyMap<string, string>) {
    this.#owners = owners;
  }

  /** The error as scenarios expect it; errors that are nobody's answer are thrown again. */
  ofError(error: unknown): Refusal {
    if (error instanceof CommitError) {
      return refused(validationName(error.code), this.#plain(error.message));
    }
    if (error instanceof GatewayError) {
      return this.#refusal(error.code, error.cause.details, error.details);
    }
    if (error instanceof CaRefusedError) return refused(`${error.status}/${error.reason}`, error.message);
    if (isServiceError(error)) return this.#refusal(error.code, error.details, detailsIn(error));
    throw error;
  }

  #refusal(code: number, message: string, details: readonly Detail[]): Refusal {
    // Whether the client or the server notices first is chance, and so is what it says.
    if (code === deadlineExceeded) return refused('DEADLINE_EXCEEDED', '');
    return refused(
      statusNames.get(code) ?? String(code),
      this.#plain(message),
      ...details.map((detail) => this.#detail(detail)).sort(),
    );
  }

  #detail({ mspId, address, message }: Detail): string {
    const place = this.#owners.get(address) === mspId ? mspId : `${mspId} at ${address}`;
    return `${place}: ${this.#plain(message)}`;
  }

  #plain(text: string): string {
    let plain = text;
    for (const [address, mspId] of this.#owners) plain = plain.replaceAll(address, `<${mspId}>`);
    return (
      plain
        .replace(/\b[0-9a-f]{64}\b/g, '<id>')
        .replace(/Creator \[[0-9a-f]+\]/g, 'Creator [<creator>]')
        .replace(/\{BlockNum: \d+, TxNum: \d+\}/g, '<height>')
        .replace(/\[care-[0-9a-f]{8}\]/g, '[care-<id>]')
        .replace(
          /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:?\d\d| ?Z)?( UTC)?( m=\+[\d.]+)?/g,
          '<time>',
        )
        // Go's protobuf library varies the blank on purpose.
        .replace(/proto:\s/g, 'proto: ')
    );
  }
}
