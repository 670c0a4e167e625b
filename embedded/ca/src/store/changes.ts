import { type BatchOperation, type ClassicLevel } from 'classic-level';
import { type AuthorityStore, type Tables } from './authority-store.js';
import { ownerKey, sequenceKey, serialKey } from './keys.js';
import { type CertificateRecord, type IdentityRecord } from './records.js';

type Operation = BatchOperation<ClassicLevel, string, unknown>;

/** Changes of an authority's data that come about together. */
export class Changes {
  readonly #store: AuthorityStore;
  readonly #tables: Tables;
  readonly #operations: Operation[] = [];
  #nextSequence: number;

  constructor(store: AuthorityStore, tables: Tables, nextSequence: number) {
    this.#store = store;
    this.#tables = tables;
    this.#nextSequence = nextSequence;
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  #put(sublevel: Tables[keyof Tables], key: string, value: unknown): void {
    this.#operations.push({ type: 'put', sublevel, key, value });
  }

  #delete(sublevel: Tables[keyof Tables], key: string): void {
    this.#operations.push({ type: 'del', sublevel, key });
  }

  putIdentity(record: IdentityRecord): void {
    this.#put(this.#tables.identities, record.name, record);
  }

  deleteIdentity(name: string): void {
    this.#delete(this.#tables.identities, name);
  }

  addAffiliation(name: string): void {
    this.#put(this.#tables.affiliations, name, true);
  }

  deleteAffiliation(name: string): void {
    this.#delete(this.#tables.affiliations, name);
  }

  addCertificate(record: CertificateRecord): void {
    const sequence = sequenceKey(this.#nextSequence++);
    this.#put(this.#tables.certificates, sequence, record);
    this.#put(this.#tables.serials, serialKey(record.serial, record.aki), sequence);
    this.#put(this.#tables.owners, ownerKey(record.id, sequence), sequence);
  }

  async revokeCertificate(record: CertificateRecord, reason: number): Promise<void> {
    const sequence = await this.#tables.serials.get(serialKey(record.serial, record.aki));
    if (sequence === undefined) return;
    this.#put(this.#tables.certificates, sequence, { ...record, revoked: { at: Date.now(), reason } });
    this.#put(this.#tables.revoked, sequence, true);
  }

  /** Revokes what is not revoked yet, and answers it. */
  async revokeCertificatesOf(id: string, reason: number): Promise<CertificateRecord[]> {
    const revoked: CertificateRecord[] = [];
    for await (const record of this.#store.certificatesOf(id)) {
      if (record.revoked !== undefined) continue;
      await this.revokeCertificate(record, reason);
      revoked.push(record);
    }
    return revoked;
  }
}
