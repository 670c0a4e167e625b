import { type care, type PurposeOfUse } from '@medigraph/schema';
import { ContractError } from '@medigraph/chaincode-lib';
import { actorFor, institutionsActedFor } from './acting.js';
import { type CareContext } from './care-context.js';
import { admits, covers, isForReading, isReadable } from './consent-rules.js';

/** The same words whether the entry is not there or not the caller's to see, so that a refusal tells nothing. */
export function entryNotFound(id: string): ContractError {
  return new ContractError('ENTRY_NOT_FOUND', `there is no entry ${id} that you may see`);
}

/**
 * Someone who reads one patient's entries: the patient, another person, an institution, or nobody with a right to. What an
 * opening costs depends on the consents that hold a key of the entry, not on how many the reader has.
 */
export class EntryReader {
  readonly #ctx: CareContext;
  readonly #patient: string;
  /** A person's address or an institution's id; undefined for a caller who is neither. */
  readonly id: string | undefined;
  /** Who of the institution. */
  readonly by: care.ConsentActor | undefined;
  /** Does anyone's consent count? A patient who is no more lets nobody read. */
  readonly #lets: boolean;
  readonly #refusals: readonly care.Consent[];
  #consents: Promise<care.Consent[]> | undefined;

  private constructor(
    ctx: CareContext,
    patient: string,
    reader: {
      id: string | undefined;
      by?: care.ConsentActor;
      lets: boolean;
      refusals: readonly care.Consent[];
    },
  ) {
    this.#ctx = ctx;
    this.#patient = patient;
    this.id = reader.id;
    this.by = reader.by;
    this.#lets = reader.lets;
    this.#refusals = reader.refusals;
  }

  /**
   * @param institution for which the caller reads; undefined if the caller reads as a person.
   * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`; `CALLER_FORBIDDEN` if it is another organisation's, or a
   *   practitioner signs who does not work there.
   */
  static async of(ctx: CareContext, patient: string, institution: string | undefined): Promise<EntryReader> {
    if (institution === undefined) {
      const self = await ctx.patientOfCaller();
      if (!self || self.address === patient)
        return new EntryReader(ctx, patient, { id: self?.address, lets: false, refusals: [] });
      return EntryReader.#asGrantee(ctx, patient, self.address, self.status === 'active');
    }
    await ctx.institutionOfCaller(institution);
    return EntryReader.#asGrantee(ctx, patient, institution, true, await actorFor(ctx, institution));
  }

