/**
 * The data linker: how what is sealed in an entry comes to someone who may read it. Opening is a transaction, so that
 * the ledger itself checks consent and keeps the audit trail; then the wrapped keys and the ciphertext are joined here.
 */
import { Forbidden, type RequestContext } from '@medigraph/platform/graph';
import { PlatformError } from '@medigraph/platform/errors';
import { unwrapWithAny } from '@medigraph/platform/envelope';
import { KeyNotFoundError } from '@medigraph/platform/identity';
import { care, type PurposeOfUse } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type KeyObject } from 'node:crypto';
import { EntryNotFound } from './errors.js';
import { type EntryDocument } from './read-model.js';

/** One entry that is to be read, and for what. */
export interface Reading {
  readonly entry: EntryDocument;
  readonly purpose: PurposeOfUse;
}

interface Opening {
  readonly transaction: string;
  readonly opened: readonly care.OpenedEntry[];
}

/** What was found in an entry. */
export interface OpenedContent {
  /** The entry as the ledger has it. */
  readonly entry: care.Entry;
  /** That let it be opened; absent for patient and holder. */
  readonly consent?: string;
  readonly resource: FhirResource;
  /** For a file that belongs to the entry. Never to be kept. */
  readonly contentKey: Uint8Array;
}

type Answer<T> = T | Error;

// One answer of a peer stays well below gRPC's usual 4 MB.
const bytesPerRead = 2_000_000;

/** Opens, fetches and unseals entries, many of a patient in one transaction. */
export class DataLinker {
  readonly #context: RequestContext;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** What each of the entries says, or why it cannot be read; in their order. */
  async read(readings: readonly Reading[]): Promise<Answer<FhirResource>[]> {
    const opened = await this.open(readings);
    return opened.map((one) => (one instanceof Error ? one : one.resource));
  }

  /** {@link read}, with the keys. */
  async open(readings: readonly Reading[]): Promise<Answer<OpenedContent>[]> {
    const answers = new Map<Reading, Answer<OpenedContent>>();
    const batches = batchesOf(readings);
    await Promise.all(
      batches.map(async (batch) => {
        const found = await this.#readBatch(batch).catch((error: unknown) => asError(error));
        for (const reading of batch)
          answers.set(reading, found instanceof Error ? found : (found.get(reading) ?? notFound(reading)));
      }),
    );
    const { scopes } = this.#context;
    return readings.map((reading) => {
      const answer = answers.get(reading) ?? notFound(reading);
      if (answer instanceof Error) return answer;
      return isOfItsType(answer) && scopes.allows(answer.resource.resourceType, 'read')
        ? answer
        : notFound(reading);
    });
  }

  async #readBatch(batch: readonly Reading[]): Promise<Map<Reading, Answer<OpenedContent>>> {
    const reader = await this.#reader();
    const opening = await this.#open(batch, reader.institution);
    const keys = new Map(opening.opened.map((one) => [one.entry.id, one]));
    const opened = batch.filter(({ entry }) => keys.has(entry.id));
    const bodies = await this.#bodies(opened, opening.transaction);
    const answers = await Promise.all(
      opened.map(async (reading): Promise<[Reading, Answer<OpenedContent>]> => {
        const { id } = reading.entry;
        const key = keys.get(id);
        const body = bodies.get(id);
        if (key === undefined || body === undefined) return [reading, notFound(reading)];
        return [reading, await this.#unseal(body, key, reader.privateKeys).catch(asError)];
      }),
    );
    return new Map(answers);
  }

