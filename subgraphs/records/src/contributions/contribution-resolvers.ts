import { BadUserInput, checked, entryGraphId } from '@medigraph/platform/graph';
import { care, type primitives } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { RecordsContext } from '../context.js';
import { institutionNode } from '../nodes.js';
import {
  AuthorizeContributorInput,
  AuthorizeContributorPayload,
  ContributeEntriesInput,
  ContributeEntriesPayload,
  Contributor,
} from './contribution-types.js';
import { contribute } from './contributing.js';

const always: primitives.InstantPeriod = {};
const longestKey = 300;
/** Contributors that one patient is shown; whoever lets more write has a page of the ledger to look at. */
const mostContributors = 1000;

@Resolver()
export class ContributionResolvers {
  @Mutation(() => AuthorizeContributorPayload, {
    description: 'As the patient: let a device or a program write about you, or no longer.',
  })
  async authorizeContributor(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => AuthorizeContributorInput, { description: 'Which, and what.' })
    { idempotencyKey, period, ...terms }: AuthorizeContributorInput,
  ): Promise<AuthorizeContributorPayload> {
    context.requirePatient();
    const { transaction, result } = await context.commit<care.Contributor>(
      {
        contract: 'Contributions',
        transaction: 'AuthorizeContributor',
        argument: checked(care.authorizeContributor, { ...terms, period: period ?? always }),
      },
      { idempotencyKey },
    );
    return Object.assign(new AuthorizeContributorPayload(), {
      transaction,
      contributor: contributorNode(result),
    });
  }

  @Mutation(() => ContributeEntriesPayload, {
    description:
      'As a device or program that the patient lets write: a batch of records, stored whole or not at all, and once. They are FINAL at once and the patient’s own.',
  })
  async contributeEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => ContributeEntriesInput, { description: 'Whose, and what.' })
    { patient, resources, idempotencyKey, source }: ContributeEntriesInput,
  ): Promise<ContributeEntriesPayload> {
    context.requireRole('contributor');
    checked(care.contributeEntries.pick({ patient: true, source: true }), { patient, source });
    if (idempotencyKey === '' || idempotencyKey.length > longestKey)
      throw new BadUserInput(`idempotencyKey must have 1 to ${longestKey} characters.`);
    context.contributions.take(context.caller, patient, resources.length);
    const { contribution, stored } = await contribute(context, {
      patient,
      resources,
      idempotencyKey,
      source: source ?? undefined,
    });
    return Object.assign(new ContributeEntriesPayload(), {
      stored,
      entries: contribution.entries.map((id) => entryGraphId(patient, id)),
      contributedAt: contribution.contributedAt,
    });
  }

  @Query(() => [Contributor], { description: 'Devices and programs that you let write about you, or did.' })
  async contributors(@Ctx('request') context: RecordsContext): Promise<Contributor[]> {
    const { items } = await context.evaluate<{ items: care.Contributor[] }>({
      contract: 'Contributions',
      transaction: 'ContributorsOf',
      argument: { patient: context.requirePatient(), pageSize: mostContributors },
    });
    return items.map(contributorNode);
  }
}

function contributorNode({ institution, ...contributor }: care.Contributor): Contributor {
  return Object.assign(new Contributor(), contributor, { institution: institutionNode(institution) });
}
