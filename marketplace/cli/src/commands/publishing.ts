/** What commands ask of the graph about versions of DApps. */
import { type PublisherKey, signPackage } from '@medigraph/dapp-package';
import { type DAppManifest, type Finding } from '@medigraph/schema/dapps';
import { type PackedDApp } from '../build/pack.js';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess } from '../graph-access.js';

/** A version as its publisher and its reviewers see it. */
export interface Release {
  readonly version: string;
  readonly status: string;
  readonly package: { readonly sha256: string };
  readonly publishedAt: string;
  readonly reason: string | null;
  readonly reports: readonly { readonly organization: string; readonly findings: readonly Finding[] }[];
  readonly votes: readonly {
    readonly organization: string;
    readonly decision: string;
    readonly reason: string | null;
  }[];
}

/** Sends a package, whose digest the platform compares. Sending it again changes nothing. */
async function upload(
  { url, token }: Pick<GraphAccess, 'url' | 'token'>,
  sha256: string,
  archive: Uint8Array,
): Promise<void> {
  const response = await fetch(new URL(`/packages/${sha256}`, url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/octet-stream' },
    body: Buffer.from(archive),
  });
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as {
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  const [error] = answer.errors ?? [];
  throw new CommandFailure(
    error?.extensions?.code ?? 'UPLOAD_FAILED',
    error?.message ?? `the platform answered ${response.status}`,
  );
}

/** Publishes a version whose package was sent. */
async function publish(
  graph: GraphAccess,
  input: { manifest: DAppManifest; sha256: string; size: number; signature: string },
): Promise<void> {
  await graph.request(
    'mutation($input: PublishDAppInput!) { publishDApp(input: $input) { release { status } } }',
    { input },
  );
}

const releaseFields =
  'version status package { sha256 } publishedAt reason reports { organization findings { check severity code message location } } votes { organization decision reason }';

/** Sends and publishes a version, unless that was done before with the same package. @throws `VERSION_TAKEN` */
export async function publishPackage(
  graph: GraphAccess,
  { manifest, archive, sha256 }: Pick<PackedDApp, 'manifest' | 'archive' | 'sha256'>,
  key: PublisherKey,
): Promise<'published' | 'was published'> {
  const { id: dapp, version } = manifest;
  const present = await releaseOf(graph, dapp, version);
  if (present === undefined) {
    await upload(graph, sha256, archive);
    const signature = await signPackage({ dapp, version, package: sha256 }, key);
    await publish(graph, { manifest, sha256, size: archive.byteLength, signature });
    return 'published';
  }
  if (present.package.sha256 === sha256) return 'was published';
  throw new CommandFailure(
    'VERSION_TAKEN',
    `${dapp} ${version} was published with another package: raise the version in medigraph.json`,
  );
}

/** One version; undefined where there is none that the caller sees. */
export async function releaseOf(
  graph: GraphAccess,
  dapp: string,
  version: string,
): Promise<Release | undefined> {
  const { dAppRelease } = await graph.request<{ dAppRelease: Release | null }>(
    `query($dapp: ID!, $version: String!) { dAppRelease(dapp: $dapp, version: $version) { ${releaseFields} } }`,
    { dapp, version },
  );
  return dAppRelease ?? undefined;
}

/** Every version of a DApp that the caller sees, the newest first. */
export async function releasesOf(graph: GraphAccess, dapp: string): Promise<Release[]> {
  const found: Release[] = [];
  let after: string | null = null;
  do {
    const answer: { readonly dApp: { readonly releases: ReleasePage } | null } = await graph.request(
      `query($id: ID!, $after: String) { dApp(id: $id) { releases(first: 100, after: $after) { nodes { ${releaseFields} } pageInfo { endCursor hasNextPage } } } }`,
      { id: dapp, after },
    );
    const { dApp } = answer;
    if (!dApp) throw new CommandFailure('DAPP_NOT_FOUND', `there is no DApp ${dapp} that you may see`);
    found.push(...dApp.releases.nodes);
    const { pageInfo }: ReleasePage = dApp.releases;
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

interface ReleasePage {
  readonly nodes: readonly Release[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}
