import { care, careTransactions, type CareTransaction, type registry } from '@medigraph/schema';
import { type z } from 'zod';
import { ContractError, demand, StateTable, TransactionContext } from '@medigraph/chaincode-lib';

/** Chaincode of the suite that knows people, institutions and consents, on the same channel. */
const careChaincode = 'care';

/** An organisation's word on the approval policy. */
type PolicyProposal = registry.ApprovalPolicyState['proposals'][number];

/** A transaction of the registry suite: its state, and the rules on parties that its contract keeps. */
export class RegistryContext extends TransactionContext {
  /** By id. */
  get publishers(): StateTable<registry.Publisher> {
    return StateTable.json(this.stub, 'publisher');
  }
  /** By id. */
  get dapps(): StateTable<registry.DApp> {
    return StateTable.json(this.stub, 'dapp');
  }
  /** By DApp and version. */
  get releases(): StateTable<registry.DAppRelease> {
    return StateTable.json(this.stub, 'release');
  }
  /** By DApp and holder: installing touches nothing that another's installing does. */
  get installations(): StateTable<registry.Installation> {
    return StateTable.json(this.stub, 'installation');
  }
  /** By DApp and author. */
  get ratings(): StateTable<registry.Rating> {
    return StateTable.json(this.stub, 'rating');
  }
  /** Under one key. */
  get policies(): StateTable<registry.ApprovalPolicy> {
    return StateTable.json(this.stub, 'policy');
  }
  /** By MSP id. */
  get policyProposals(): StateTable<PolicyProposal> {
    return StateTable.json(this.stub, 'policy-proposal');
  }

  /** Emits the transaction's one event. */
  emit<Name extends keyof registry.RegistryEvents>(name: Name, item: registry.RegistryEvents[Name]): void {
    this.setEvent(name, [item]);
  }

  /** What the care suite answers whoever signs. @throws {@link ContractError} that it refuses with. */
  async askCare<Name extends CareTransaction>(
    name: Name,
    argument: z.input<(typeof careTransactions)[Name]['argument']>,
  ): Promise<z.output<(typeof careTransactions)[Name]['answer']>> {
    const { answer }: { answer: z.ZodType } = careTransactions[name];
    return answer.parse(await this.evaluate(careChaincode, name, argument)) as z.output<
      (typeof careTransactions)[Name]['answer']
    >;
  }

  /**
   * An institution of the caller's organisation, for which the caller acts.
   * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`; `CALLER_FORBIDDEN` to a person, and if it is another organisation's.
   */
  async institutionOfCaller(id: string): Promise<care.Institution> {
    const institution = care.institution.parse(
      await this.askCare('Registration:Resolve', { institution: id }),
    );
    const { mspId, isPerson } = this.caller;
    demand(
      !isPerson && institution.mspId === mspId,
      'CALLER_FORBIDDEN',
      `you do not act for institution ${id}`,
    );
    return institution;
  }

  /** Does the caller sign for the publisher's organisation? */
  isPublisher(publisher: registry.Publisher): boolean {
    return !this.caller.isPerson && this.caller.mspId === publisher.mspId;
  }

  /** @throws {@link ContractError} `PUBLISHER_NOT_FOUND`. */
  async existingPublisher(id: string): Promise<registry.Publisher> {
    const publisher = await this.publishers.get(id);
    if (!publisher) throw new ContractError('PUBLISHER_NOT_FOUND', `there is no publisher ${id}`);
    return publisher;
  }

  /**
   * A publisher that the caller acts for.
   * @throws {@link ContractError} `PUBLISHER_NOT_FOUND`, `PUBLISHER_IMPERSONATED`.
   */
  async publisherOfCaller(id: string): Promise<registry.Publisher> {
    const publisher = await this.existingPublisher(id);
    demand(this.isPublisher(publisher), 'PUBLISHER_IMPERSONATED', `you do not act for publisher ${id}`);
    return publisher;
  }

  /** @throws {@link ContractError} `DAPP_NOT_FOUND`. */
  async existingDApp(id: string): Promise<registry.DApp> {
    const dapp = await this.dapps.get(id);
    if (!dapp) throw new ContractError('DAPP_NOT_FOUND', `there is no DApp ${id}`);
    return dapp;
  }

  /** A DApp that may still change. @throws {@link ContractError} `DAPP_NOT_FOUND`, `DAPP_REVOKED`. */
  async changeableDApp(id: string): Promise<registry.DApp> {
    const dapp = await this.existingDApp(id);
    demand(dapp.status !== 'revoked', 'DAPP_REVOKED', `the consortium has stopped DApp ${id}`);
    return dapp;
  }

  /** A DApp of which a version runs. @throws {@link ContractError} `DAPP_NOT_FOUND`, `DAPP_REVOKED`, `DAPP_NOT_ACTIVE`. */
  async runningDApp(id: string): Promise<registry.DApp & { active: string }> {
    const { active, ...dapp } = await this.changeableDApp(id);
    if (active === undefined) throw new ContractError('DAPP_NOT_ACTIVE', `no version of DApp ${id} runs`);
    return { ...dapp, active };
  }

  /** @throws {@link ContractError} `RELEASE_NOT_FOUND`. */
  async existingRelease(dapp: string, version: string): Promise<registry.DAppRelease> {
    const release = await this.releases.get(dapp, version);
    if (!release) throw new ContractError('RELEASE_NOT_FOUND', `there is no version ${version} of ${dapp}`);
    return release;
  }

  async putRelease(release: registry.DAppRelease): Promise<void> {
    await this.releases.put(release, release.dapp, release.version);
  }
}
