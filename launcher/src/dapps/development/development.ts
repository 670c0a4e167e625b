/** A platform of its own for whoever develops a DApp: what they save runs at once. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bundleContracts, DAppFolder, packDApp } from '@medigraph/dapp-cli';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { DataFolder } from '../../data-folder.js';
import { CommandError } from '../../errors.js';
import { type Medigraph, startMedigraph } from '../../start.js';
import { Supervisor } from '../../supervisor.js';
import { dappsPart } from '../steward-part.js';
import { openHome } from './home.js';
import { install, registerInstitutions, registerPatient } from './people.js';
import { publishHere } from './publication.js';

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

const medicalRecordNumber = 'DEVELOPMENT-1';
const replaced = z.object({ interfaceChanged: z.boolean() });

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
      const home = await openHome(options.data);
      const { as } = home;
      options.onPhase('Registering a patient and institutions');
      await registerInstitutions(as);
      const patient = await registerPatient(as, medicalRecordNumber);
      options.onPhase(`Publishing ${manifest.id} ${manifest.version}`);
      await publishHere(home, packed);
      await install(as, manifest, { patient });
      await install(as, manifest, { institution: 'hospital-a' });
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
