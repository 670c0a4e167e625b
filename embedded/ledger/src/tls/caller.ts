/** Who is at the other end of a call, as far as the transport knows. */
export interface Caller {
  /** Whether the node speaks TLS, and whether it asks clients for a certificate of an authority that it knows. */
  readonly tls: 'none' | 'server' | 'mutual';
  /** SHA-256 of the certificate that the client showed; undefined if it showed none. */
  readonly certificateHash: Buffer | undefined;
}

/** The caller of a connection in plain text. */
export const plainCaller: Caller = { tls: 'none', certificateHash: undefined };

/**
 * With mutual TLS a signed request is bound to its connection: its header names the client's TLS certificate, so that
 * nobody else can send it again. @returns what is wrong, in a peer's words.
 */
export function bindingFault({ tls, certificateHash }: Caller, claimed: Buffer): string | undefined {
  if (tls !== 'mutual') return undefined;
  if (claimed.length === 0) return "client didn't include its TLS cert hash";
  if (certificateHash === undefined) return "client didn't send a TLS certificate";
  if (claimed.equals(certificateHash)) return undefined;
  return `claimed TLS cert hash is [${[...claimed].join(' ')}] but actual TLS cert hash is [${[...certificateHash].join(' ')}]`;
}
