/** How a patient passes on the keys of their entries: opened as the patient, wrapped anew for whoever is granted. */
import { care, primitives } from '@medigraph/schema';
import { unwrapWithAny } from '../envelope/index.js';
import { PlatformError } from '../errors/index.js';
import { KeyNotFoundError } from '../identity/index.js';
import { type ContractCall, type RequestContext } from './request-context.js';

/** Most keys that one transaction carries. */
export const maxKeys = 4 * care.maxBatch;

const isPerson = (grantee: string): boolean => primitives.chainAddress.safeParse(grantee).success;

/** Who gets the key of which entry, under which consent. */
export interface KeyGrant {
  readonly entry: string;
  readonly consent: string;
  /** Institution id, or a person's address. */
  readonly grantee: string;
}

/** Whoever asks the ledger: the caller, or a patient whose keys are kept here. */
export interface LedgerReader {
  evaluate<T>(call: ContractCall): Promise<T>;
}

/** Opens the content keys of entries, by their ids; of what cannot be opened there is none. */
export type KeyOpener = (entries: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;

/**
 * The keys of a patient's entries, wrapped for the grantees.
 * @param open - who opens them; by default the calling person (the patient, or whom they let read), which is logged.
 * @throws `KEY_NOT_FOUND` if the caller keeps their key themself.
 */
export async function rewrappedKeys(
  context: RequestContext,
  patient: string,
  grants: readonly KeyGrant[],
  open: KeyOpener = (entries) => contentKeysOf(context, patient, entries),
): Promise<care.GrantedKey[]> {
  const contentKeys = await open([...new Set(grants.map(({ entry }) => entry))]);
  const keys: care.GrantedKey[] = [];
  for (const { entry, consent, grantee } of grants) {
    const contentKey = contentKeys.get(entry);
    if (contentKey === undefined) continue;
    const party = isPerson(grantee) ? { patient: grantee } : { institution: grantee };
    const recipient = { id: grantee, key: await context.encryptionKeyOf(party) };
    keys.push({ entry, consent, key: await context.services.envelopes.wrap(contentKey, recipient) });
  }
  return keys;
}

/** The consents of a patient that stand and have not run out, as far as the reader may see them. */
export async function standingConsents(
  reader: LedgerReader,
  patient: string,
  now: string,
): Promise<care.Consent[]> {
  const consents = await reader.evaluate<care.Consent[]>({
    contract: 'Access',
    transaction: 'ConsentsOf',
    argument: { patient },
  });
  return consents.filter(
    ({ status, decision, period }) =>
      status === 'active' && decision === 'permit' && (period.end === undefined || now < period.end),
  );
}

/**
 * Adds keys under consents that stand, in as many transactions as they need. Adding a key twice leaves it as it is, so
 * what was cut off can be done again from the start. For the same reason there is no idempotency key: under one, a second
 * call with other keys would be taken for the first.
 */
export async function addKeys(
  context: RequestContext,
  keys: readonly care.GrantedKey[],
  onBehalfOf?: string,
): Promise<void> {
  const byConsent = new Map<string, care.GrantedKey[]>();
  for (const key of keys) byConsent.set(key.consent, [...(byConsent.get(key.consent) ?? []), key]);
  for (const [consent, granted] of byConsent) {
    for (let from = 0; from < granted.length; from += maxKeys) {
      const argument = {
        consent,
        ...(onBehalfOf !== undefined && { onBehalfOf }),
        keys: granted.slice(from, from + maxKeys).map(({ entry, key }) => ({ entry, key })),
      };
      try {
        await context.submit({ contract: 'Access', transaction: 'AddKeys', argument });
      } catch (error) {
        // Revoked since it was looked at: whom it was for is to have none.
        if (error instanceof PlatformError && error.code === 'CONSENT_STATE_INVALID') break;
        throw error;
      }
    }
  }
}

async function contentKeysOf(
  context: RequestContext,
  patient: string,
  entries: readonly string[],
): Promise<Map<string, Uint8Array>> {
  const keys = new Map<string, Uint8Array>();
  if (entries.length === 0) return keys;
  const { custody, envelopes } = context.services;
  const reader = context.caller.patient ?? patient;
  const privateKeys = await custody.decryptionKeys(reader);
  if (privateKeys.length === 0) throw new KeyNotFoundError(reader);
  for (let from = 0; from < entries.length; from += care.maxBatch) {
    const { result } = await context.submit<care.OpenedEntry[]>({
      contract: 'Access',
      transaction: 'OpenEntries',
      argument: { patient, entries: entries.slice(from, from + care.maxBatch), purpose: 'PATRQT' },
    });
    for (const { entry, key } of result) keys.set(entry.id, await unwrapWithAny(envelopes, key, privateKeys));
  }
  return keys;
}
