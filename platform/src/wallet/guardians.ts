/** What a wallet does as a patient who has guardians, and as a guardian of others. */
import { type care, primitives } from '@medigraph/schema';
import { type KeyRecipient, wrapKey } from './entry-sealing.js';
import { unwrapKey } from './entry-opening.js';
import { type WalletGraph } from './graph.js';
import { openEscrow, passOnShare, sealEscrow } from './key-escrow.js';
import { EncryptionKey } from './keys.js';
import { type Wallet } from './wallet.js';

type Ledger = Pick<Wallet, 'address' | 'submit' | 'evaluate'>;

/** Whom a patient trusts with giving them another key. */
export interface GuardianTerms {
  /** Patients by chain address, institutions by id. */
  readonly guardians: readonly string[];
  /** How many of them must agree. */
  readonly threshold: number;
  /** How long it waits once they have; a day to 90. */
  readonly waitingSeconds: number;
  /** Whether that many of them bring back the decryption keys as well; true, if it takes more than one. */
  readonly shareKeys?: boolean;
}

const keysPerPage = 250;
/** Whatever the client's own graph throws. */
const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'RECOVERY_NOT_FOUND';
const isPerson = (id: string): boolean => primitives.chainAddress.safeParse(id).success;

/** Names guardians, with shares of the wallet's decryption keys. */
export async function nameGuardians(
  ledger: Ledger,
  graph: WalletGraph,
  keys: readonly EncryptionKey[],
  { guardians, threshold, waitingSeconds, shareKeys = threshold > 1 }: GuardianTerms,
): Promise<care.Guardianship> {
  const terms = { guardians: [...guardians], threshold, waitingSeconds };
  if (!shareKeys) return (await ledger.submit(graph, 'Recovery:NameGuardians', terms)).result;
  const recipients: KeyRecipient[] = [];
  for (const id of guardians) {
    const party = isPerson(id) ? { patient: id } : { institution: id };
    const { encryptionKey: key } = await ledger.evaluate(graph, 'Registration:Resolve', party);
    recipients.push({ id, key });
  }
  const escrow = await sealEscrow(await Promise.all(keys.map((key) => key.export())), recipients, threshold);
  return (await ledger.submit(graph, 'Recovery:NameGuardians', { ...terms, escrow })).result;
}

/** Has the guardians' shares be of the keys there are now, if they have any. */
export async function renewShares(
  ledger: Ledger,
  graph: WalletGraph,
  keys: readonly EncryptionKey[],
): Promise<void> {
  const named = await ledger.evaluate(graph, 'Recovery:ReadGuardianship', {}).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (named?.sharesKeys) await nameGuardians(ledger, graph, keys, { ...named, shareKeys: true });
}

/** Hands over the share that this wallet keeps as a guardian. */
export async function handOverShare(
  ledger: Ledger,
  graph: WalletGraph,
  keys: readonly EncryptionKey[],
  patient: string,
  signer: string,
): Promise<void> {
  const [kept, { encryptionKey: key }] = [
    await ledger.evaluate(graph, 'Recovery:ReadShare', { patient }),
    await ledger.evaluate(graph, 'Recovery:Read', { patient, signer }),
  ];
  const unwrap = (wrapped: string) => unwrapKey(wrapped, keys);
  const share = await passOnShare(ledger.address, kept, unwrap, { id: patient, key });
  await ledger.submit(graph, 'Recovery:HandOverShare', { patient, signer, share });
}

/** The decryption keys that guardians have brought back. */
export async function recoveredKeys(
  ledger: Ledger,
  graph: WalletGraph,
  keys: readonly EncryptionKey[],
): Promise<EncryptionKey[]> {
  const recovered = await ledger.evaluate(graph, 'Recovery:RecoveredKeys', {});
  const opened = await openEscrow(recovered, (wrapped) => unwrapKey(wrapped, keys));
  return Promise.all(opened.map((key) => EncryptionKey.import(key)));
}

/** Wraps for the newest key what is wrapped for a former one. @returns how many keys. */
export async function rewrapKeys(
  ledger: Ledger,
  graph: WalletGraph,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  patients: readonly string[],
): Promise<number> {
  const [newest, ...former] = keys;
  const recipient = { id: ledger.address, key: newest.publicKey };
  let rewrapped = 0;
  for (const patient of patients) {
    let bookmark: string | undefined;
    do {
      const asked = { patient, pageSize: keysPerPage, bookmark };
      const page = await ledger.evaluate(graph, 'Records:KeysOf', asked);
      const stale = await Promise.all(
        page.items.map(async (item) => {
          const contentKey = await unwrapKey(item.key, former).catch(() => undefined);
          return contentKey ? [{ ...item, patient, key: await wrapKey(contentKey, recipient) }] : [];
        }),
      );
      const replaced = stale.flat();
      if (replaced.length > 0) await ledger.submit(graph, 'Records:RewrapKeys', { keys: replaced });
      rewrapped += replaced.length;
      bookmark = page.bookmark;
    } while (bookmark !== undefined);
  }
  return rewrapped;
}
