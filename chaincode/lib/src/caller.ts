import { X509Certificate } from 'node:crypto';
import { sha256Of } from './digest.js';

/** The party that signed a transaction, as its certificate and its organisation state it. */
export interface Caller {
  readonly mspId: string;
  /** First 20 bytes of SHA-256 over the public key's SubjectPublicKeyInfo (DER), in hex. */
  readonly address: string;
  /** Organisational units of the certificate's subject; Fabric's NodeOUs (`client`, `admin`, …) are among them. */
  readonly organizationalUnits: readonly string[];
  /** The certificate is named after its own key, as organisations that enrol people name them. */
  readonly isPerson: boolean;
}

/**
 * Attributes by which an organisation's CA says which of its people or programs a certificate is for. Where a practitioner works
 * is not among them: the ledger knows.
 */
export const callerAttributes = {
  practitioner: 'medigraph.practitioner',
  application: 'medigraph.application',
} as const;

/** Callers as they were read, by organisation and certificate. */
const callers = new Map<string, Caller>();
const rememberedCallers = 1_000;

/** Reads the creator of a proposal. The peer has already verified its signature and certificate chain. */
export function callerOf(creator: { readonly mspid: string; readonly idBytes: Uint8Array }): Caller {
  const name = `${creator.mspid} ${Buffer.from(creator.idBytes).toString('latin1')}`;
  const known = callers.get(name);
  if (known !== undefined) return known;
  const caller = readCaller(creator);
  if (callers.size >= rememberedCallers) callers.clear();
  callers.set(name, caller);
  return caller;
}

function readCaller(creator: Parameters<typeof callerOf>[0]): Caller {
  const certificate = new X509Certificate(creator.idBytes);
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const { OU: units, CN: name }: { OU?: unknown; CN?: unknown } = certificate.toLegacyObject().subject;
  const address = sha256Of(key).slice(0, 40);
  return {
    mspId: creator.mspid,
    address,
    organizationalUnits: [units].flat().filter((unit) => typeof unit === 'string'),
    isPerson: [name].flat().includes(address),
  };
}
