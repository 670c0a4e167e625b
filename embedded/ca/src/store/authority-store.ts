import { type ClassicLevel } from 'classic-level';
import { Exclusive } from '../exclusive.js';
import { Changes } from './changes.js';
import { below, ownedBy, sequenceOf, serialKey } from './keys.js';
import { type CertificateRecord, type IdentityRecord } from './records.js';

/** The parts of an authority's data, each with keys of its own. */
export interface Tables {
  /** By name. */
  readonly identities: Table<IdentityRecord>;
  /** By name; the value says nothing. */
  readonly affiliations: Table<true>;
  /** By the order in which they were issued. */
  readonly certificates: Table<CertificateRecord>;
  /** Order of issue by serial number and authority key identifier, and by owner. */
  readonly serials: Table<string>;
  readonly owners: Table<string>;
  /** Orders of issue of the revoked ones. */
  readonly revoked: Table<true>;
}

type Table<T> = ReturnType<typeof table<T>>;

function table<T>(database: ClassicLevel, authority: string, name: string) {
  return database.sublevel<string, T>([Buffer.from(authority).toString('hex'), name], {
    valueEncoding: 'json',
  });
}

/** Identities, affiliations and certificates of one authority. */
export class AuthorityStore {
  readonly #database: ClassicLevel;
  readonly #tables: Tables;
  readonly #changes = new Exclusive();
  #nextSequence: number;

  private constructor(database: ClassicLevel, tables: Tables, nextSequence: number) {
    this.#database = database;
    this.#tables = tables;
    this.#nextSequence = nextSequence;
  }

  static async open(database: ClassicLevel, authority: string): Promise<AuthorityStore> {
    const tables: Tables = {
      identities: table(database, authority, 'identities'),
      affiliations: table(database, authority, 'affiliations'),
      certificates: table(database, authority, 'certificates'),
      serials: table(database, authority, 'serials'),
      owners: table(database, authority, 'owners'),
      revoked: table(database, authority, 'revoked'),
    };
    const [last] = await tables.certificates.keys({ reverse: true, limit: 1 }).all();
    return new AuthorityStore(database, tables, last === undefined ? 0 : sequenceOf(last) + 1);
  }

  identity(name: string): Promise<IdentityRecord | undefined> {
    return this.#tables.identities.get(name);
  }

  identities(): AsyncIterable<IdentityRecord> {
    return this.#tables.identities.values();
  }

  async hasAffiliation(name: string): Promise<boolean> {
    return (await this.#tables.affiliations.get(name)) !== undefined;
  }

  /** The affiliation, if there is such, and all below it; every one for the empty name. */
  async affiliations(name: string): Promise<string[]> {
    if (name === '') return this.#tables.affiliations.keys().all();
    const self = (await this.hasAffiliation(name)) ? [name] : [];
    return [...self, ...(await this.#tables.affiliations.keys(below(name)).all())];
  }

  async certificate(serial: string, aki: string): Promise<CertificateRecord | undefined> {
    const sequence = await this.#tables.serials.get(serialKey(serial, aki));
    return sequence === undefined ? undefined : this.#tables.certificates.get(sequence);
  }

  /** In the order in which they were issued. */
  certificates(): AsyncIterable<CertificateRecord> {
    return this.#tables.certificates.values();
  }

  async *certificatesOf(id: string): AsyncGenerator<CertificateRecord> {
    for await (const sequence of this.#tables.owners.values(ownedBy(id))) yield* this.#at(sequence);
  }

  async *revokedCertificates(): AsyncGenerator<CertificateRecord> {
    for await (const sequence of this.#tables.revoked.keys()) yield* this.#at(sequence);
  }

  async *#at(sequence: string): AsyncGenerator<CertificateRecord> {
    const record = await this.#tables.certificates.get(sequence);
    if (record !== undefined) yield record;
  }

  /**
   * Makes changes that depend on what is read: nobody else changes anything meanwhile. They are on disk, all or none, when this
   * resolves; none if `make` throws.
   */
  change<T>(make: (changes: Changes) => Promise<T>): Promise<T> {
    return this.#changes.run(async () => {
      const changes = new Changes(this, this.#tables, this.#nextSequence);
      const result = await make(changes);
      if (changes.operations.length > 0) await this.#database.batch([...changes.operations], { sync: true });
      this.#nextSequence = changes.nextSequence;
      return result;
    });
  }
}
