/** A platform of its own for whoever develops a DApp: what they save runs at once. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  bundleContracts,
  DAppFolder,
  KeyStore,
  packDApp,
  publishPackage,
  releaseOf,
} from '@medigraph/dapp-cli';
import { Backoff } from '@medigraph/platform/time';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { DataFolder } from '../../data-folder.js';
import { CommandError } from '../../errors.js';
import { GraphClient } from '../../graph-client.js';
import { openRunning } from '../../running.js';
import { type Medigraph, startMedigraph } from '../../start.js';
import { Supervisor } from '../../supervisor.js';
import { dappsPart } from '../steward-part.js';
import { type As, install, registerPeople, reviewers } from './people.js';

export interface DevelopmentOptions {
  /** Of the DApp. */
  readonly folder: string;
  readonly data: string;
  /** Of the graph; 0 takes a free one. */
  readonly port: number;
  readonly reset: boolean;
  readonly signal: AbortSignal;
  readonly onPhase: (what: string) => void;
  readonly onNotice: (message: string) => void;
}

/** What a reload came to. */
export interface Reloaded {
  readonly milliseconds: number;
  /** The graph is another one now. */
  readonly interfaceChanged: boolean;
}

/** Publisher's key of this data folder: what it signs counts on its network alone. */
const keyName = 'development';
const replaced = z.object({ interfaceChanged: z.boolean() });
/** Milliseconds for checks, approvals and the first start of the contracts. */
const patienceMs = 60_000;

/** A DApp that runs on a platform of its own. */
export class Development {
  readonly #folder: DAppFolder;
  readonly #supervisor: Supervisor;
  readonly #bundle: string;
  readonly #published: DAppManifest;

  private constructor(
    readonly medigraph: Medigraph,
    readonly manifest: DAppManifest,
    /** Chain address of the patient whom it is tried as. */
    readonly patient: string,
    parts: { folder: DAppFolder; supervisor: Supervisor; bundle: string; published: DAppManifest },
  ) {
    this.#folder = parts.folder;
    this.#supervisor = parts.supervisor;
    this.#bundle = parts.bundle;
    this.#published = parts.published;
  }

  /**
   * Starts the platform, publishes the DApp on it as everywhere, and installs it.
   * @throws `BUILD_FAILED`, `MANIFEST_INVALID`, `RELEASE_REFUSED` with what is wrong; `ALREADY_RUNNING`.
   */
  static async start(options: DevelopmentOptions): Promise<Development> {
    const folder = new DAppFolder(options.folder);
    const manifest = await folder.manifest();
    const packed = await packDApp(folder.path);
    const supervisor = new Supervisor(options.onNotice);
    const medigraph = await startMedigraph({
      ...options,
      development: true,
      keeper: supervisor,
    });
    try {
      const { tokenFor } = await openRunning(options.data);
      const as: As = async (role) => new GraphClient(medigraph.url, await tokenFor(role, undefined, true));
      options.onPhase('Registering a patient and institutions');
      const patient = await registerPeople(as);
      options.onPhase(`Publishing ${manifest.id} ${manifest.version}`);
      await run(medigraph.url, { as, token: tokenFor, packed, data: options.data });
      await install(
        as,
        manifest.id,
        [...manifest.scopes.required, ...manifest.scopes.optional].map(({ id }) => id),
        patient,
      );
      const bundle = path.join(new DataFolder(options.data).path, 'development', 'contracts.cjs');
      const parts = { folder, supervisor, bundle, published: manifest };
      return new Development(medigraph, manifest, patient, parts);
    } catch (error) {
      await medigraph.stop();
      throw error;
    }
  }