  async #reader(): Promise<{ institution?: string; privateKeys: readonly KeyObject[] }> {
    const { patient, dapp, institution = dapp?.institution } = await this.#context.viewer();
    const owner = patient ?? institution;
    if (owner === undefined)
      throw new Forbidden('You read for nobody: your token names no registered institution.');
    const privateKeys = await this.#context.services.custody.decryptionKeys(owner);
    if (privateKeys.length === 0) throw new KeyNotFoundError(owner);
    return { institution: patient === undefined ? institution : undefined, privateKeys };
  }

  /** All at once; if one is refused, those that are not. */
  async #open(batch: readonly Reading[], institution: string | undefined): Promise<Opening> {
    try {
      return await this.#submitOpening(batch, institution);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    // Evaluating asks the same question without leaving a trace, so only what may be opened is logged as opened.
    const allowed = await Promise.all(
      batch.map(async (reading) => {
        try {
          await this.#context.evaluate(openCall([reading], institution));
          return [reading];
        } catch (error) {
          if (isRefusal(error)) return [];
          throw error;
        }
      }),
    );
    const open = allowed.flat();
    return open.length === 0 ? { transaction: '', opened: [] } : this.#submitOpening(open, institution);
  }

  async #submitOpening(batch: readonly Reading[], institution: string | undefined): Promise<Opening> {
    const { result, transaction } = await this.#context.submit<care.OpenedEntry[]>(
      openCall(batch, institution),
    );
    return { transaction: transaction.id, opened: result };
  }

  /** The sealed bodies. One that is stored in parts and is not whole is left out. */
  async #bodies(opened: readonly Reading[], opening: string): Promise<Map<string, string>> {
    const entries = opened.map(({ entry }) => entry);
    const read = (argument: { readonly entries: readonly string[]; readonly part?: number }) =>
      this.#context.evaluate<care.SealedBodyOf[]>({
        contract: 'Access',
        transaction: 'ReadBodies',
        argument: { patient: entries[0]?.patient, opening, ...argument },
      });
    const whole = entries.filter(({ parts }) => parts === undefined);
    const answers = await Promise.all(
      groupsBySize(whole).map((group) => read({ entries: group.map(({ id }) => id) })),
    );
    const bodies = new Map(answers.flat().map(({ entry, body }) => [entry, body]));
    // One part after the other: what is under way at once stays one answer of a peer.
    for (const { id, parts } of entries) {
      if (parts === undefined) continue;
      try {
        const body: string[] = [];
        for (let part = 0; part < parts; part += 1)
          body.push(...(await read({ entries: [id], part })).map((found) => found.body));
        bodies.set(id, body.join(''));
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
    return bodies;
  }

  async #unseal(
    body: string,
    { entry, key, consent }: care.OpenedEntry,
    privateKeys: readonly KeyObject[],
  ): Promise<OpenedContent> {
    const { id, sha256 } = entry;
    const { envelopes, logger } = this.#context.services;
    try {
      const contentKey = await unwrapWithAny(envelopes, key, privateKeys);
      const plaintext = await envelopes.open(id, body, sha256, contentKey);
      const resource = JSON.parse(Buffer.from(plaintext).toString('utf8')) as FhirResource;
      return { entry, consent, resource, contentKey };
    } catch (err) {
      // A body that is not the ledger's is an incident and not only one reader's failure.
      if (err instanceof PlatformError) logger.error({ err, entry: id }, 'entry cannot be unsealed');
      throw err;
    }
  }
}

function openCall(batch: readonly Reading[], institution: string | undefined) {
  const [first] = batch;
  return {
    contract: 'Access',
    transaction: 'OpenEntries',
    argument: {
      patient: first?.entry.patient,
      entries: batch.map(({ entry }) => entry.id),
      ...(institution === undefined ? {} : { institution }),
      purpose: first?.purpose,
    },
  };
}

/** Readings of one patient for one purpose belong into one transaction, as many as it carries. */
function batchesOf(readings: readonly Reading[]): Reading[][] {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) {
    const name = `${reading.purpose}/${reading.entry.patient}`;
    const group = groups.get(name);
    if (group) group.push(reading);
    else groups.set(name, [reading]);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / care.maxBatch) }, (_, part) =>
      group.slice(part * care.maxBatch, (part + 1) * care.maxBatch),
    ),
  );
}

/** Entries whose bodies one answer carries. */
function groupsBySize(entries: readonly EntryDocument[]): EntryDocument[][] {
  const groups: EntryDocument[][] = [];
  let room = 0;
  for (const entry of entries) {
    if (entry.size > room) {
      groups.push([]);
      room = bytesPerRead;
    }
    groups.at(-1)?.push(entry);
    room -= entry.size;
  }
  return groups;
}

/** A consent speaks of types as the ledger says them: what turns out to be of another, it did not open. */
function isOfItsType({ entry, consent, resource }: OpenedContent): boolean {
  return consent === undefined || resource.resourceType === entry.resourceType;
}

function isRefusal(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'ENTRY_NOT_FOUND';
}

function notFound({ entry }: Reading): EntryNotFound {
  return new EntryNotFound(entry._id);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
