import { signPackage } from '@medigraph/dapp-package';
import { checkPackage, refuses } from '@medigraph/dapp-review';
import { type Finding } from '@medigraph/schema/dapps';
import { type Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { packDApp } from '../build/pack.js';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess, type GraphOptions, type OpenGraph } from '../graph-access.js';
import { KeyStore } from '../keys/key-store.js';
import { passphraseFor } from '../keys/passphrase.js';
import { publish, type Release, releaseOf, releasesOf, upload } from './publishing.js';

export interface PublishCommandOptions {
  /** Where this system keeps what Medigraph's command knows of its user. */
  readonly configuration: string;
  /** Data folder of a platform on this machine, unless another is named. */
  readonly data: string;
  readonly openGraph: OpenGraph;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
/** Milliseconds between two looks at what became of a version. */
const lookMs = 500;
const ended: ReadonlySet<string> = new Set(['ACTIVE', 'REFUSED', 'REVOKED', 'SUPERSEDED']);

const described = ({ severity, code, message, location }: Finding): string =>
  `${severity.toLowerCase().padEnd(7)} ${code}${location ? ` at ${location}` : ''}: ${message}`;

/** Tells of a version as it changes, until nothing more becomes of it. @throws `RELEASE_REFUSED` */
async function follow(graph: GraphAccess, dapp: string, version: string): Promise<void> {
  let told = '';
  for (;;) {
    const release = await releaseOf(graph, dapp, version);
    if (release !== undefined && summaryOf(release) !== told) {
      told = summaryOf(release);
      print(told);
      if (release.status === 'REFUSED') {
        for (const { findings } of release.reports) for (const finding of findings) print(described(finding));
        throw new CommandFailure('RELEASE_REFUSED', release.reason ?? 'organisations refused it');
      }
      if (ended.has(release.status)) return;
    }
    await delay(lookMs);
  }
}

function summaryOf({ version, status, votes }: Release): string {
  const words = votes.map(({ organization, decision }) => `${organization} ${decision.toLowerCase()}`);
  return `${version}  ${status.toLowerCase()}${words.length > 0 ? `  (${words.join(', ')})` : ''}`;
}

/** Commands that need a platform. */
export function addPublishCommands(
  dapp: Command,
  { configuration, data, openGraph }: PublishCommandOptions,
): void {
  const keys = new KeyStore(configuration);
  const onPlatform = (name: string, description: string) =>
    dapp
      .command(name)
      .description(description)
      .option('--graph <url>', 'graph of a platform elsewhere, on which you are signed in')
      .option('--as <role>', 'role of `medigraph token`, on a platform of this machine')
      .option('--data <folder>', 'data folder of that platform', data);

  onPlatform('register', 'register a publisher, in the place of an institution of your organisation')
    .requiredOption('--publisher <id>', 'its id')
    .requiredOption('--institution <id>', 'the institution')
    .requiredOption('--key <name>', 'the key that signs; see `medigraph dapp keys`')
    .option('--name <name>', 'what people see; the id by default')
    .action(
      async (
        options: GraphOptions & { publisher: string; institution: string; key: string; name?: string },
      ) => {
        const { publicKey: key } = await keys.open(options.key, await passphraseFor(options.key));
        const { publisher: id, institution, name = id } = options;
        const graph = await openGraph(options);
        await graph.request(
          'mutation($input: RegisterPublisherInput!) { registerPublisher(input: $input) { publisher { id } } }',
          { input: { id, name, institution, key } },
        );
        print(`${id} publishes in the place of ${institution}`);
      },
    );

  onPlatform('publish', 'check, pack, sign and publish a version, and tell what becomes of it')
    .requiredOption('--key <name>', 'the key that signs; see `medigraph dapp keys`')
    .option('--folder <folder>', 'folder of the DApp', '.')
    .option('--no-wait', 'do not wait for the review')
    .action(async (options: GraphOptions & { key: string; folder: string; wait: boolean }) => {
      const { manifest, files, archive, sha256 } = await packDApp(options.folder);
      const { id: dapp, version } = manifest;
      const findings = await checkPackage(files);
      for (const finding of findings) print(described(finding));
      if (refuses(findings)) throw new CommandFailure('CHECKS_FAILED', `${dapp} ${version} would be refused`);
      const key = await keys.open(options.key, await passphraseFor(options.key));
      const graph = await openGraph(options);
      // A repetition, after a cut, goes on with what is there.
      if ((await releaseOf(graph, dapp, version)) === undefined) {
        await upload(graph, sha256, archive);
        const signature = await signPackage({ dapp, version, package: sha256 }, key);
        await publish(graph, { manifest, sha256, size: archive.byteLength, signature });
      }
      if (options.wait) await follow(graph, dapp, version);
    });

  onPlatform('versions <dapp>', 'tell what became of every version').action(
    async (dapp: string, options: GraphOptions) => {
      for (const release of await releasesOf(await openGraph(options), dapp))
        print(`${summaryOf(release)}${release.reason === null ? '' : `  ${release.reason}`}`);
    },
  );

  const onVersion = (name: string, description: string, mutation: string) =>
    onPlatform(`${name} <dapp> <version>`, description).action(
      async (id: string, version: string, options: GraphOptions) => {
        const graph = await openGraph(options);
        await graph.request(
          `mutation($input: DAppVersionInput!) { ${mutation}(input: $input) { release { status } } }`,
          { input: { dapp: id, version } },
        );
        const release = await releaseOf(graph, id, version);
        if (release) print(summaryOf(release));
      },
    );
  onVersion('rollback', 'have an earlier version run again', 'rollBackDApp');
  onVersion('approve', 'as a reviewing organisation: approve a version', 'approveDApp');
}
