import { registry } from '@medigraph/schema';
import {
  type ConnectionProfile,
  ContractRefusedError,
  type LedgerClient,
  type LedgerIdentity,
} from '@medigraph/platform/ledger';
import { placeOf, type SuitePlace } from '@medigraph/platform/graph';

/** What an event of the registry is about. */
export interface RegistryNotice {
  readonly dapp: string;
  /** Absent for what concerns all versions. */
  readonly version?: string;
}

/** The registry contract, as one organisation. */
export class RegistryClient {
  readonly #ledger: LedgerClient;
  readonly #place: SuitePlace;

  constructor(ledger: LedgerClient, network: ConnectionProfile) {
    this.#ledger = ledger;
    this.#place = placeOf(network, 'registry');
  }

  get channel(): string {
    return this.#place.channel;
  }

  /** Who reviews, and by what rules. */
  async policy(signer: LedgerIdentity): Promise<registry.ApprovalPolicy> {
    const call = { ...this.#call('ReadPolicy', {}), signer };
    const { policy } = await this.#ledger.evaluate<registry.ApprovalPolicyState>(call);
    return policy;
  }

  /** Undefined for one that the organisation does not see. */
  readDApp(signer: LedgerIdentity, dapp: string): Promise<registry.DApp | undefined> {
    return this.#read<registry.DApp>(signer, 'ReadDApp', { dapp });
  }

  /** Undefined for one that the organisation does not see. */
  readRelease(
    signer: LedgerIdentity,
    dapp: string,
    version: string,
  ): Promise<registry.DAppRelease | undefined> {
    return this.#read<registry.DAppRelease>(signer, 'ReadRelease', { dapp, version });
  }

  async report(
    signer: LedgerIdentity,
    { dapp, version }: registry.DAppRelease,
    findings: readonly registry.Finding[],
  ): Promise<void> {
    await this.#submit(signer, 'ReportChecks', { dapp, version, findings });
  }

  async activate(signer: LedgerIdentity, { dapp, version }: registry.DAppRelease): Promise<void> {
    await this.#submit(signer, 'Activate', { dapp, version });
  }

  /** What the registry told from the beginning, and what follows, until the signal aborts. */
  async *notices(signal: AbortSignal): AsyncGenerator<RegistryNotice> {
    for await (const { transactions } of this.#ledger.blocks(this.#place.channel, 0, signal))
      for (const { code, event } of transactions)
        if (code === 'VALID' && event?.chaincode === this.#place.chaincode)
          yield* noticesOf(event.name, event.payload);
  }

  async #read<T>(signer: LedgerIdentity, transaction: string, argument: object): Promise<T | undefined> {
    try {
      return await this.#ledger.evaluate<T>({ ...this.#call(transaction, argument), signer });
    } catch (error) {
      if (error instanceof ContractRefusedError && hidden.has(error.code)) return undefined;
      throw error;
    }
  }

  async #submit(signer: LedgerIdentity, transaction: string, argument: object): Promise<void> {
    await this.#ledger.submit({ ...this.#call(transaction, argument), signer });
  }

  #call(transaction: string, argument: object) {
    const { channel, chaincode } = this.#place;
    return { channel, chaincode, contract: 'DApps', transaction, argument };
  }
}

/** What an organisation is told of what it does not see. */
const hidden: ReadonlySet<string> = new Set(['DAPP_NOT_FOUND', 'RELEASE_NOT_FOUND']);

const aboutReleases: ReadonlySet<string> = new Set([
  'DAppPublished',
  'DAppChecked',
  'DAppApproved',
  'DAppActivated',
  'DAppRollbackRequested',
]);

function noticesOf(name: string, payload: Uint8Array): RegistryNotice[] {
  const items = JSON.parse(Buffer.from(payload).toString()) as unknown[];
  if (aboutReleases.has(name))
    return items.flatMap((item) => {
      const { success, data } = registry.dappRelease.safeParse(item);
      return success ? [{ dapp: data.dapp, version: data.version }] : [];
    });
  if (name !== 'DAppRevoked') return [];
  return items.flatMap((item) => {
    const { success, data } = registry.dapp.safeParse(item);
    return success ? [{ dapp: data.id }] : [];
  });
}
