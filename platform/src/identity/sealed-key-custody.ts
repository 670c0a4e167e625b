import { createHmac, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { primitives } from '@medigraph/schema';
import { dappOfClient } from '@medigraph/schema/dapps';
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
import { FormerKeys, thumbprintOf } from './former-keys.js';
import { type KeyCustody, type EnrolledKeys } from './key-custody.js';
import {
  followedBy,
  type Person,
  type PersonKeys,
  personKeys,
  personOf,
  type PersonRecord,
  personRecord,
} from './person-record.js';
import { type ActorName, ActorKeys } from './actor-keys.js';
import { type SealedStore } from './sealed-store.js';

type EncryptionKey = primitives.EncryptionKey;

const institutionKey = z.strictObject({ encryptionKey: z.string() });
const institutionRecord = institutionKey.extend({
  /** Thumbprints of the keys that this one followed, newest first; see `FormerKeys`. */
  formerEncryptionKeys: z.array(z.string()).optional(),
});
/** What the record of a person and that of an institution have in common. */
type FollowedKey = Pick<PersonRecord, 'encryptionKey' | 'formerEncryptionKeys' | 'enrolledAs'>;
type InstitutionRecord = z.infer<typeof institutionRecord>;

const generateKeyPairAsync = promisify(generateKeyPair);
const newKey = async (): Promise<KeyObject> =>
  (await generateKeyPairAsync('ec', { namedCurve: 'P-256' })).privateKey;

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

async function publicPart(key: KeyObject): Promise<EncryptionKey> {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return primitives.encryptionKey.parse({ kty, crv, x, y, kid: await thumbprintOf(key) });
}

async function enrolledKeysOf({ identity, decryptionKeys: [key] }: Person): Promise<EnrolledKeys> {
  return { identity, encryptionKey: await publicPart(key) };
}

const isPerson = (owner: string): boolean => primitives.chainAddress.safeParse(owner).success;
const personName = (address: string): string => `person/${address}`;
/** Keys that are to follow those of a person or an institution, by the thumbprint of the encryption key that is to go. */
const nextName = (owner: string, thumbprint: string): string => `next/${owner}/${thumbprint}`;
const bytesOf = (record: PersonRecord | InstitutionRecord): Buffer => Buffer.from(JSON.stringify(record));
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
  readonly #institutions: BoundedCache<string, Promise<readonly KeyObject[] | undefined>>;
  readonly #former: FormerKeys;
  readonly #actors: ActorKeys;
  readonly #authorities = new BoundedCache<string, EnrolmentAuthority>(64);
  readonly #hashKeys = new BoundedCache<string, Buffer>(64);

  constructor({ store, profile, keysKept = 1_024 }: KeyCustodyOptions) {
    this.#store = store;
    this.#profile = profile;
    this.#people = new BoundedCache(keysKept);
    this.#institutions = new BoundedCache(keysKept);
    this.#former = new FormerKeys(store);
    this.#actors = new ActorKeys(store, profile, keysKept);
  }

  async signerFor(caller: Caller): Promise<LedgerIdentity> {
    const { mspId, institution } = caller;
    const acting = actingOf(caller);
    if (institution !== undefined && acting) return this.actor({ mspId, institution, ...acting });
    if (caller.patient === undefined) return this.organization(mspId);
    const person = await this.#person(caller.patient);
    if (!person) throw new KeyNotFoundError(caller.patient);
    return person.identity;
  }

  async actor(actor: ActorName): Promise<LedgerIdentity> {
    const identity = await this.#actors.identityOf(actor);
    return identity ?? this.organization(actor.mspId);
  }

  organization(mspId: string): Promise<LedgerIdentity> {
    return Promise.resolve().then(() => organizationIdentity(this.#profile, mspId));
  }

  async enrol(mspId: string, once?: string): Promise<EnrolledKeys> {
    const enrolledAs = once === undefined ? undefined : `enrolment/${mspId}/${once}`;
    const keys =
      enrolledAs === undefined ? await this.#newKeys(mspId) : await this.#keysOnce(enrolledAs, mspId);
    const person = personOf(keys);
    await this.#store.writeOnce(personName(person.identity.address), bytesOf({ ...keys, enrolledAs }));
    return enrolledKeysOf(person);
  }

  async nextKeys(patient: string): Promise<EnrolledKeys> {
    const { mspId, encryptionKey } = await this.#existingRecord(patient);
    const name = nextName(patient, await thumbprintOf(createPrivateKey(encryptionKey)));
    return enrolledKeysOf(personOf(await this.#keysOnce(name, mspId)));
  }

  async adoptNextKeys(patient: string, signer: string): Promise<void> {
    const record = await this.#existingRecord(patient);
    const thumbprint = await thumbprintOf(createPrivateKey(record.encryptionKey));
    const next = await this.#record(nextName(patient, thumbprint), personKeys);
    if (!next || chainAddressOf(next.signingKey) !== signer) return;
    // Kept before it is followed: cut off in between, there is one key too many and never one too few.
    await this.#former.keep(patient, thumbprint, record.encryptionKey);
    await this.#store.write(personName(patient), bytesOf(followedBy(record, thumbprint, next)));
  }

  async certify(mspId: string, request: string): Promise<string> {
    return this.#authority(mspId).certify(await readCertificateRequest(request), request);
  }

  async revoke(mspId: string, address: string): Promise<void> {
    await this.#authority(mspId).revoke(address);
  }

  async encryptionKeyFor(owner: string): Promise<EncryptionKey> {
    const [kept] = await this.decryptionKeys(owner);
    if (kept) return publicPart(kept);
    const encryptionKey = pemOf(await newKey());
    // Whoever writes first decides; everybody else reads what was written.
    await this.#store.writeOnce(institutionName(owner), bytesOf({ encryptionKey }));
    const [written] = await this.decryptionKeys(owner);
    if (!written) throw new KeyNotFoundError(owner);
    return publicPart(written);
  }

  async nextInstitutionKey(institution: string): Promise<EncryptionKey> {
    const { encryptionKey } = await this.#existingInstitution(institution);
    const name = nextName(institution, await thumbprintOf(createPrivateKey(encryptionKey)));
    const known = await this.#record(name, institutionKey);
    if (known) return publicPart(createPrivateKey(known.encryptionKey));
    const made = { encryptionKey: pemOf(await newKey()) };
    await this.#store.writeOnce(name, bytesOf(made));
    const written = (await this.#record(name, institutionKey)) ?? made;
    return publicPart(createPrivateKey(written.encryptionKey));
  }

  async adoptInstitutionKey(institution: string, kid: string): Promise<void> {
    const { encryptionKey, formerEncryptionKeys = [] } = await this.#existingInstitution(institution);
    const thumbprint = await thumbprintOf(createPrivateKey(encryptionKey));
    const next = await this.#record(nextName(institution, thumbprint), institutionKey);
    if (!next || (await thumbprintOf(createPrivateKey(next.encryptionKey))) !== kid) return;
    await this.#former.keep(institution, thumbprint, encryptionKey);
    const record = { ...next, formerEncryptionKeys: [thumbprint, ...formerEncryptionKeys] };
    await this.#store.write(institutionName(institution), bytesOf(record));
  }

  async decryptionKeys(owner: string): Promise<readonly KeyObject[]> {
    if (isPerson(owner)) return (await this.#person(owner))?.decryptionKeys ?? [];
    return (await this.#institution(owner)) ?? [];
  }

  async discardFormerKeys(owner: string, newest: KeyObject): Promise<void> {
    const record: FollowedKey | undefined = isPerson(owner)
      ? await this.#record(personName(owner), personRecord)
      : await this.#record(institutionName(owner), institutionRecord);
    if (!record?.formerEncryptionKeys || !createPrivateKey(record.encryptionKey).equals(newest)) return;
    await this.#former.destroy(owner, record.formerEncryptionKeys);
    // Where they were made, they are kept as well.
    const made = record.formerEncryptionKeys.map((thumbprint) => nextName(owner, thumbprint));
    if (record.enrolledAs !== undefined) made.push(record.enrolledAs);
    await Promise.all(made.map((one) => this.#store.delete(one)));
    const name = isPerson(owner) ? personName(owner) : institutionName(owner);
    const remembered = `${owner} ${await this.#store.stateOf(name)}`;
    this.#people.delete(remembered);
    this.#institutions.delete(remembered);
  }

  keyedHash(label: string, value: string): string {
    const key = this.#hashKeys.getOrCreate(label, () => this.#store.deriveKey(`keyed hash ${label}`));
    return createHmac('sha256', key).update(value).digest('hex');
  }

  /** Of a patient's address. Another process may have rotated the keys, so what is remembered is of one state of the file. */
  async #person(address: string): Promise<Person | undefined> {
    const state = await this.#store.stateOf(personName(address));
    return this.#remember(this.#people, `${address} ${state}`, () => this.#loadPerson(address));
  }

  async #institution(id: string): Promise<readonly KeyObject[] | undefined> {
    const state = await this.#store.stateOf(institutionName(id));
    return this.#remember(this.#institutions, `${id} ${state}`, async () => {
      const record = await this.#record(institutionName(id), institutionRecord);
      if (!record) return undefined;
      const former = await this.#former.of(id, record.formerEncryptionKeys ?? []);
      return [createPrivateKey(record.encryptionKey), ...former];
    });
  }

  async #loadPerson(address: string): Promise<Person | undefined> {
    const record = await this.#record(personName(address), personRecord);
    if (!record) return undefined;
    const former = await this.#former.of(address, record.formerEncryptionKeys ?? []);
    if (!needsRenewal(record.certificate)) return personOf(record, former);
    // A chain address is that of the key, so a new certificate for the same key is the same person. The old one holds for
    // days yet: where no authority answers, the next load tries again.
    const certificate = await this.#certify(record.mspId, createPrivateKey(record.signingKey)).catch(
      () => undefined,
    );
    if (certificate === undefined) return personOf(record, former);
    await this.#store.write(personName(address), bytesOf({ ...record, certificate }));
    return personOf({ ...record, certificate }, former);
  }

  async #newKeys(mspId: string): Promise<PersonKeys> {
    const [signingKey, encryptionKey] = await Promise.all([newKey(), newKey()]);
    const certificate = await this.#certify(mspId, signingKey);
    return { mspId, certificate, signingKey: pemOf(signingKey), encryptionKey: pemOf(encryptionKey) };
  }

  /** Keys under a name. Whoever writes first decides: of two who make them at once both go on with the same. */
  async #keysOnce(name: string, mspId: string): Promise<PersonKeys> {
    const known = await this.#record(name, personKeys);
    if (known) return known;
    const made = await this.#newKeys(mspId);
    if (await this.#store.writeOnce(name, bytesOf(made))) return made;
    return (await this.#record(name, personKeys)) ?? made;
  }

  /** @throws {@link KeyNotFoundError} */
  async #existingRecord(patient: string): Promise<PersonRecord> {
    const record = await this.#record(personName(patient), personRecord);
    if (!record) throw new KeyNotFoundError(patient);
    return record;
  }

  /** @throws {@link KeyNotFoundError} */
  async #existingInstitution(id: string): Promise<InstitutionRecord> {
    const record = await this.#record(institutionName(id), institutionRecord);
    if (!record) throw new KeyNotFoundError(id);
    return record;
  }

  async #certify(mspId: string, signingKey: KeyObject): Promise<string> {
    return this.certify(mspId, await certificateRequest(chainAddressOf(signingKey), signingKey));
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

/** Who of an institution calls, if they sign with a key of their own. */
function actingOf({ role, practitioner, clientId }: Caller): Pick<ActorName, 'kind' | 'id'> | undefined {
  if (practitioner !== undefined) return { kind: 'practitioner', id: practitioner };
  if (clientId === undefined) return undefined;
  const application =
    role === 'contributor' ? clientId : role === 'dapp' ? dappOfClient(clientId) : undefined;
  return application === undefined ? undefined : { kind: 'application', id: application };
}

/** Keys of people and institutions, sealed in a store; organisations' identities come from the connection profile. */
export function openKeyCustody(options: KeyCustodyOptions): KeyCustody {
  return new SealedKeyCustody(options);
}
