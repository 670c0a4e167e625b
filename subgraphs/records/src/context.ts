import {
  type AcquisitionLimits,
  findAll,
  Forbidden,
  parseEntryGraphId,
  RequestContext,
  type RequestParts,
} from '@medigraph/platform/graph';
import { type FhirResource } from '@medigraph/schema/scalars';
import DataLoader from 'dataloader';
import { type ImportBook, type ImportDocument, visibleImports } from './history/import-book.js';
import { type FileSweep } from './files/file-sweep.js';
import { type FileService } from './files/file-service.js';
import { type DraftStore } from './large/draft-store.js';
import { type KeyRotations, keyOf } from './rewrapping/key-rotations.js';
import { type ProgressStore, type RewrapProgress } from './rewrapping/progress-store.js';
import { type ContributionLimits } from './contributions/contribution-limits.js';
import { DataLinker, type Reading } from './data-linker.js';
import { readable, visibleEntries } from './policy.js';
import { type EntryDocument, type EntryIndex } from './read-model.js';

interface Loaders {
  /** Entries that the caller may see. */
  readonly entries: DataLoader<string, EntryDocument | undefined>;
  /** What entries say. */
  readonly contents: DataLoader<Reading, FhirResource, string>;
  /** Imports that the caller is a party to. */
  readonly imports: DataLoader<string, ImportDocument | undefined>;
  /** Newest authorised identity entry of a patient that the caller may see. */
  readonly identities: DataLoader<string, EntryDocument | undefined>;
}

/** What every request of the records subgraph is given. */
export interface RecordsParts {
  readonly index: EntryIndex;
  readonly book: ImportBook;
  readonly files: FileService;
  readonly drafts: DraftStore;
  readonly limits: AcquisitionLimits;
  readonly contributions: ContributionLimits;
  readonly rotations: KeyRotations;
  readonly progress: ProgressStore;
  readonly sweep: () => FileSweep | undefined;
}

/** A request of the records subgraph. */
export class RecordsContext extends RequestContext<Loaders> {
  readonly index: EntryIndex;
  readonly book: ImportBook;
  readonly files: FileService;
  readonly drafts: DraftStore;
  readonly limits: AcquisitionLimits;
  readonly contributions: ContributionLimits;
  readonly #rotations: KeyRotations;
  readonly #progress: ProgressStore;
  readonly #sweep: () => FileSweep | undefined;

  constructor(parts: RequestParts, records: RecordsParts) {
    super(parts);
    this.index = records.index;
    this.book = records.book;
    this.files = records.files;
    this.drafts = records.drafts;
    this.limits = records.limits;
    this.contributions = records.contributions;
    this.#rotations = records.rotations;
    this.#progress = records.progress;
    this.#sweep = records.sweep;
  }

  /** The sweep of this server, once it runs. */
  get sweep(): FileSweep | undefined {
    return this.#sweep();
  }

  /** For whom keys are wrapped when they are for the caller. @throws `FORBIDDEN` */
  async keyOwner(): Promise<string> {
    const { patient, institution } = await this.viewer();
    const owner = patient ?? institution;
    if (owner === undefined) throw new Forbidden('Only patients and institutions have keys.');
    return owner;
  }

  /** How far the keys of an owner have followed their newest rotation; undefined before it has begun. */
  async rewrapProgress(owner: string): Promise<RewrapProgress | undefined> {
    const rotation = await this.#rotations.of(owner);
    return rotation && this.#progress.of(owner, keyOf(rotation));
  }

  protected override createLoaders(): Loaders {
    const linker = new DataLinker(this);
    return {
      entries: new DataLoader((ids) => this.#visible(ids)),
      contents: new DataLoader((readings) => linker.read(readings), {
        cacheKeyFn: ({ entry, purpose }) => `${purpose}/${entry._id}`,
      }),
      imports: new DataLoader(async (ids) => {
        const filter = visibleImports(await this.viewerOf('Task'));
        return filter ? findAll(this.book.imports, ids, filter) : ids.map(() => undefined);
      }),
      identities: new DataLoader((patients) =>
        Promise.all(patients.map((patient) => this.#identity(patient))),
      ),
    };
  }

  async #visible(ids: readonly string[]): Promise<(EntryDocument | undefined)[]> {
    const now = new Date().toISOString();
    const patients = new Set(ids.flatMap((id) => parseEntryGraphId(id)?.patient ?? []));
    const filters = await Promise.all([...patients].map((patient) => visibleEntries(this, patient, now)));
    const $or = filters.filter((filter) => filter !== undefined);
    return $or.length === 0 ? ids.map(() => undefined) : findAll(this.index.entries, ids, { $or });
  }

  async #identity(patient: string): Promise<EntryDocument | undefined> {
    const filter = await visibleEntries(this, patient, new Date().toISOString());
    if (filter === undefined) return undefined;
    const found = await this.index.entries
      .findOne({ $and: [filter, { category: 'identity', status: { $in: readable } }] } as object)
      .sort({ date: -1, _id: -1 })
      .lean<EntryDocument>()
      .exec();
    return found ?? undefined;
  }
}
