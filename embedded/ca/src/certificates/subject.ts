import { type JsonNameParams, Name } from '@peculiar/x509';
import { type IdentityRecord } from '../store/records.js';
import { type SigningRequest } from './csr.js';

/** What a request asks for in the subject, besides the units. Values of a part that it leaves empty come from the CSR. */
export interface RequestedSubject {
  readonly serialNumber: string;
  readonly names: readonly {
    readonly C: string;
    readonly ST: string;
    readonly L: string;
    readonly O: string;
  }[];
}

/** Parts in the order in which they stand in a certificate. */
const parts = ['C', 'ST', 'L', 'O'] as const;

/**
 * The subject of an identity's certificate. Its organisational units are its type and the parts of its affiliation, never what
 * the request says: who somebody is in a network is read from them.
 */
export function subjectOf(
  identity: IdentityRecord,
  requested: RequestedSubject | undefined,
  request: SigningRequest,
): Name {
  const values = (part: (typeof parts)[number]) => {
    const own = (requested?.names ?? []).map((name) => name[part]).filter((value) => value !== '');
    return own.length > 0 ? own : request.subjects(part);
  };
  const units = [identity.type, ...identity.affiliation.split('.')].filter((unit) => unit !== '');
  const serialNumber = requested?.serialNumber ?? request.subject('2.5.4.5');
  const relative = (type: string, all: readonly string[]): JsonNameParams =>
    all.length === 0 ? [] : [{ [type]: [...all].sort(inDerOrder).map(valueOf) }];
  return new Name([
    ...parts.flatMap((part) => relative(part, values(part))),
    ...relative('OU', units),
    ...relative('CN', [identity.name]),
    ...relative('2.5.4.5', serialNumber === '' ? [] : [serialNumber]),
  ]);
}

const valueOf = (text: string) =>
  Name.isPrintableString(text) ? { printableString: text } : { utf8String: text };

/** DER wants the values of one part in the order of their encodings: the shorter first, then by type, then by content. */
function inDerOrder(one: string, other: string): number {
  const length = Buffer.byteLength(one) - Buffer.byteLength(other);
  if (length !== 0) return length;
  const printable = Number(Name.isPrintableString(one)) - Number(Name.isPrintableString(other));
  return printable !== 0 ? printable : Buffer.compare(Buffer.from(one), Buffer.from(other));
}
