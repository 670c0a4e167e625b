import { care, careTransactions, type CareTransaction } from '@medigraph/schema';
import { type z } from 'zod';
import { type TransactionReference } from '../ledger/ledger-client.js';
import { certificateRequestOf } from './certificate-request.js';
import { sealedBodies } from './entry-bodies.js';
import { openBody, unwrapKey } from './entry-opening.js';
import { type PersonalEntry, sealEntry, wrapKey } from './entry-sealing.js';
import { WalletNotEnrolledError } from './errors.js';
import { type WalletGraph } from './graph.js';
import {
  type GuardianTerms,
  handOverShare,
  nameGuardians,
  recoveredKeys,
  renewShares,
  rewrapKeys,
} from './guardians.js';
import { EncryptionKey, SigningKey } from './keys.js';
import { SigningSession } from './signing-session.js';
import { type Membership, openWallet, privateKeyOf, sealWallet } from './wallet-file.js';

type Table = typeof careTransactions;
/** Names of the transactions that go to the ledger, and of those that only read. */
export type Submitted = {
  [Name in CareTransaction]: Table[Name]['kind'] extends 'submit' ? Name : never;
}[CareTransaction];
export type Evaluated = Exclude<CareTransaction, Submitted>;
type Argument<Name extends CareTransaction> = z.input<Table[Name]['argument']>;
type Result<Name extends CareTransaction> = z.output<Table[Name]['answer']>;

/** An entry that was opened and decrypted here. */
export interface DecryptedEntry {
  readonly entry: care.Entry;
  readonly content: Uint8Array;
}

interface State {
  /** Chain address of the patient: that of the wallet's first key. */
  readonly address: string;
  readonly signingKey: SigningKey;
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly membership?: Membership | undefined;
}

const nonceBytes = 24;

const enrolWallet = `mutation WalletEnrol($input: EnrolWalletInput!) {
  enrolWallet(input: $input) { certificate organization channel chaincode patientIdHash }
}`;
interface Enrolled {
  readonly certificate: string;
  readonly organization: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly patientIdHash: string | null;
}

/**
 * A patient's keys, made and kept where the patient is: they never leave it but in an export, which a passphrase seals.
 * The graph prepares what is to be signed; the wallet reads it first, and refuses what it did not ask for.
 *
 * @example
 * const wallet = await Wallet.create();
 * await wallet.register(deskGraph, 'MRN-4711');                  // with the token of whoever registers patients
 * await wallet.submit(ownGraph, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active: true });
 * const [opened] = await wallet.openEntries(ownGraph, ['entry-1']);
 */
export class Wallet {
  #state: State;

  private constructor(state: State) {
    this.#state = state;
  }

  /** A wallet with new keys. */
  static async create(): Promise<Wallet> {
    const [signingKey, encryptionKey] = await Promise.all([SigningKey.create(), EncryptionKey.create()]);
    return new Wallet({ address: signingKey.address, signingKey, encryptionKeys: [encryptionKey] });
  }

  /** The wallet that was exported with this passphrase. @throws `WALLET_UNREADABLE` */
  static async import(file: string, passphrase: string): Promise<Wallet> {
    const { address, signingKey, encryptionKeys, membership } = await openWallet(file, passphrase);
    const [newest, ...others] = await Promise.all(encryptionKeys.map((key) => EncryptionKey.import(key)));
    if (!newest) throw new RangeError('An exported wallet has an encryption key.');
    return new Wallet({
      address,
      signingKey: await SigningKey.import(signingKey),
      encryptionKeys: [newest, ...others],
      membership,
    });
  }

  /** Everything of the wallet, sealed with a passphrase: a text to keep in a safe place. */
  async export(passphrase: string): Promise<string> {
    const { address, signingKey, encryptionKeys, membership } = this.#state;
    return sealWallet(
      {
        address,
        signingKey: privateKeyOf(await signingKey.export()),
        encryptionKeys: await Promise.all(
          encryptionKeys.map(async (key) => privateKeyOf(await key.export())),
        ),
        membership,
      },
      passphrase,
    );
  }

  /** Chain address of the patient. */
  get address(): string {
    return this.#state.address;
  }

  /** Chain address of the key that signs. */
  get signer(): string {
    return this.#state.signingKey.address;
  }

