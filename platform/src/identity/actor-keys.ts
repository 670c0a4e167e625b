import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type care } from '@medigraph/schema';
import { z } from 'zod';
import { BoundedCache } from '../cache/bounded-cache.js';
import { chainAddressOf, type ConnectionProfile, type LedgerIdentity } from '../ledger/index.js';
import { issueClientCertificate, needsRenewal } from './enrolment.js';
import { KeyUnreadableError } from './errors.js';
import { type SealedStore } from './sealed-store.js';

/** A practitioner or a program, by the organisation that vouches for them and the institution that they act for. */
export interface ActorName extends care.ConsentActor {
  readonly mspId: string;
  readonly institution: string;
}

/** Attribute of a certificate that says which one of a kind it is for. Contracts read it. */
const attributeOf = (kind: ActorName['kind']): string => `medigraph.${kind}`;

const actorRecord = z.strictObject({ certificate: z.string(), signingKey: z.string() });
const generateKeyPairAsync = promisify(generateKeyPair);
const nameOf = ({ kind, mspId, institution, id }: ActorName): string =>
  `${kind}/${mspId}/${institution}/${id}`;

/**
 * Signing keys of practitioners and programs, sealed, each made when it is first needed and certified by the organisation's
 * CA: so that the ledger names who opened or wrote, and not only for whom.
 */
export class ActorKeys {
  readonly #store: SealedStore;
  readonly #profile: ConnectionProfile;
  readonly #identities: BoundedCache<string, Promise<LedgerIdentity | undefined>>;

  constructor(store: SealedStore, profile: ConnectionProfile, keysKept: number) {
    this.#store = store;
    this.#profile = profile;
    this.#identities = new BoundedCache(keysKept);
  }

  /** Undefined if the organisation's CA is not in the connection profile. */
  async identityOf(actor: ActorName): Promise<LedgerIdentity | undefined> {
    const name = nameOf(actor);
    const loading = this.#identities.getOrCreate(name, () => this.#load(actor));
    try {
      const loaded = await loading;
      if (loaded === undefined) this.#identities.delete(name);
      return loaded;
    } catch (error) {
      this.#identities.delete(name);
      throw error;
    }
  }

  async #load(actor: ActorName): Promise<LedgerIdentity | undefined> {
    const { mspId, kind, id } = actor;
    const { ca } = this.#profile.organizations[mspId] ?? {};
    if (!ca) return undefined;
    const name = nameOf(actor);
    const certify = (signingKey: string): Promise<string> =>
      issueClientCertificate(ca, id, createPublicKey(signingKey), { [attributeOf(kind)]: id });
    let record = await this.#read(name);
    if (!record) {
      const { privateKey } = await generateKeyPairAsync('ec', { namedCurve: 'P-256' });
      const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const made = { signingKey, certificate: await certify(signingKey) };
      // Whoever writes first decides; everybody else reads what was written.
      await this.#store.writeOnce(name, Buffer.from(JSON.stringify(made)));
      record = (await this.#read(name)) ?? made;
    }
    if (needsRenewal(record.certificate)) {
      record = { ...record, certificate: await certify(record.signingKey) };
      await this.#store.write(name, Buffer.from(JSON.stringify(record)));
    }
    const privateKey = createPrivateKey(record.signingKey);
    return { mspId, certificate: record.certificate, privateKey, address: chainAddressOf(privateKey) };
  }

  async #read(name: string): Promise<z.output<typeof actorRecord> | undefined> {
    const secret = await this.#store.read(name);
    if (!secret) return undefined;
    const parsed = actorRecord.safeParse(JSON.parse(secret.toString()));
    if (!parsed.success) throw new KeyUnreadableError(name, { cause: parsed.error });
    return parsed.data;
  }
}
