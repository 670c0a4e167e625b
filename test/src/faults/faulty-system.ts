import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type StoredLedger, readLedgerNetwork } from '@medigraph/embedded-ledger';
import { DataFolder, GraphClient, type Medigraph, openRunning, startMedigraph } from '@medigraph/launcher';
import { ledgerFileIn } from '@medigraph/network';
import { type ConnectionProfile, loadConnectionProfile } from '@medigraph/platform/ledger';
import { Load } from './load.js';
import { FaultyParts } from './parts.js';
import { type Random } from './random.js';
import { type Fault, type PartName, partNames, type StoreName, storeNames } from './schedule.js';
import { type SmallDisk } from './small-disk.js';
import { tearStore, tearWitness } from './torn-write.js';

const institutions = { 'hospital-a': 'HOSPITAL', 'insurer-a': 'INSURER' } as const;

/** How far into a write a process is killed at most, in milliseconds; a sync takes about one. */
const longestWriteMs = 2;

/** A whole Medigraph, started as the launcher starts it, that things can be done to. */
export class FaultySystem {
  readonly medigraph: Medigraph;
  readonly load: Load;
  readonly stored: StoredLedger;
  readonly profile: ConnectionProfile;
  readonly parts: FaultyParts;
  readonly #data: DataFolder;
  readonly #notes: string;
  readonly #disk: SmallDisk | undefined;
  readonly #busy = new Map<PartName, Promise<unknown>>();
  /** Settles when there is room on the disk again. */
  #room: Promise<unknown> = Promise.resolve();

  private constructor(
    opened: Pick<FaultySystem, 'medigraph' | 'load' | 'stored' | 'profile' | 'parts'>,
    data: DataFolder,
    notes: string,
    disk: SmallDisk | undefined,
  ) {
    this.medigraph = opened.medigraph;
    this.load = opened.load;
    this.stored = opened.stored;
    this.profile = opened.profile;
    this.parts = opened.parts;
    this.#data = data;
    this.#notes = notes;
    this.#disk = disk;
  }

  /**
   * Starts an empty one.
   * @param folder - For its data, and for what it and the harness tell each other.
   * @param disk - For its data instead, if there is one that can be filled: what the harness says must be heard all the same.
   */
  static async start(folder: string, disk?: SmallDisk): Promise<FaultySystem> {
    const notes = path.join(folder, 'notes');
    await mkdir(notes, { recursive: true });
    const data = new DataFolder(path.join(disk?.folder ?? folder, 'data'));
    const parts = new FaultyParts(notes);
    const medigraph = await startMedigraph({
      data: data.path,
      port: 0,
      reset: false,
      onNotice: () => undefined,
      signal: new AbortController().signal,
      keeper: parts,
    });
    try {
      const { run, tokenFor } = await openRunning(data.path);
      for (const [id, kind] of Object.entries(institutions)) {
        await new GraphClient(medigraph.url, await tokenFor(`operator:${id}`)).request(
          'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
          { input: { id, name: id, kind } },
        );
      }
      const profile = await loadConnectionProfile(run.connectionProfile);
      const load = await Load.open(medigraph.url, profile, tokenFor);
      const stored = {
        network: await readLedgerNetwork(ledgerFileIn(data.network)),
        dataFolder: data.ledger,
      };
      return new FaultySystem({ medigraph, load, stored, profile, parts }, data, notes, disk);
    } catch (error) {
      await medigraph.stop();
      throw error;
    }
  }

  get mongodbUri(): string {
    return this.medigraph.configuration.mongodbUri;
  }

  /** Does what a fault says, to its end; answers what came of it where that is not known before. */
  async suffer(fault: Fault, random: Random): Promise<string> {
    switch (fault.kind) {
      case 'kill':
        await this.#alone([fault.part], async () => {
          await this.parts.take(fault.part, 'SIGKILL');
          await delay(fault.lasts);
          await this.#revive(fault.part);
        });
        return '';
      case 'torn-write':
        return this.#alone([fault.part], async () => {
          await this.parts.takeWriting(fault.part, random.next() * longestWriteMs);
          const torn = await this.#tear(fault.part, random);
          await delay(fault.lasts);
          await this.#revive(fault.part);
          return torn;
        });
      case 'clock-jump':
        await this.#alone([fault.part], async () => {
          await this.parts.setClock(fault.part, fault.by);
          await delay(fault.lasts);
          await this.parts.setClock(fault.part, 0);
        });
        return '';
      case 'slow-chaincode':
        await this.#alone([fault.part], async () => {
          this.parts.signal(fault.part, 'SIGSTOP');
          await delay(fault.lasts);
          this.parts.signal(fault.part, 'SIGCONT');
        });
        return '';
      case 'disk-full':
        return this.#fillDisk(fault.lasts, random);
    }
  }

  async stop(): Promise<void> {
    this.load.close();
    await this.medigraph.stop();
  }

  /** Parts that keep data are started again once there is room: they take nothing more after a write has failed. */
  async #fillDisk(lasts: number, random: Random): Promise<string> {
    const disk = this.#disk;
    if (disk === undefined) return 'skipped';
    const full = (async () => {
      await disk.fill(random.whole(0, 65_536));
      await delay(lasts + 200);
      await disk.empty();
    })();
    this.#room = full;
    await full;
    await this.#alone(storeNames, async () => {
      for (const name of storeNames) await this.parts.take(name, 'SIGKILL');
      for (const name of storeNames) await this.parts.revive(name);
    });
    return '';
  }

  async #revive(name: PartName): Promise<void> {
    const room = this.#room;
    await room;
    try {
      await this.parts.revive(name);
    } catch (error) {
      // The disk was filled while it started.
      if (this.#room === room) throw error;
      await this.#revive(name);
    }
  }

  async #tear(part: StoreName, random: Random): Promise<string> {
    if (part === 'documents')
      return tearStore(this.#notes, path.join(this.#data.documents, 'documents'), random);
    const torn: string[] = [];
    for (const channel of Object.keys(this.stored.network.channels)) {
      const folder = path.join(this.#data.ledger, channel);
      torn.push(`${channel}: ${await tearStore(this.#notes, path.join(folder, 'store'), random)}`);
      await tearWitness(path.join(folder, 'committed'), random);
    }
    return torn.join(', ');
  }

  /** Runs one thing at a time on a part; what comes later waits. */
  async #alone<T>(names: readonly PartName[], work: () => Promise<T>): Promise<T> {
    const before = names.map((name) => this.#busy.get(name) ?? Promise.resolve());
    const mine = Promise.all(before).then(work);
    const settled = mine.catch(() => undefined);
    for (const name of partNames) if (names.includes(name)) this.#busy.set(name, settled);
    return mine;
  }
}
