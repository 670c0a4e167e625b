import { type ConnectionProfile, type LedgerClient, type LedgerIdentity } from '@medigraph/platform/ledger';
import { type Logger } from '@medigraph/platform/telemetry';
import { packageService, type PeerConnection } from '@medigraph/network/admin';
import { type ExecutableGraph } from '@medigraph/dapp-graph';
import { type registry } from '@medigraph/schema';
import { type AddressBook } from './address-book.js';
import { bringToChannel } from './channel-deployment.js';
import { LiveGraphs } from './live-graphs.js';
import { PackageUnavailable } from './package-source.js';
import { RegistryClient, type RegistryNotice } from './registry-client.js';
import { bundleOf, checkRelease, type CheckingMeans, graphOf } from './release-checks.js';

type Release = registry.DAppRelease;

/** An organisation that a steward acts for. */
export interface StewardedOrganization {
  readonly mspId: string;
  /** Reports, votes' consequences and activations are signed with it. */
  readonly signer: LedgerIdentity;
  /** An administrator, connected to each of its peers. */
  readonly administrators: readonly PeerConnection[];
}

/** @see Steward */
export interface StewardOptions extends Omit<CheckingMeans, 'active' | 'majorsMayBreak'> {
  readonly ledger: LedgerClient;
  readonly network: ConnectionProfile;
  readonly organizations: readonly StewardedOrganization[];
  readonly addresses: AddressBook;
  /** PEM of the authority of the certificate that peers are shown; without it they connect in the clear. */
  readonly authority?: string;
  readonly log: Logger;
  /** Milliseconds until what failed is tried again. Default 5,000. */
  readonly retryMs?: number;
}

/** An organisation in whose name a steward speaks, and the rules by which. */
interface Reviewer {
  readonly mspId: string;
  readonly signer: LedgerIdentity;
  readonly policy: registry.ApprovalPolicy;
}

interface Guest {
  readonly release: Release;
  readonly chaincodeId: string;
  readonly address: string;
  readonly graph: ExecutableGraph;
}

/**
 * Does for organisations what their word on DApps asks for. It reads the registry's events from the beginning and brings the
 * network to what the registry says, one DApp at a time: what is published is checked, what an organisation approves is
 * installed, approved and committed, what is active runs, what is revoked stops. Whatever it did before counts; so it may be
 * killed at any moment.
 */