  /**
   * Enrols the key and registers the patient under their own signature.
   * @param graph - With the token of somebody who registers patients.
   * @param identifier - Patient id of the institutions' systems.
   */
  async register(graph: WalletGraph, identifier: string): Promise<TransactionReference> {
    const { patientIdHash, membership } = await enrol(graph, this.#state.signingKey, identifier);
    this.#state = { ...this.#state, membership };
    const [{ publicKey: encryptionKey }] = this.#state.encryptionKeys;
    const { transaction } = await this.submit(graph, 'Registration:RegisterPatient', {
      patientIdHash: patientIdHash ?? '',
      encryptionKey,
    });
    return transaction;
  }

  /** Makes new keys that follow the ones of the wallet, which act no more. What was wrapped for the old ones still opens. */
  async rotateKeys(graph: WalletGraph): Promise<TransactionReference> {
    const { address, signingKey: current, encryptionKeys } = this.#state;
    const [next, encryption] = await Promise.all([SigningKey.create(), EncryptionKey.create()]);
    const { membership } = await enrol(graph, next);
    const keys = { signingKey: next.publicKey, encryptionKey: encryption.publicKey };
    const statement = care.rotationStatement({ patient: address, signer: current.address, ...keys });
    const { transaction } = await this.submit(graph, 'Registration:RotateKey', {
      ...keys,
      proof: await next.signStatement(statement),
    });
    this.#state = { address, signingKey: next, encryptionKeys: [encryption, ...encryptionKeys], membership };
    await renewShares(this, graph, this.#state.encryptionKeys);
    return transaction;
  }

  /**
   * Wraps the keys of entries for the newest key, where they are wrapped for one before it.
   * @param patients - Whose entries; one's own, and of those who let one read.
   * @returns how many.
   */
  rewrapKeys(graph: WalletGraph, patients: readonly string[] = [this.address]): Promise<number> {
    return rewrapKeys(this, graph, this.#state.encryptionKeys, patients);
  }

  /** Names guardians, each of whom gets a share of the wallet's decryption keys if it takes more than one of them. */
  nameGuardians(graph: WalletGraph, terms: GuardianTerms): Promise<care.Guardianship> {
    return nameGuardians(this, graph, this.#state.encryptionKeys, terms);
  }

  /** As a guardian: agrees that another key may follow a patient's. Make sure that it is they who ask. */
  async approveRecovery(graph: WalletGraph, patient: string, signer: string): Promise<care.Recovery> {
    return (await this.submit(graph, 'Recovery:Approve', { patient, signer })).result;
  }

  /**
   * As a guardian: hands one's share of a patient's decryption keys to the key that followed.
   * @throws `SHARE_FORGED`, `RECOVERY_STATE_INVALID` while the recovery is not completed.
   */
  handOverShare(graph: WalletGraph, patient: string, signer: string): Promise<void> {
    return handOverShare(this, graph, this.#state.encryptionKeys, patient, signer);
  }

  /**
   * After a recovery: brings the lost decryption keys back from what guardians have handed over, and wraps the keys of one's
   * entries anew.
   * @returns how many were.
   * @throws `SHARES_INSUFFICIENT`, `SHARE_FORGED`; `RECOVERY_NOT_FOUND` if the guardians had no shares.
   */
  async restoreKeys(graph: WalletGraph): Promise<number> {
    const [newest, ...others] = this.#state.encryptionKeys;
    const restored = await recoveredKeys(this, graph, this.#state.encryptionKeys);
    this.#state = { ...this.#state, encryptionKeys: [newest, ...others, ...restored] };
    return this.rewrapKeys(graph);
  }

  /**
   * Asks for a lost key of a patient to be followed by the one of this wallet, which is to be new. Guardians are to agree;
   * tell them the wallet's `signer`.
   * @param graph - With the token of somebody who registers patients.
   * @param patient - Chain address.
   */
  async requestRecovery(graph: WalletGraph, patient: string, identifier: string): Promise<care.Recovery> {
    const { signingKey, encryptionKeys } = this.#state;
    const { membership } = await enrol(graph, signingKey, identifier);
    this.#state = { ...this.#state, address: patient, membership };
    const { publicKey: encryptionKey } = encryptionKeys[0];
    return (await this.submit(graph, 'Recovery:Request', { patient, encryptionKey })).result;
  }

  /** Once enough guardians have agreed and the time has passed: the wallet's key signs for the patient from now on. */
  async completeRecovery(graph: WalletGraph): Promise<care.Patient> {
    return (await this.submit(graph, 'Recovery:Complete', { patient: this.address })).result;
  }

  /**
   * Signs a transaction and sees it committed.
   * @throws `PREPARATION_FORGED`, `WALLET_NOT_ENROLLED`, or what graph or contract say.
   */
  async submit<Name extends Submitted>(
    graph: WalletGraph,
    name: Name,
    argument: Argument<Name>,
  ): Promise<{ result: Result<Name>; transaction: TransactionReference }> {
    const { result, transaction } = await this.#session(graph, name, argument).submit();
    return { result: answerOf(name, result), transaction };
  }

  /** Signs a question to the ledger. @throws as {@link submit} */
  async evaluate<Name extends Evaluated>(
    graph: WalletGraph,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Result<Name>> {
    return answerOf(name, await this.#session(graph, name, argument).evaluate());
  }

  /** Opens own entries, which the ledger logs, and decrypts them here; bodies stored in parts are read whole. */
  async openEntries(graph: WalletGraph, entries: readonly string[]): Promise<DecryptedEntry[]> {
    const { result, transaction } = await this.submit(graph, 'Access:OpenEntries', {
      patient: this.address,
      entries: [...entries],
      purpose: 'PATRQT',
    });
    const bodies = await sealedBodies(
      result.map(({ entry }) => entry),
      (wanted) =>
        this.evaluate(graph, 'Access:ReadBodies', {
          patient: this.address,
          opening: transaction.id,
          ...wanted,
        }),
    );
    return Promise.all(
      result.map(async ({ entry, key }) => {
        const contentKey = await unwrapKey(key, this.#state.encryptionKeys);
        return { entry, content: await openBody(entry, bodies.get(entry.id) ?? '', contentKey) };
      }),
    );
  }

  /**
   * Stores entries of the patient's own, sealed here for nobody else: those that one transaction carries together first, then
   * each larger one in parts. What breaks off leaves whole entries, and none that is not.
   */
  async addPersonalEntries(graph: WalletGraph, entries: readonly PersonalEntry[]): Promise<care.Entry[]> {
    const self = { id: this.address, key: this.#state.encryptionKeys[0].publicKey };
    const sealed = await Promise.all(entries.map((entry) => sealEntry(entry, self)));
    const small = sealed.filter(({ body }) => !care.isInParts(body));
    const added =
      small.length === 0
        ? []
        : (await this.submit(graph, 'Records:AddPersonalEntries', { entries: small })).result;
    for (const entry of sealed)
      if (care.isInParts(entry.body)) added.push(await this.#addInParts(graph, entry));
    return sealed.flatMap(({ id }) => added.filter((one) => one.id === id));
  }

  async #addInParts(graph: WalletGraph, { body, ...entry }: care.ProposedEntry): Promise<care.Entry> {
    const whose = { patient: this.address, entry: entry.id };
    const parts = care.bodyParts(body);
    await this.submit(graph, 'Records:BeginEntry', {
      patient: this.address,
      entry,
      parts: parts.length,
    });
    try {
      for (const [part, text] of parts.entries())
        await this.submit(graph, 'Records:AppendBody', { ...whose, part, body: text });
      return (await this.submit(graph, 'Records:CompleteEntry', whose)).result;
    } catch (error) {
      // What failed is what is told, not that it could not be cleared away either.
      await this.submit(graph, 'Records:DiscardEntry', whose).catch(() => undefined);
      throw error;
    }
  }

  /** Grants a request, with the keys of these entries, which are opened and wrapped for the grantee here. */
  async grant(graph: WalletGraph, consent: string, entries: readonly string[]): Promise<care.Consent> {
    const { grantee: id } = await this.evaluate(graph, 'Access:ReadConsent', { consent });
    const { encryptionKey: key } = await this.evaluate(graph, 'Registration:Resolve', { institution: id });
    const { result: opened } = await this.submit(graph, 'Access:OpenEntries', {
      patient: this.address,
      entries: [...entries],
      purpose: 'PATRQT',
    });
    const keys = await Promise.all(
      opened.map(async ({ entry, key: wrapped }) => {
        const contentKey = await unwrapKey(wrapped, this.#state.encryptionKeys);
        return { entry: entry.id, key: await wrapKey(contentKey, { id, key }) };
      }),
    );
    return (await this.submit(graph, 'Access:Grant', { consent, keys })).result;
  }

  #session(graph: WalletGraph, transaction: CareTransaction, argument: unknown): SigningSession {
    const { membership, signingKey } = this.#state;
    if (!membership) throw new WalletNotEnrolledError();
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const intent = { ...membership, transaction, argument: JSON.stringify(argument), nonce };
    return new SigningSession(graph, signingKey, intent);
  }
}

async function enrol(
  graph: WalletGraph,
  key: SigningKey,
  identifier?: string,
): Promise<{ membership: Membership; patientIdHash: string | null }> {
  const certificateRequest = await certificateRequestOf(key);
  const data = await graph.request<{ enrolWallet: Enrolled }>(enrolWallet, {
    input: { certificateRequest, identifier },
  });
  const { organization: mspId, patientIdHash, certificate, channel, chaincode } = data.enrolWallet;
  return { membership: { mspId, certificate, channel, chaincode }, patientIdHash };
}

function answerOf<Name extends CareTransaction>(name: Name, text: string): Result<Name> {
  return careTransactions[name].answer.parse(JSON.parse(text)) as Result<Name>;
}