  /** Sources that are watched. */
  get sources(): string {
    return path.join(this.#folder.path, 'src');
  }

  /**
   * Has the sources as they are now run. Where they cannot, those of before run on.
   * @param signal - ends the waiting for it.
   * @throws `BUILD_FAILED` with each place; what the contracts or their graph fail with; `MANIFEST_CHANGED`; the signal's reason.
   */
  async reload(signal: AbortSignal): Promise<Reloaded> {
    const since = performance.now();
    if (!isDeepStrictEqual(await this.#folder.manifest(), this.#published))
      throw new CommandError(
        'MANIFEST_CHANGED',
        'medigraph.json is another one; stop, and start again with --reset, so that it is published anew',
      );
    const { content } = await bundleContracts(this.#folder.path);
    await mkdir(path.dirname(this.#bundle), { recursive: true });
    await writeFile(`${this.#bundle}.new`, content);
    await rename(`${this.#bundle}.new`, this.#bundle);
    const { id: dapp } = this.manifest;
    const replacement = { dapp, bundle: this.#bundle };
    const answered = await this.#supervisor.ask(dappsPart, 'replace', replacement, signal);
    const { interfaceChanged } = replaced.parse(answered);
    if (interfaceChanged) await this.#supervisor.ask('platform', 'refresh-dapp', dapp, signal);
    return { milliseconds: performance.now() - since, interfaceChanged };
  }

  async stop(): Promise<void> {
    await this.medigraph.stop();
    await rm(path.dirname(this.#bundle), { recursive: true, force: true });
  }
}

interface Publication {
  readonly as: As;
  readonly token: (role: string) => Promise<string>;
  readonly packed: Awaited<ReturnType<typeof packDApp>>;
  readonly data: string;
}

/** Publishes a version that was not before, and has the organisations of this network approve it. */
async function run(url: string, { as, token, packed, data }: Publication): Promise<void> {
  const { id: dapp, version, publisher } = packed.manifest;
  const publisherRole = 'operator:hospital-a';
  const graph = {
    url,
    token: () => token(publisherRole),
    request: async <Data>(query: string, variables?: Record<string, unknown>) =>
      (await as(publisherRole)).request<Data>(query, variables),
  };
  const status = async () => {
    const release = await releaseOf(graph, dapp, version);
    const wrong = release?.reports.flatMap(({ findings }) => findings).filter(isError) ?? [];
    if (release?.status === 'REFUSED')
      throw new CommandError(
        'RELEASE_REFUSED',
        wrong.map(({ code, message, location }) => `${location ?? code}: ${message}`).join('\n'),
      );
    return release?.status;
  };
  if ((await status()) === undefined) {
    const keys = new KeyStore(new DataFolder(data).path);
    const isNew = !(await keys.list()).includes(keyName);
    const key = await (isNew ? keys.create(keyName, keyName) : keys.open(keyName, keyName));
    const input = { id: publisher, name: publisher, institution: 'hospital-a', key: key.publicKey };
    const { publisher: known } = await graph.request<{ publisher: object | null }>(
      'query($id: ID!) { publisher(id: $id) { id } }',
      { id: publisher },
    );
    if (!known)
      await graph.request(
        'mutation($input: RegisterPublisherInput!) { registerPublisher(input: $input) { publisher { id } } }',
        { input },
      );
    await publishPackage(graph, packed, key);
  }
  await until(status, ['CHECKED', 'APPROVED', 'ACTIVE']);
  if ((await status()) === 'CHECKED')
    for (const reviewer of reviewers)
      await (
        await as(`operator:${reviewer}`)
      ).request('mutation($input: DAppVersionInput!) { approveDApp(input: $input) { release { status } } }', {
        input: { dapp, version },
      });
  await until(status, ['ACTIVE']);
  const installable = async () => {
    const { dApp } = await graph.request<{ dApp: { active: object | null } | null }>(
      'query($id: ID!) { dApp(id: $id) { active { version } } }',
      { id: dapp },
    );
    return dApp?.active ? 'ACTIVE' : undefined;
  };
  await until(installable, ['ACTIVE']);
}

const isError = ({ severity }: { readonly severity: string }): boolean => severity.toLowerCase() === 'error';

/** @throws `DEVELOPMENT_STALLED` */
async function until(look: () => Promise<string | undefined>, wanted: readonly string[]): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const backoff = new Backoff({ initial: 50, limit: 500 });
  for (;;) {
    const found = await look();
    if (found !== undefined && wanted.includes(found)) return;
    if (performance.now() > deadline)
      throw new CommandError(
        'DEVELOPMENT_STALLED',
        `the DApp is ${found ?? 'not there'} and does not become ${wanted[0] ?? ''}; see the logs in the data folder`,
      );
    await backoff.pause();
  }
}
