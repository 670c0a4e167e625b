import { registry } from '@medigraph/schema';
import { ContractError, demand, Returns, SuiteContract, Transaction } from '@medigraph/chaincode-lib';
import { policyOf, proposePolicy, readPolicy, reviews } from './approval-policy.js';
import { install, rate, readInstallation, uninstall } from './installing.js';
import { publish } from './publishing.js';
import { activeKey } from './publisher-keys.js';
import { RegistryContext } from './registry-context.js';
import { approve, refuse, reportChecks } from './review.js';
import { activate, deprecate, revoke, rollBack } from './running.js';

/** Most keys that a publisher has had. */
const maxKeys = 10;

/** Versions that everybody may read: those that ran. The others are their publisher's and the reviewers'. */
const publicStatuses: ReadonlySet<registry.DAppRelease['status']> = new Set([
  'active',
  'superseded',
  'revoked',
]);

/** The registry: who publishes DApps, which versions run, and who uses them. */
export class DApps extends SuiteContract {
  protected override readonly openToDApps = new Set(['Installed']);

  constructor() {
    super('DApps');
  }

  override createContext(): RegistryContext {
    return new RegistryContext();
  }

  /** By an organisation, for an institution of its own, whose place the publisher takes. */
  @Transaction()
  @Returns('string')
  async RegisterPublisher(ctx: RegistryContext, argument: string): Promise<string> {
    const { key, ...described } = ctx.argument(registry.registerPublisher, argument);
    const { mspId } = await ctx.institutionOfCaller(described.institution);
    if (await ctx.publishers.get(described.id))
      throw new ContractError('PUBLISHER_EXISTS', `publisher ${described.id} is registered`);
    const publisher = { ...described, mspId, keys: [activeKey(key, ctx.now)] };
    return this.#putPublisher(ctx, 'PublisherRegistered', publisher);
  }

  /** By the publisher's organisation. */
  @Transaction()
  @Returns('string')
  async AddPublisherKey(ctx: RegistryContext, argument: string): Promise<string> {
    const { publisher: id, key } = ctx.argument(registry.addPublisherKey, argument);
    const publisher = await ctx.publisherOfCaller(id);
    const added = activeKey(key, ctx.now);
    demand(
      publisher.keys.every(({ kid }) => kid !== added.kid),
      'PUBLISHER_KEY_EXISTS',
      `publisher ${id} has, or had, key ${added.kid}`,
    );
    demand(publisher.keys.length < maxKeys, 'ARGUMENT_INVALID', `a publisher has at most ${maxKeys} keys`);
    return this.#putPublisher(ctx, 'PublisherChanged', { ...publisher, keys: [...publisher.keys, added] });
  }

  /** By the publisher's organisation: the key signs nothing that is published later. */
  @Transaction()
  @Returns('string')
  async RevokePublisherKey(ctx: RegistryContext, argument: string): Promise<string> {
    const { publisher: id, kid } = ctx.argument(registry.revokePublisherKey, argument);
    const publisher = await ctx.publisherOfCaller(id);
    const key = publisher.keys.find((one) => one.kid === kid);
    if (!key) throw new ContractError('PUBLISHER_KEY_UNKNOWN', `publisher ${id} has no key ${kid}`);
    demand(key.status === 'active', 'PUBLISHER_KEY_REVOKED', `key ${kid} of publisher ${id} was revoked`);
    const revoked = { ...key, status: 'revoked' as const, since: ctx.now };
    const keys = publisher.keys.map((one) => (one === key ? revoked : one));
    return this.#putPublisher(ctx, 'PublisherChanged', { ...publisher, keys });
  }

  /** For everyone. */
  @Transaction(false)
  @Returns('string')
  async ReadPublisher(ctx: RegistryContext, argument: string): Promise<string> {
    const { publisher } = ctx.argument(registry.readPublisher, argument);
    return ctx.answer(await ctx.existingPublisher(publisher));
  }