export class Steward {
  readonly #options: StewardOptions;
  readonly #registry: RegistryClient;
  readonly #live: LiveGraphs;
  readonly #versions = new Map<string, Set<string>>();
  readonly #guests = new Map<string, Guest>();
  readonly #waiting = new Set<string>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(options: StewardOptions) {
    this.#options = options;
    this.#registry = new RegistryClient(options.ledger, options.network);
    this.#live = new LiveGraphs({ ...options, registry: this.#registry });
  }

  static start(options: StewardOptions): Steward {
    const steward = new Steward(options);
    steward.#running = Promise.all([steward.#listen(), steward.#work()]);
    return steward;
  }

  /** Versions that run here, by DApp. */
  get running(): ReadonlyMap<string, string> {
    return new Map([...this.#guests.values()].map(({ release }) => [release.dapp, release.version]));
  }

  /**
   * Has another bundle of the version that runs answer in its place, as whoever develops it wants to see it at once. No
   * organisation has approved it.
   * @returns Whether its contracts say something else of themselves than before.
   * @throws `GuestStartError`, or what is wrong with the graph of its contracts; the one before runs on then.
   */
  async replace(dapp: string, bundle: string): Promise<boolean> {
    const [key, guest] = [...this.#guests].find(([, { release }]) => release.dapp === dapp) ?? [];
    if (key === undefined || guest === undefined) throw new Error(`${dapp} does not run here`);
    let graph = guest.graph;
    await this.#options.sandbox.replace(guest.chaincodeId, bundle, (metadata) => {
      graph = graphOf(guest.release, JSON.stringify(metadata));
    });
    this.#guests.set(key, { ...guest, graph });
    return graph.sdl !== guest.graph.sdl;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const retry of this.#retries.values()) clearTimeout(retry);
    this.#wake();
    await this.#running;
    await this.#options.sandbox.close();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      for await (const notice of this.#registry.notices(signal)) this.#note(notice);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #note({ dapp, version }: RegistryNotice): void {
    const versions = this.#versions.get(dapp) ?? new Set();
    if (version !== undefined) versions.add(version);
    this.#versions.set(dapp, versions);
    this.#waiting.add(dapp);
    this.#wake();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const [dapp] = this.#waiting;
      if (dapp === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#waiting.delete(dapp);
      await this.#settle(dapp);
    }
  }

  /** Brings one DApp to what the registry says of it; what fails is tried again later. */
  async #settle(dapp: string): Promise<void> {
    const { log, retryMs = 5_000 } = this.#options;
    clearTimeout(this.#retries.get(dapp));
    this.#retries.delete(dapp);
    try {
      if (await this.#bring(dapp)) return;
      log.warn({ dapp }, 'no organisation of this steward reviews DApps; tried again');
    } catch (error) {
      const waits = error instanceof PackageUnavailable;
      log[waits ? 'warn' : 'error']({ err: error, dapp }, 'DApp is not as the registry says; tried again');
    }
    if (!this.#stopping.signal.aborted)
      this.#retries.set(
        dapp,
        setTimeout(() => this.#note({ dapp }), retryMs),
      );
  }

  /** @returns Whether any organisation here may have a say. */
  async #bring(dapp: string): Promise<boolean> {
    const reviewer = await this.#reviewer();
    if (reviewer === undefined) return false;
    const { signer } = reviewer;
    const state = await this.#registry.readDApp(signer, dapp);
    if (state === undefined) return true;
    if (state.status === 'revoked') {
      await this.#retire(dapp);
      return true;
    }
    const releases = await this.#releasesOf(dapp, signer);
    // What runs goes on whatever becomes of the version that follows it.
    const next = nextOf(state, releases);
    for (const release of [releases.find(({ version }) => version === state.active), next])
      if (release !== undefined) await this.#run(release, signer);
    await this.#retire(dapp, [state.active, next?.version]);
    for (const release of releases) if (awaitsReport(release, reviewer)) await this.#check(release, reviewer);
    return true;
  }

  /** In whose name reports and activations are signed: an organisation here that reviews. */
  async #reviewer(): Promise<Reviewer | undefined> {
    const { organizations } = this.#options;
    const [first] = organizations;
    if (first === undefined) return undefined;
    const policy = await this.#registry.policy(first.signer);
    const reviewing = organizations.find(({ mspId }) => policy.organizations.includes(mspId));
    return reviewing && { mspId: reviewing.mspId, signer: reviewing.signer, policy };
  }

  async #releasesOf(dapp: string, signer: LedgerIdentity): Promise<Release[]> {
    const versions = [...(this.#versions.get(dapp) ?? [])];
    const found = await Promise.all(
      versions.map((version) => this.#registry.readRelease(signer, dapp, version)),
    );
    return found.filter((release) => release !== undefined);
  }

  async #check(release: Release, { signer, policy }: Reviewer): Promise<void> {
    const { log } = this.#options;
    const { dapp, version } = release;
    const majorsMayBreak = policy.majorsMayBreak ?? false;
    const graphs = new Map([...this.#guests].map(([key, { graph }]) => [key, graph]));
    const active = await this.#live.of(this.#versions.keys(), signer, graphs);
    const means = { ...this.#options, active, majorsMayBreak };
    const findings = await checkRelease(release, means);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    await this.#registry.report(signer, release, findings);
    log.info({ dapp, version, findings: findings.length, errors }, 'DApp was checked');
  }

  /** Has a version run here, and on its channel for those organisations that want it. */
  async #run(release: Release, signer: LedgerIdentity): Promise<void> {
    const { organizations, log } = this.#options;
    const { dapp, version, votes, status } = release;
    const wanting = new Set(votes.filter(({ decision }) => decision === 'approve').map(({ mspId }) => mspId));
    const ours = organizations.filter(({ mspId }) => wanting.has(mspId));
    if (ours.length === 0) return;
    const guest = await this.#guest(release);
    const chaincode = await packageService(labelOf(release), guest.address, this.#options.authority);
    if (!(await bringToChannel(release, chaincode, ours))) {
      log.info({ dapp, version }, 'DApp waits for more organisations to approve');
      return;
    }
    if (status === 'active') return;
    await this.#registry.activate(signer, release);
    log.info({ dapp, version, address: guest.address }, 'DApp runs');
  }

  async #guest(release: Release): Promise<Guest> {
    const { sandbox, addresses, packages } = this.#options;
    const { dapp, version, manifest } = release;
    const key = `${dapp}@${version}`;
    const present = this.#guests.get(key);
    if (present !== undefined) return present;
    const { listens, reached: address } = await addresses.of(dapp, version);
    const { id: chaincodeId } = await packageService(labelOf(release), address, this.#options.authority);
    const bundle = await bundleOf(release, packages);
    const { names: contracts } = manifest.contracts;
    const started = await sandbox.start({ dapp, version, bundle, contracts, chaincodeId, address: listens });
    const graph = graphOf(release, JSON.stringify(started.metadata));
    const guest = { release, chaincodeId, address, graph };
    this.#guests.set(key, guest);
    return guest;
  }

  /** Stops the guests of a DApp's versions but those that run or are about to, whoever's steward brought them there. */
  async #retire(dapp: string, kept: readonly (string | undefined)[] = []): Promise<void> {
    for (const [key, { release, chaincodeId }] of this.#guests)
      if (release.dapp === dapp && !kept.includes(release.version)) {
        this.#guests.delete(key);
        await this.#options.sandbox.stop(chaincodeId);
        this.#options.log.info({ dapp, version: release.version }, 'DApp was stopped');
      }
  }
}

/** Every organisation that reviews looks for itself: what its clients use, no other knows. */
const awaitsReport = ({ status, reports }: Release, { mspId }: Reviewer): boolean =>
  status === 'submitted' || (status === 'checked' && reports.every((report) => report.mspId !== mspId));

/** Label of a version's chaincode package. */
const labelOf = ({ dapp, version }: Release): string => `dapp-${dapp}_${version}`;

/** The version that shall follow the one that runs: the one asked for again, else the newest approved. */
function nextOf({ rollback }: registry.DApp, releases: readonly Release[]): Release | undefined {
  const approved = releases.filter(({ status }) => status === 'approved').at(-1);
  return releases.find(({ version }) => version === rollback) ?? approved;
}
