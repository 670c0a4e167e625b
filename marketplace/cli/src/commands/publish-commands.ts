import { refuses, reviewPackage } from '@medigraph/dapp-review';
import { type Command, Option } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import { packDApp } from '../build/pack.js';
import { CommandFailure } from '../command-failure.js';
import { type GraphOptions, type OpenGraph } from '../graph-access.js';
import { KeyStore } from '../keys/key-store.js';
import { passphraseFor } from '../keys/passphrase.js';
import { platformCommands } from './platform-commands.js';
import { describedFinding, summaryOf } from './release-summary.js';
import { publishPackage, type Release, releaseOf, releasesOf } from './publishing.js';

export interface PublishCommandOptions {
  /** Where this system keeps what Medigraph's command knows of its user. */
  readonly configuration: string;
  /** Data folder of a platform on this machine, unless another is named. */
  readonly data: string;
  readonly openGraph: OpenGraph;
}

const print = (line: string) => process.stdout.write(`${line}\n`);
/** Milliseconds between two looks at what became of a version: longer the longer it takes. */
const firstLookMs = 250;
const longestLookMs = 10_000;
/** Looks that may fail one after the other, as while a platform starts again. */
const mostFailures = 10;

/** What a version may be waited for to become, in the order in which it does. */
const stages = ['submitted', 'checked', 'approved', 'active'] as const;
type Stage = (typeof stages)[number];
/** What ends a version without its having run, or what it was published for. */
const failures: Readonly<Record<string, string>> = { REFUSED: 'RELEASE_REFUSED', REVOKED: 'RELEASE_REVOKED' };

const hasCome = ({ status }: Release, stage: Stage): boolean =>
  status === 'SUPERSEDED' || stages.indexOf(status.toLowerCase() as Stage) >= stages.indexOf(stage);

/**
 * Tells of a version as it changes, until it has come to a stage.
 * @throws `RELEASE_REFUSED`, `RELEASE_REVOKED` if it does not come to it.
 */
async function follow(look: () => Promise<Release | undefined>, stage: Stage): Promise<void> {
  let told = '';
  let failed = 0;
  for (let pause = firstLookMs; ; pause = Math.min(pause * 1.5, longestLookMs)) {
    let release: Release | undefined;
    try {
      release = await look();
      failed = 0;
    } catch (error) {
      failed += 1;
      if (failed > mostFailures) throw error;
    }
    if (release !== undefined) {
      const summary = summaryOf(release);
      if (summary !== told) {
        print(summary);
        told = summary;
        pause = firstLookMs;
      }
      const code = failures[release.status];
      if (code !== undefined)
        throw new CommandFailure(code, release.reason ?? 'organisations said no; see their reasons above');
      if (hasCome(release, stage)) return;
    }
    await delay(pause);
  }
}

/** Commands that need a platform. */
export function addPublishCommands(
  dapp: Command,
  { configuration, data, openGraph }: PublishCommandOptions,
): void {
  const keys = new KeyStore(configuration);
  const onPlatform = platformCommands(dapp, data);

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
    .addOption(
      new Option('--until <stage>', 'what to wait for').choices(stages).default('active' satisfies Stage),
    )
    .action(async (options: GraphOptions & { key: string; folder: string; until: Stage }) => {
      const packed = await packDApp(options.folder);
      const { id: dapp, version } = packed.manifest;
      const findings = await reviewPackage(packed.files);
      for (const finding of findings) print(describedFinding(finding));
      if (refuses(findings)) throw new CommandFailure('CHECKS_FAILED', `${dapp} ${version} would be refused`);
      const key = await keys.open(options.key, await passphraseFor(options.key));
      const graph = await openGraph(options);
      print(`${dapp} ${version}, ${packed.archive.byteLength} bytes, sha256 ${packed.sha256}`);
      print(`${dapp} ${version} ${await publishPackage(graph, packed, key)}`);
      await follow(() => releaseOf(graph, dapp, version), options.until);
    });

  onPlatform('versions <dapp>', 'tell what became of every version').action(
    async (dapp: string, options: GraphOptions) => {
      for (const release of await releasesOf(await openGraph(options), dapp)) print(summaryOf(release));
    },
  );

  const say = async (
    [dapp, version]: readonly [string, string],
    options: GraphOptions,
    mutation: string,
    reason?: string,
  ): Promise<void> => {
    const graph = await openGraph(options);
    const type = `${mutation === 'refuseDApp' ? 'RefuseDApp' : 'DAppVersion'}Input`;
    await graph.request(`mutation($input: ${type}!) { ${mutation}(input: $input) { release { status } } }`, {
      input: { dapp, version, ...(reason !== undefined && { reason }) },
    });
    const release = await releaseOf(graph, dapp, version);
    if (release) print(summaryOf(release));
  };
  onPlatform('rollback <dapp> <version>', 'have an earlier version run again').action(
    (dapp: string, version: string, options: GraphOptions) => say([dapp, version], options, 'rollBackDApp'),
  );
  onPlatform('deprecate <dapp>', 'announce that it will end: from then on nobody installs it')
    .requiredOption('--reason <text>', 'why, as people read it')
    .requiredOption('--ends-at <instant>', 'when, such as 2027-01-01T00:00:00Z')
    .action(async (id: string, options: GraphOptions & { reason: string; endsAt: string }) => {
      const graph = await openGraph(options);
      await graph.request(
        'mutation($input: DeprecateDAppInput!) { deprecateDApp(input: $input) { dApp { status } } }',
        { input: { dapp: id, reason: options.reason, endsAt: options.endsAt } },
      );
    });
  onPlatform('approve <dapp> <version>', 'as a reviewing organisation: approve a version').action(
    (dapp: string, version: string, options: GraphOptions) => say([dapp, version], options, 'approveDApp'),
  );
  onPlatform('refuse <dapp> <version>', 'as a reviewing organisation: refuse a version')
    .requiredOption('--reason <text>', 'why, as the author reads it')
    .action((dapp: string, version: string, options: GraphOptions & { reason: string }) =>
      say([dapp, version], options, 'refuseDApp', options.reason),
    );
}
