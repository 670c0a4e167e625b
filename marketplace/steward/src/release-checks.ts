/** What a steward finds of a published version before its organisation is asked for its word. */
import { manifestOf, PackageError, type PackageFiles, readPackage } from '@medigraph/dapp-package';
import { reviewPackage } from '@medigraph/dapp-review';
import { executableGraph, type ExecutableGraph, graphModel, readMetadata } from '@medigraph/dapp-graph';
import { GuestStartError, type SandboxHost } from '@medigraph/dapp-sandbox';
import { type registry } from '@medigraph/schema';
import { compose } from '@medigraph/schema/composition';
import { isDeepStrictEqual } from 'node:util';
import semver from 'semver';
import { clientFindings, type OperationSource } from './client-findings.js';
import { PackageUnavailable, type PackageSource } from './package-source.js';

type Finding = registry.Finding;
type Release = registry.DAppRelease;

/** Findings that a report on the ledger holds. */
const longestReport = 200;
const longestMessage = 1_000;

/** What contracts are started with. */
export interface ContractMeans {
  readonly packages: PackageSource;
  readonly sandbox: SandboxHost;
}

/** What is checked with. */
export interface CheckingMeans extends ContractMeans {
  /** Version of the platform that runs, which `medigraph` of the manifest is held against. */
  readonly platformVersion: string;
  /** Graphs of DApps that are active, by DApp. */
  readonly active: ReadonlyMap<string, ExecutableGraph>;
  /** The graph without any DApp: subgraph name to SDL. */
  readonly core: ReadonlyMap<string, string>;
  readonly usage: OperationSource;
  /** Whether a new major version may break what clients really send: so the organisations' policy. */
  readonly majorsMayBreak: boolean;
}

const wrong = (check: string, code: string, message: string): Finding => ({
  check,
  severity: 'error',
  code,
  message: message.slice(0, longestMessage),
});

/** What a package is made of. @throws {@link PackageUnavailable}; {@link PackageError} */
export async function filesOf(
  { package: { sha256 } }: Release,
  packages: PackageSource,
): Promise<PackageFiles> {
  const archive = await packages.read(sha256);
  if (archive === undefined) throw new PackageUnavailable(sha256);
  const read = await readPackage(archive);
  if (read.sha256 !== sha256) throw new PackageUnavailable(sha256);
  return read.files;
}

/** The bundle that a version's contracts are in. @throws as {@link filesOf} */
export async function bundleOf(release: Release, packages: PackageSource): Promise<string> {
  const bundle = (await filesOf(release, packages)).get(release.manifest.contracts.entry);
  if (bundle === undefined) throw new PackageUnavailable(release.package.sha256);
  return Buffer.from(bundle).toString();
}

/**
 * Everything found of a version: its package, its contracts in the sandbox, its part of the graph.
 * @throws {@link PackageUnavailable}: the checks are to be tried again.
 */
export async function checkRelease(release: Release, means: CheckingMeans): Promise<Finding[]> {
  const { manifest } = release;
  let files: PackageFiles;
  try {
    files = await filesOf(release, means.packages);
  } catch (error) {
    if (error instanceof PackageError) return [wrong('manifest', error.code, error.message)];
    throw error;
  }
  const findings = await reviewPackage(files);
  if (findings.some(({ severity }) => severity === 'error')) return findings;
  if (!isDeepStrictEqual(manifestOf(files), manifest))
    return [
      wrong('manifest', 'MANIFEST_DIFFERS', 'the package’s manifest is not the one that was published'),
    ];
  if (!semver.satisfies(means.platformVersion, manifest.medigraph, { includePrerelease: true }))
    findings.push(
      wrong(
        'manifest',
        'PLATFORM_INCOMPATIBLE',
        `it works with Medigraph ${manifest.medigraph}, and ${means.platformVersion} runs here`,
      ),
    );
  findings.push(...(await inSandboxAndGraph(release, means)));
  return findings.slice(0, longestReport);
}

/** Starts the contracts as they will run, and stops them; what they say of themselves. @throws {@link GuestStartError} */
export async function describedContracts(release: Release, means: ContractMeans): Promise<string> {
  const { dapp, version, manifest } = release;
  const chaincodeId = `check:${dapp}:${version}`;
  const { names: contracts } = manifest.contracts;
  const bundle = await bundleOf(release, means.packages);
  const program = { dapp, version, bundle, contracts, chaincodeId, address: '127.0.0.1:0' };
  try {
    const { metadata } = await means.sandbox.start(program);
    return JSON.stringify(metadata);
  } finally {
    await means.sandbox.stop(chaincodeId);
  }
}

/** Loads the contracts, and makes their part of the graph of what they say. */
async function inSandboxAndGraph(release: Release, means: CheckingMeans): Promise<Finding[]> {
  try {
    return await inGraph(release, await describedContracts(release, means), means);
  } catch (error) {
    if (error instanceof GuestStartError) return [wrong('sandbox', error.report.code, error.report.message)];
    throw error;
  }
}

/** The graph of a version. @throws what `@medigraph/dapp-graph` refuses of it */
export const graphOf = ({ manifest }: Release, metadata: string): ExecutableGraph =>
  executableGraph(graphModel(manifest, readMetadata(metadata)));

async function inGraph(release: Release, metadata: string, means: CheckingMeans): Promise<Finding[]> {
  const { dapp, version } = release;
  const { core, active, usage, majorsMayBreak } = means;
  const running = active.get(dapp);
  const live = subgraphsOf(core, active);
  let next: ReadonlyMap<string, string>;
  try {
    next = subgraphsOf(core, new Map([...active, [dapp, graphOf(release, metadata)]]));
    compose(next);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const known = typeof code === 'string' && code.startsWith('DAPP_');
    return [wrong('graph', known ? code : 'GRAPH_NOT_COMPOSED', message)];
  }
  // What does not run yet is not used yet.
  if (running === undefined) return [];
  const isMajor = semver.major(version) > semver.major(running.model.version);
  const used = await usage.operations();
  return clientFindings({ live, next, used, mayBreak: isMajor && majorsMayBreak });
}

/** The subgraphs of the core and of DApps, by name. */
const subgraphsOf = (
  core: ReadonlyMap<string, string>,
  dapps: ReadonlyMap<string, ExecutableGraph>,
): ReadonlyMap<string, string> =>
  new Map([...core, ...[...dapps].map(([id, { sdl }]) => [`dapp-${id}`, sdl] as const)]);
