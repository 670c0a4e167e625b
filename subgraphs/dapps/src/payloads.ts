/** What mutations answer: what was written, as the read model has it. */
import { writtenOne } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { type registry } from '@medigraph/schema';
import { type DAppsContext } from './context.js';
import { dappOf, installationOf, releaseOf } from './nodes.js';
import { holdingId, releaseId } from './read-model.js';
import { DAppInstallationPayload, DAppPayload, DAppReleasePayload } from './types.js';

type ReleaseName = Pick<registry.DAppRelease, 'dapp' | 'version'>;

export async function releasePayload(
  { book }: DAppsContext,
  { transaction, result }: Committed<ReleaseName>,
): Promise<DAppReleasePayload> {
  const document = await writtenOne(book.releases, releaseId(result.dapp, result.version), transaction);
  return Object.assign(new DAppReleasePayload(), { transaction, release: releaseOf(document) });
}

export async function dappPayload(
  { book }: DAppsContext,
  { transaction, result }: Committed<Pick<registry.DApp, 'id'>>,
): Promise<DAppPayload> {
  const document = await writtenOne(book.dapps, result.id, transaction);
  return Object.assign(new DAppPayload(), { transaction, dApp: dappOf(document) });
}

export async function installationPayload(
  { book }: DAppsContext,
  { transaction, result }: Committed<Pick<registry.Installation, 'dapp' | 'holder'>>,
): Promise<DAppInstallationPayload> {
  const document = await writtenOne(book.installations, holdingId(result.dapp, result.holder), transaction);
  return Object.assign(new DAppInstallationPayload(), {
    transaction,
    installation: installationOf(document),
  });
}
