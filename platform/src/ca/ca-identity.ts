import { type KeyObject } from 'node:crypto';
import { signMessage } from '../ledger/native-signer.js';

/** Somebody with a certificate of an authority. */
export interface CaIdentity {
  /** PEM. */
  readonly certificate: string;
  /** On the curve P-256. */
  readonly privateKey: KeyObject;
}

/** A request to an authority, as its token covers it. */
export interface TokenContent {
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly body: string;
}

/** What a request carries to show who sends it: good for this request alone. */
export function authorizationToken(
  { certificate, privateKey }: CaIdentity,
  { method, uri, body }: TokenContent,
): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const owner = base64(certificate);
  const signature = signMessage(
    Buffer.from([method, base64(uri), base64(body), owner].join('.')),
    privateKey,
  );
  return `${owner}.${signature.toString('base64')}`;
}
