import { type registry } from '@medigraph/schema';
import { ContractError, demand } from '@medigraph/chaincode-lib';
import { type z } from 'zod';
import { compare } from 'semver';
import { demandSignature } from './publisher-keys.js';
import { type RegistryContext } from './registry-context.js';

/**
 * A version that its publisher signed and nobody has looked at yet.
 * @throws {@link ContractError} `PUBLISHER_NOT_FOUND`, `PUBLISHER_IMPERSONATED`, `PUBLISHER_KEY_UNKNOWN`,
 *   `PUBLISHER_KEY_REVOKED`, `SIGNATURE_INVALID`, `DAPP_TAKEN`, `DAPP_REVOKED`, `RELEASE_EXISTS`, `RELEASE_NOT_HIGHER`,
 *   `CHANNEL_CHANGED`.
 */
export async function publish(
  ctx: RegistryContext,
  { manifest, package: archive, signature }: z.infer<typeof registry.publishDApp>,
): Promise<registry.DAppRelease> {
  const { id, version } = manifest;
  const publisher = await ctx.publisherOfCaller(manifest.publisher);
  demandSignature(publisher, { dapp: id, version, package: archive.sha256 }, signature);
  const before = await ctx.dapps.get(id);
  if (before) {
    await demandNext(ctx, before, publisher.id, version);
    await demandState(ctx, before, manifest);
  }
  const release: registry.DAppRelease = {
    dapp: id,
    version,
    publisher: publisher.id,
    status: 'submitted',
    manifest,
    package: archive,
    signature,
    reports: [],
    votes: [],
    publishedAt: ctx.now,
  };
  const dapp: registry.DApp = before
    ? { ...before, latest: version }
    : { id, publisher: publisher.id, status: 'submitted', latest: version };
  await Promise.all([ctx.dapps.put(dapp, id), ctx.putRelease(release)]);
  ctx.emit('DAppPublished', release);
  return release;
}

async function demandNext(
  ctx: RegistryContext,
  { id, publisher: owner, status, latest }: registry.DApp,
  publisher: string,
  version: string,
): Promise<void> {
  demand(owner === publisher, 'DAPP_TAKEN', `DApp ${id} is another publisher's`);
  demand(status !== 'revoked', 'DAPP_REVOKED', `the consortium has stopped DApp ${id}`);
  if (await ctx.releases.get(id, version))
    throw new ContractError('RELEASE_EXISTS', `version ${version} of ${id} was published before`);
  demand(compare(version, latest) > 0, 'RELEASE_NOT_HIGHER', `${version} is not higher than ${latest}`);
}

/**
 * State stays with the chaincode's name on its channel: a version on another channel would begin with none.
 * @throws {@link ContractError} `CHANNEL_CHANGED`.
 */
export async function demandState(
  ctx: RegistryContext,
  { id, active }: registry.DApp,
  { channel }: Pick<registry.DAppRelease['manifest'], 'channel'>,
): Promise<void> {
  if (active === undefined) return;
  const { manifest } = await ctx.existingRelease(id, active);
  demand(
    channel === manifest.channel,
    'CHANNEL_CHANGED',
    `what DApp ${id} has written stays on channel ${manifest.channel}, and this version is for ${channel}`,
  );
}
