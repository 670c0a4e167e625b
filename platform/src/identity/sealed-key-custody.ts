import { createHmac, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { primitives } from '@medigraph/schema';
import { z } from 'zod';
import { BoundedCache } from '../cache/bounded-cache.js';
import {
  chainAddressOf,
  organizationIdentity,
  type ConnectionProfile,
  type LedgerIdentity,
} from '../ledger/index.js';
import { type Caller } from './caller.js';
import { readCertificateRequest } from './certificate-request.js';
import { certificateRequest } from '../ca/index.js';
import { type EnrolmentAuthority, enrolmentAuthorityOf } from './enrolment-authority.js';
import { needsRenewal } from './enrolment.js';
import { KeyNotFoundError, KeyUnreadableError } from './errors.js';
import { type KeyCustody } from './key-custody.js';
import { type PractitionerName, PractitionerKeys } from './practitioner-keys.js';
import { type SealedStore } from './sealed-store.js';

type EncryptionKey = primitives.EncryptionKey;

/** What is sealed for a person: keys as PKCS #8 in PEM. */
const personRecord = z.strictObject({
  mspId: z.string(),
  certificate: z.string(),
  signingKey: z.string(),
  encryptionKey: z.string(),
});
const institutionRecord = z.strictObject({ encryptionKey: z.string() });

interface Person {
  readonly identity: LedgerIdentity;
  readonly decryptionKey: KeyObject;
}

const generateKeyPairAsync = promisify(generateKeyPair);
const newKey = async (): Promise<KeyObject> =>
  (await generateKeyPairAsync('ec', { namedCurve: 'P-256' })).privateKey;

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

async function publicPart(key: KeyObject): Promise<EncryptionKey> {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  return primitives.encryptionKey.parse({ kty, crv, x, y, kid });
}

const personName = (address: string): string => `person/${address}`;
const institutionName = (id: string): string => `institution/${id}`;

export interface KeyCustodyOptions {
  readonly store: SealedStore;
  readonly profile: ConnectionProfile;
  /** People and institutions whose keys are kept unsealed in memory; 1,024 each. */
  readonly keysKept?: number;
}

class SealedKeyCustody implements KeyCustody {
  readonly #store: SealedStore;
  readonly #profile: ConnectionProfile;
  readonly #people: BoundedCache<string, Promise<Person | undefined>>;
  readonly #institutions: BoundedCache<string, Promise<KeyObject | undefined>>;
  readonly #practitioners: PractitionerKeys;
  readonly #authorities = new BoundedCache<string, EnrolmentAuthority>(64);
  readonly #hashKeys = new BoundedCache<string, Buffer>(64);

  constructor({ store, profile, keysKept = 1_024 }: KeyCustodyOptions) {
    this.#store = store;
    this.#profile = profile;
    this.#people = new BoundedCache(keysKept);
    this.#institutions = new BoundedCache(keysKept);
    this.#practitioners = new PractitionerKeys(store, profile, keysKept);
  }

  async signerFor(caller: Caller): Promise<LedgerIdentity> {
    const { mspId, institution, practitioner: id } = caller;
    if (institution !== undefined && id !== undefined) return this.practitioner({ mspId, institution, id });
    if (caller.patient === undefined) return this.organization(mspId);
    const person = await this.#person(caller.patient);
    if (!person) throw new KeyNotFoundError(caller.patient);
    return person.identity;
  }

  async practitioner(practitioner: PractitionerName): Promise<LedgerIdentity> {
    const identity = await this.#practitioners.identityOf(practitioner);
    return identity ?? this.organization(practitioner.mspId);
  }

  organization(mspId: string): Promise<LedgerIdentity> {
    return Promise.resolve().then(() => organizationIdentity(this.#profile, mspId));
  }

  async enrol(mspId: string): Promise<{ identity: LedgerIdentity; encryptionKey: EncryptionKey }> {
    const [signingKey, decryptionKey] = await Promise.all([newKey(), newKey()]);
    const address = chainAddressOf(signingKey);
    const certificate = await this.#certify(mspId, address, signingKey);
    await this.#store.writeOnce(
      personName(address),
      Buffer.from(
        JSON.stringify({
          mspId,
          certificate,
          signingKey: pemOf(signingKey),
          encryptionKey: pemOf(decryptionKey),
        } satisfies z.input<typeof personRecord>),
      ),
    );
    const identity: LedgerIdentity = { mspId, certificate, privateKey: signingKey, address };
    this.#people.set(address, Promise.resolve({ identity, decryptionKey }));
    return { identity, encryptionKey: await publicPart(decryptionKey) };
  }

  async certify(mspId: string, request: string): Promise<string> {
    return this.#authority(mspId).certify(await readCertificateRequest(request), request);
  }

  async revoke(mspId: string, address: string): Promise<void> {
    await this.#authority(mspId).revoke(address);
  }

  async encryptionKeyFor(owner: string): Promise<EncryptionKey> {
    const kept = await this.decryptionKey(owner);
    if (kept) return publicPart(kept);
    const encryptionKey = pemOf(await newKey());
    // Whoever writes first decides; everybody else reads what was written.
    await this.#store.writeOnce(institutionName(owner), Buffer.from(JSON.stringify({ encryptionKey })));
    this.#institutions.delete(owner);
    const written = await this.#institution(owner);
    if (!written) throw new KeyNotFoundError(owner);
    return publicPart(written);
  }

  async decryptionKey(owner: string): Promise<KeyObject | undefined> {
    if (!primitives.chainAddress.safeParse(owner).success) return this.#institution(owner);
    return (await this.#person(owner))?.decryptionKey;
  }

  keyedHash(label: string, value: string): string {
    const key = this.#hashKeys.getOrCreate(label, () => this.#store.deriveKey(`keyed hash ${label}`));
    return createHmac('sha256', key).update(value).digest('hex');
  }

  #person(address: string): Promise<Person | undefined> {
    return this.#remember(this.#people, address, () => this.#loadPerson(address));
  }

  #institution(id: string): Promise<KeyObject | undefined> {
    return this.#remember(this.#institutions, id, async () => {
      const record = await this.#record(institutionName(id), institutionRecord);
      return record && createPrivateKey(record.encryptionKey);
    });
  }

  async #loadPerson(address: string): Promise<Person | undefined> {
    const record = await this.#record(personName(address), personRecord);
    if (!record) return undefined;
    const signingKey = createPrivateKey(record.signingKey);
    let { certificate } = record;
    if (needsRenewal(certificate)) {
      // The chain address is that of the key, so a new certificate for the same key is the same person.
      // The old one holds for days yet: where no authority answers, the next load tries again.
      certificate = await this.#certify(record.mspId, address, signingKey).catch(() => certificate);
      await this.#store.write(personName(address), Buffer.from(JSON.stringify({ ...record, certificate })));
    }
    return {
      identity: { mspId: record.mspId, certificate, privateKey: signingKey, address },
      decryptionKey: createPrivateKey(record.encryptionKey),
    };
  }

  async #certify(mspId: string, address: string, signingKey: KeyObject): Promise<string> {
    return this.certify(mspId, await certificateRequest(address, signingKey));
  }

  #authority(mspId: string): EnrolmentAuthority {
    return this.#authorities.getOrCreate(mspId, () =>
      enrolmentAuthorityOf(this.#profile, mspId, (address) => this.keyedHash('enrolment secret', address)),
    );
  }

  async #record<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const secret = await this.#store.read(name);
    if (!secret) return undefined;
    const parsed = schema.safeParse(JSON.parse(secret.toString()));
    if (!parsed.success) throw new KeyUnreadableError(name, { cause: parsed.error });
    return parsed.data;
  }

  /** Shares one load among callers; what is absent or failed is not remembered, since it may come. */
  async #remember<T>(
    cache: BoundedCache<string, Promise<T | undefined>>,
    name: string,
    load: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const loading = cache.getOrCreate(name, load);
    try {
      const loaded = await loading;
      if (loaded === undefined) cache.delete(name);
      return loaded;
    } catch (error) {
      cache.delete(name);
      throw error;
    }
  }
}

/** Keys of people and institutions, sealed in a store; organisations' identities come from the connection profile. */
export function openKeyCustody(options: KeyCustodyOptions): KeyCustody {
  return new SealedKeyCustody(options);
}