  /** By the publisher's organisation, with the publisher's signature. */
  @Transaction()
  @Returns('string')
  async Publish(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await publish(ctx, ctx.argument(registry.publishDApp, argument)));
  }

  /** By an organisation that reviews. */
  @Transaction()
  @Returns('string')
  async ReportChecks(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await reportChecks(ctx, ctx.argument(registry.reportChecks, argument)));
  }

  /** By an organisation that reviews, once a version. */
  @Transaction()
  @Returns('string')
  async Approve(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await approve(ctx, ctx.argument(registry.approveDApp, argument)));
  }

  /** By an organisation that reviews, once a version. */
  @Transaction()
  @Returns('string')
  async Refuse(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await refuse(ctx, ctx.argument(registry.refuseDApp, argument)));
  }

  /** By an organisation that reviews. */
  @Transaction()
  @Returns('string')
  async Activate(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await activate(ctx, ctx.argument(registry.activateDApp, argument)));
  }

  /** By the publisher's organisation. */
  @Transaction()
  @Returns('string')
  async RollBack(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await rollBack(ctx, ctx.argument(registry.rollBackDApp, argument)));
  }

  /** By the publisher's organisation. */
  @Transaction()
  @Returns('string')
  async Deprecate(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await deprecate(ctx, ctx.argument(registry.deprecateDApp, argument)));
  }

  /** By an organisation that reviews, or a regulator. */
  @Transaction()
  @Returns('string')
  async Revoke(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await revoke(ctx, ctx.argument(registry.revokeDApp, argument)));
  }

  /** By an organisation that reviews. */
  @Transaction()
  @Returns('string')
  async ProposePolicy(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await proposePolicy(ctx, ctx.argument(registry.proposePolicy, argument)));
  }

  /** For everyone. */
  @Transaction(false)
  @Returns('string')
  async ReadPolicy(ctx: RegistryContext, argument: string): Promise<string> {
    ctx.argument(registry.readPolicy, argument);
    return ctx.answer(await readPolicy(ctx));
  }

  /** By a patient, or by an organisation for an institution of its own. */
  @Transaction()
  @Returns('string')
  async Install(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await install(ctx, ctx.argument(registry.installDApp, argument)));
  }

  /** By whoever installed it. */
  @Transaction()
  @Returns('string')
  async Uninstall(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await uninstall(ctx, ctx.argument(registry.uninstallDApp, argument)));
  }

  /** By whoever has it installed. */
  @Transaction()
  @Returns('string')
  async Rate(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await rate(ctx, ctx.argument(registry.rateDApp, argument)));
  }

  /** For the holder, and for the DApp's own contracts in whoever's transaction. */
  @Transaction(false)
  @Returns('string')
  async Installed(ctx: RegistryContext, argument: string): Promise<string> {
    return ctx.answer(await readInstallation(ctx, ctx.argument(registry.readInstallation, argument)));
  }

  /** For everyone once a version ran; until then for its publisher and organisations that review. */
  @Transaction(false)
  @Returns('string')
  async ReadDApp(ctx: RegistryContext, argument: string): Promise<string> {
    const { dapp: id } = ctx.argument(registry.readDApp, argument);
    const dapp = await ctx.existingDApp(id);
    if (dapp.status === 'submitted' && !(await this.#sees(ctx, dapp.publisher)))
      throw new ContractError('DAPP_NOT_FOUND', `there is no DApp ${id}`);
    return ctx.answer(dapp);
  }

  /** For everyone if it ran; else for its publisher and organisations that review. */
  @Transaction(false)
  @Returns('string')
  async ReadRelease(ctx: RegistryContext, argument: string): Promise<string> {
    const { dapp, version } = ctx.argument(registry.readRelease, argument);
    const release = await ctx.existingRelease(dapp, version);
    if (!publicStatuses.has(release.status) && !(await this.#sees(ctx, release.publisher)))
      throw new ContractError('RELEASE_NOT_FOUND', `there is no version ${version} of ${dapp}`);
    return ctx.answer(release);
  }

  async #sees(ctx: RegistryContext, publisher: string): Promise<boolean> {
    return ctx.isPublisher(await ctx.existingPublisher(publisher)) || reviews(ctx, await policyOf(ctx));
  }

  async #putPublisher(
    ctx: RegistryContext,
    event: 'PublisherRegistered' | 'PublisherChanged',
    publisher: registry.Publisher,
  ): Promise<string> {
    await ctx.publishers.put(publisher, publisher.id);
    ctx.emit(event, publisher);
    return ctx.answer(publisher);
  }
}
