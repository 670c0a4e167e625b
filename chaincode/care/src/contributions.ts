import { care } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { actingFor, speaksFor } from './acting.js';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { categoriesOf, contributorOfCaller } from './contributor-rules.js';
import { demandGrants, grantKeysOfEntries } from './granted-keys.js';
import { ofContributor } from './provenance.js';
import { ownOrigin, storeEntries } from './sealed-entries.js';

/** The contract of contributions: devices and programs that a patient lets write about them, and what they bring. */
export class Contributions extends CareContract {
  constructor() {
    super('Contributions');
  }

  /** By the patient: what a program may write from now on, or that it no longer may. */
  @Transaction()
  @Returns('string')
  async AuthorizeContributor(ctx: CareContext, argument: string): Promise<string> {
    const { onBehalfOf, ...terms } = ctx.argument(care.authorizeContributor, argument);
    const { address: patient, grantor } = await actingFor(ctx, onBehalfOf, 'authorize');
    const { institution, application } = terms;
    await ctx.existingInstitution(institution);
    demandDistinct(terms.category ?? [], (index) => `category.${index}`);
    demandDistinct(terms.resourceType ?? [], (index) => `resourceType.${index}`);
    demand(
      terms.kind !== 'device' || categoriesOf(terms).every((one) => one === 'observation'),
      'ARGUMENT_INVALID',
      'category: a device brings observations alone',
    );
    const contributor: care.Contributor = {
      ...terms,
      patient,
      ...(grantor !== undefined && { grantor }),
      changedAt: ctx.now,
    };
    await ctx.contributors.put(contributor, patient, institution, application);
    ctx.emit('ContributorAuthorized', [contributor]);
    return ctx.answer(contributor);
  }

  /** By a contributor: a batch, whole or not at all, and once. Whoever the patient lets read gets the keys with it. */
  @Transaction()
  @Returns('string')
  async ContributeEntries(ctx: CareContext, argument: string): Promise<string> {
    const { entries, keys = [], granted, source, ...asked } = ctx.argument(care.contributeEntries, argument);
    const { patient, institution, application, batch } = asked;
    const contributor = await contributorOfCaller(ctx, asked);
    demand(
      !(await ctx.contributions.get(patient, institution, application, batch)),
      'CONTRIBUTION_EXISTS',
      `batch ${batch} was taken`,
    );
    const open = new Set(categoriesOf(contributor));
    entries.forEach(({ category }, index) => {
      demand(
        open.has(category),
        'CONTRIBUTION_NOT_COVERED',
        `entries.${index}.category: the patient does not let ${application} write ${category}`,
      );
    });
    await demandGrants(ctx, patient, granted);
    const added = await storeEntries(ctx, entries, {
      ...ownOrigin(patient),
      provenance: ofContributor(contributor, source),
    });
    await grantKeysOfEntries(ctx, patient, keys, added);
    const contribution: care.Contribution = {
      ...asked,
      entries: added.map(({ id }) => id),
      contributedAt: ctx.now,
    };
    await ctx.contributions.put(contribution, patient, institution, application, batch);
    ctx.emit('EntryAuthorized', added);
    return ctx.answer(contribution);
  }

  /** For a contributor that may write now: what, and for whom besides the patient keys are to be wrapped. */
  @Transaction(false)
  @Returns('string')
  async ReadContributor(ctx: CareContext, argument: string): Promise<string> {
    const asked = ctx.argument(care.readContributor, argument);
    const contributor = await contributorOfCaller(ctx, asked);
    const consents = await ctx.consents.all(asked.patient);
    return ctx.answer({
      contributor,
      granted: await ctx.lastGrant(asked.patient),
      grants: consents
        .filter((consent) => isStanding(ctx, consent))
        .map(({ id, grantee, provision }) => ({ id, grantee, provision })),
    });
  }

  /** For the contributor that brought it, as long as it may write: what became of a batch. */
  @Transaction(false)
  @Returns('string')
  async ReadContribution(ctx: CareContext, argument: string): Promise<string> {
    const asked = ctx.argument(care.readContribution, argument);
    await contributorOfCaller(ctx, asked);
    const { patient, institution, application, batch } = asked;
    const found = await ctx.contributions.get(patient, institution, application, batch);
    if (!found) throw new ContractError('CONTRIBUTION_NOT_FOUND', `no batch ${batch} was taken`);
    return ctx.answer(found);
  }

  /** For the patient and who decides for them: a page of those that they ever let write. */
  @Transaction(false)
  @Returns('string')
  async ContributorsOf(ctx: CareContext, argument: string): Promise<string> {
    const { patient, pageSize, bookmark } = ctx.argument(care.contributorsOf, argument);
    demand(await speaksFor(ctx, patient), 'CALLER_FORBIDDEN', 'only the patient may ask for this');
    return ctx.answer(await ctx.contributors.page([patient], pageSize, bookmark));
  }
}

/** Granted and not over: keys are wrapped for its grantee also before its time begins. */
function isStanding(ctx: CareContext, { status, decision, period }: care.Consent): boolean {
  return status === 'active' && decision === 'permit' && (period.end === undefined || ctx.now < period.end);
}
