/** A third party whom nobody trusts: it publishes what it likes, in the way that everybody does. */
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createDApp, packageFiles, publishPackage, releaseOf } from '@medigraph/dapp-cli';
import {
  generatePublisherKey,
  type PackageFiles,
  provenanceFile,
  provenanceOf,
  type PublisherKey,
  readPackage,
  signPackage,
  writePackage,
} from '@medigraph/dapp-package';
import { type DAppManifest, manifestFile } from '@medigraph/schema/dapps';
import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { eventually } from './eventually.js';
import { codesOf, type RunningSystem } from './running-system.js';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const reviewers = ['hospital-a', 'hospital-b', 'insurer-a', 'regulator'];

/** A package as it is sent, and what is said of it. */
export interface Sent {
  readonly manifest: DAppManifest;
  readonly archive: Uint8Array;
  readonly sha256: string;
}

/** Publishes in the place of hospital-b. */
export class Stranger {
  readonly key: PublisherKey;
  readonly manifest: DAppManifest;
  readonly #system: RunningSystem;
  readonly #files: PackageFiles;

  private constructor(
    system: RunningSystem,
    { key, manifest, files }: { key: PublisherKey; manifest: DAppManifest; files: PackageFiles },
  ) {
    this.#system = system;
    this.key = key;
    this.manifest = manifest;
    this.#files = files;
  }

  /** Registers it, with a DApp in which people greet each other. @param parent - folder for its sources. */
  static async register(system: RunningSystem, parent: string, id: string): Promise<Stranger> {
    const folder = await createDApp({ id, publisher: 'stranger', template: 'basic', parent });
    await symlink(modules, path.join(folder, 'node_modules'));
    // They take long, and are tested elsewhere.
    await rm(path.join(folder, 'src', 'greetings.test.ts'));
    const key = await generatePublisherKey();
    const input = { id: 'stranger', name: 'Stranger', institution: 'hospital-b', key: key.publicKey };
    await system.data(
      'hospital-b',
      'mutation($input: RegisterPublisherInput!) { registerPublisher(input: $input) { publisher { id } } }',
      { input },
    );
    return new Stranger(system, { key, ...(await packageFiles(folder)) });
  }

  /** Its DApp as another version, or with another manifest. */
  async packed(changes: Partial<DAppManifest> = {}): Promise<Sent> {
    const manifest = { ...this.manifest, ...changes };
    const archive = await writePackage(this.#filesWith(manifest));
    const { sha256 } = await readPackage(archive);
    return { manifest, archive, sha256 };
  }

  /** The same with a file of any name, as no tool of ours makes it. */
  async packedWith(name: string, changes: Partial<DAppManifest>): Promise<Sent> {
    const manifest = { ...this.manifest, ...changes };
    const archive = pack();
    for (const [file, content] of this.#filesWith(manifest))
      archive.entry({ name: file }, Buffer.from(content));
    archive.entry({ name }, 'root::0:0::/:/bin/sh');
    archive.finalize();
    const bytes = gzipSync(await buffer(archive));
    return { manifest, archive: bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  /** Sends and publishes. @throws with the `code` of whoever refuses it */
  async publish(sent: Sent, { as = 'hospital-b', key = this.key } = {}): Promise<void> {
    await publishPackage(this.#graph(as), sent, key);
  }

  /** Code with which a publication is refused. */
  refusal(sent: Sent, by: { as?: string; key?: PublisherKey } = {}): Promise<unknown> {
    return this.publish(sent, by).then(
      () => 'published',
      (error: unknown) => (error as { code?: unknown }).code,
    );
  }

  /** Code with which the registry refuses what was published and signed before. */
  async replayed({ manifest, archive, sha256 }: Sent): Promise<string[]> {
    const { id: dapp, version } = manifest;
    const signature = await signPackage({ dapp, version, package: sha256 }, this.key);
    const input = { manifest, sha256, size: archive.byteLength, signature };
    const publish =
      'mutation($input: PublishDAppInput!) { publishDApp(input: $input) { release { status } } }';
    return codesOf(await this.#system.ask('hospital-b', publish, { input }));
  }

  /** Codes of the errors for which stewards refused a version that was published. */
  async errorsOf(sent: Sent): Promise<string[]> {
    await this.publish(sent);
    const { id, version } = sent.manifest;
    const release = await eventually(
      `the end of ${id} ${version}`,
      () => releaseOf(this.#graph('hospital-b'), id, version),
      (found) => found?.status === 'REFUSED',
    );
    const findings = release?.reports.flatMap((report) => report.findings) ?? [];
    return findings.flatMap(({ severity, code }) => (severity.toUpperCase() === 'ERROR' ? [code] : []));
  }

  /** Publishes a version, and has everybody approve it. */
  async run(sent: Sent, readyWhen: string, as: string): Promise<void> {
    await this.publish(sent);
    const { id: dapp, version } = sent.manifest;
    const comesTo = (wanted: string) =>
      eventually(
        `${dapp} ${version} is ${wanted}`,
        async () => (await releaseOf(this.#graph('hospital-b'), dapp, version))?.status,
        (status) => status === wanted,
      );
    await comesTo('CHECKED');
    const approve =
      'mutation($input: DAppVersionInput!) { approveDApp(input: $input) { release { status } } }';
    for (const reviewer of reviewers)
      await this.#system.data(`operator:${reviewer}`, approve, { input: { dapp, version } });
    await comesTo('ACTIVE');
    await eventually(
      `${dapp} in the graph`,
      () => this.#system.ask(as, readyWhen),
      (answer) => !codesOf(answer).includes('GRAPHQL_VALIDATION_FAILED'),
    );
  }

  #filesWith(manifest: DAppManifest): PackageFiles {
    const files = new Map(this.#files);
    files.delete(provenanceFile);
    files.set(manifestFile, Buffer.from(JSON.stringify(manifest)));
    const statement = provenanceOf(files, { entry: 'src/index.ts', sources: new Map(), tools: {} });
    return files.set(provenanceFile, Buffer.from(JSON.stringify(statement)));
  }

  #graph(role: string) {
    const system = this.#system;
    return {
      url: system.url,
      token: () => system.token(role),
      request: async <Data>(query: string, variables?: Record<string, unknown>): Promise<Data> =>
        (await system.client(role)).request<Data>(query, variables),
    };
  }
}
