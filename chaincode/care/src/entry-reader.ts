import { type care, type PurposeOfUse } from '@medigraph/schema';
import { ContractError } from '@medigraph/chaincode-lib';
import { type CareContext } from './care-context.js';
import { covers, isReadable } from './consent-rules.js';

/** The same words whether the entry is not there or not the caller's to see, so that a refusal tells nothing. */
export function entryNotFound(id: string): ContractError {
  return new ContractError('ENTRY_NOT_FOUND', `there is no entry ${id} that you may see`);
}

/** Someone who reads one patient's entries: the patient, an institution, or nobody with a right to. */
export class EntryReader {
  readonly #ctx: CareContext;
  readonly #patient: string;
  /** Patient's address or institution's id; undefined for a caller without any right. */
  readonly #id: string | undefined;
  readonly #consents: readonly care.Consent[];

  private constructor(
    ctx: CareContext,
    patient: string,
    id: string | undefined,
    consents: readonly care.Consent[],
  ) {
    this.#ctx = ctx;
    this.#patient = patient;
    this.#id = id;
    this.#consents = consents;
  }

  /**
   * @param institution for which the caller reads; undefined if the caller reads as the patient.
   * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`; `CALLER_FORBIDDEN` if it is another organisation's.
   */
  static async of(ctx: CareContext, patient: string, institution: string | undefined): Promise<EntryReader> {
    if (institution === undefined) {
      const self = await ctx.patientOfCaller();
      return new EntryReader(ctx, patient, self?.address === patient ? patient : undefined, []);
    }
    const [, consents] = await Promise.all([
      ctx.institutionOfCaller(institution),
      consentsInForce(ctx, patient, institution),
    ]);
    return new EntryReader(ctx, patient, institution, consents);
  }

  get isPatient(): boolean {
    return this.#id === this.#patient;
  }

  /** May the reader know of this entry at all? */
  sees(entry: care.Entry): boolean {
    return (
      this.#owns(entry) ||
      (isReadable(entry) && this.#consents.some((consent) => covers(consent.provision, entry)))
    );
  }

  /** The entry, if the reader may know of it. */
  async find(id: string): Promise<care.Entry | undefined> {
    const entry = await this.#ctx.entries.get(this.#patient, id);
    return entry && this.sees(entry) ? entry : undefined;
  }

  /** The entry and its key wrapped for the reader, if the reader may open it for that purpose. */
  async open(id: string, purpose: PurposeOfUse): Promise<care.OpenedEntry | undefined> {
    const entry = await this.find(id);
    if (!entry || this.#id === undefined) return undefined;
    if (this.#owns(entry)) {
      const keys = await this.#ctx.ownKeys.get(this.#patient, id);
      const key = keys?.[this.#id];
      return key === undefined ? undefined : { entry, key };
    }
    const candidates = this.#consents.filter(
      ({ provision }) => provision.purpose.includes(purpose) && covers(provision, entry),
    );
    const keys = await Promise.all(candidates.map((consent) => this.#ctx.grantedKeys.get(consent.id, id)));
    const [granted] = candidates.flatMap(({ id: consent }, index) => {
      const key = keys[index];
      return key === undefined ? [] : [{ entry, key, consent }];
    });
    return granted;
  }

  /** May an entry that was opened under this consent (or as the reader's own) still be read? */
  async mayStillRead(id: string, consent: string | undefined): Promise<boolean> {
    const entry = await this.#ctx.entries.get(this.#patient, id);
    if (!entry) return false;
    if (consent === undefined) return this.#owns(entry);
    const used = this.#consents.find((one) => one.id === consent);
    return used !== undefined && isReadable(entry) && covers(used.provision, entry);
  }

  #owns(entry: care.Entry): boolean {
    return this.#id !== undefined && (this.isPatient || entry.institution === this.#id);
  }
}

/** Consents of a patient, to one grantee or all, under which may be read now: none of an inactive patient. */
async function consentsInForce(
  ctx: CareContext,
  patient: string,
  ...grantee: string[]
): Promise<care.Consent[]> {
  const [found, consents] = await Promise.all([
    ctx.patients.get(patient),
    ctx.consents.all(patient, ...grantee),
  ]);
  return found?.status === 'active' ? consents.filter(isInForce(ctx)) : [];
}

/** Is a consent granted, and the transaction within its period? */
export function isInForce(ctx: CareContext): (consent: care.Consent) => boolean {
  return ({ status, decision, period }) => status === 'active' && decision === 'permit' && ctx.within(period);
}

/**
 * An entry that the caller may know of through any institution of its organisation, or as the patient.
 * @throws {@link ContractError} `ENTRY_NOT_FOUND`.
 */
export async function entryVisibleToCaller(
  ctx: CareContext,
  patient: string,
  id: string,
): Promise<care.Entry> {
  const [entry, self] = await Promise.all([ctx.entries.get(patient, id), ctx.patientOfCaller()]);
  if (!entry) throw entryNotFound(id);
  if (self?.address === patient) return entry;
  const consents = await consentsInForce(ctx, patient);
  const grantees = consents.flatMap(({ grantee, provision }) => (covers(provision, entry) ? [grantee] : []));
  const mine = await ctx.institutionsOfCaller([entry.institution, ...grantees]);
  if (mine.has(entry.institution) || (isReadable(entry) && grantees.some((grantee) => mine.has(grantee))))
    return entry;
  throw entryNotFound(id);
}
