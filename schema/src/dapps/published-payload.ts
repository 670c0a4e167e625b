import { type PublishedClaims } from '../ledger/registry.js';

/** What a publisher's signature is over: canonical JSON, so that everybody signs and checks the same bytes. */
export function publishedPayload({ dapp, package: digest, version }: PublishedClaims): string {
  return JSON.stringify({ dapp, package: digest, version });
}