  static async #asGrantee(
    ctx: CareContext,
    patient: string,
    id: string,
    may: boolean,
    by?: care.ConsentActor,
  ): Promise<EntryReader> {
    const [subject, refusals] = await Promise.all([
      ctx.patients.get(patient),
      standingRefusals(ctx, patient, id),
    ]);
    return new EntryReader(ctx, patient, { id, by, lets: may && subject?.status === 'active', refusals });
  }

  get isPatient(): boolean {
    return this.id === this.#patient;
  }

  /** May the reader know of this entry at all? */
  async sees(entry: care.Entry): Promise<boolean> {
    if (this.#owns(entry)) return true;
    if (!this.#lets || this.id === undefined) return false;
    const consents = await (this.#consents ??= this.#ctx.consents.all(this.#patient, this.id));
    return consents.some((consent) =>
      consent.provision.purpose.some((purpose) => this.#permits(consent, entry, purpose)),
    );
  }

  /** The entry, if the reader may know of it. */
  async find(id: string): Promise<care.Entry | undefined> {
    const entry = await this.#ctx.entries.get(this.#patient, id);
    return entry && (await this.sees(entry)) ? entry : undefined;
  }

  /** The entry and its key wrapped for the reader, if the reader may open it for that purpose. */
  async open(id: string, purpose: PurposeOfUse): Promise<care.OpenedEntry | undefined> {
    const entry = await this.#ctx.entries.get(this.#patient, id);
    if (!entry || this.id === undefined) return undefined;
    if (this.#owns(entry)) {
      const keys = await this.#ctx.ownKeys.get(this.#patient, id);
      const key = keys?.[this.id];
      return key === undefined ? undefined : { entry, key };
    }
    const holding = await this.#ctx.keyHolders.all(this.#patient, id, this.id);
    const candidates = await Promise.all(holding.map((consent) => this.#consent(consent)));
    const consent = candidates.find((one) => one && this.#permits(one, entry, purpose));
    const key = consent && (await this.#ctx.grantedKeys.get(consent.id, id));
    return key === undefined ? undefined : { entry, key, consent: consent?.id };
  }

  /** May an entry that was opened for this purpose under this consent (or as the reader's own) still be read? */
  async mayStillRead(id: string, consent: string | undefined, purpose: PurposeOfUse): Promise<boolean> {
    const entry = await this.#ctx.entries.get(this.#patient, id);
    if (!entry) return false;
    if (consent === undefined) return this.#owns(entry);
    const used = await this.#consent(consent);
    return used !== undefined && this.#permits(used, entry, purpose);
  }

  /** What an institution holds is its people's to read, and no program's: a program reads what names it. */
  #owns(entry: care.Entry): boolean {
    if (this.id === undefined) return false;
    return this.isPatient || (entry.institution === this.id && this.by?.kind !== 'application');
  }

  #consent(id: string): Promise<care.Consent | undefined> {
    return this.id === undefined
      ? Promise.resolve(undefined)
      : this.#ctx.consents.get(this.#patient, this.id, id);
  }

  #permits(consent: care.Consent, entry: care.Entry, purpose: PurposeOfUse): boolean {
    const speaks = ({ provision }: care.Consent): boolean =>
      provision.purpose.includes(purpose) && admits(provision, this.by) && covers(provision, entry);
    return (
      this.#lets &&
      (isReadable(entry) || maySettle(consent, entry)) &&
      isInForce(this.#ctx)(consent) &&
      isForReading(consent.provision) &&
      (this.by?.kind !== 'application' || consent.provision.actor !== undefined) &&
      speaks(consent) &&
      !this.#refusals.some(speaks)
    );
  }
}

/** What a patient refuses a grantee, as far as it holds now. */
export async function standingRefusals(
  ctx: CareContext,
  patient: string,
  grantee: string,
): Promise<care.Consent[]> {
  const ids = await ctx.marked('refusing', patient, grantee);
  const found = await Promise.all(ids.map((id) => ctx.consents.get(patient, grantee, id)));
  return found.flatMap((one) => (one && ctx.within(one.period) ? [one] : []));
}

/** Is it for the grantee to authorise the entry? There are no keys of it yet: they see that it waits. */
function maySettle({ delegation }: care.Consent, { status }: care.Entry): boolean {
  return status === 'preliminary' && delegation?.acts.includes('authorize') === true;
}

/** Is a consent granted, and the transaction within its period? */
export function isInForce(ctx: CareContext): (consent: care.Consent) => boolean {
  return ({ status, decision, period }) => status === 'active' && decision === 'permit' && ctx.within(period);
}

/**
 * An entry that the caller may know of as a person, or through any institution of its organisation.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND`.
 */
export async function entryVisibleToCaller(
  ctx: CareContext,
  patient: string,
  id: string,
): Promise<care.Entry> {
  const entry = await ctx.entries.get(patient, id);
  if (!entry) throw entryNotFound(id);
  if (await (await EntryReader.of(ctx, patient, undefined)).sees(entry)) return entry;
  const holders = await ctx.keyHolders.keys(patient, id);
  const grantees = holders.map(([grantee = '']) => grantee);
  for (const institution of await institutionsActedFor(ctx, [entry.institution, ...grantees]))
    if (await (await EntryReader.of(ctx, patient, institution)).sees(entry)) return entry;
  throw entryNotFound(id);
}
