import {
  claimStateEnum,
  type Connection,
  ConnectionArguments,
  emptyPage,
  pageOf,
} from '@medigraph/platform/graph';
import { claims, type ClaimState } from '@medigraph/schema';
import { dateScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ClaimsContext } from './context.js';
import { claimOf, coverageOf } from './nodes.js';
import { visibleClaims, visibleCoverages } from './policy.js';
import { productOrServiceOf } from './product-or-service.js';
import {
  Claim,
  ClaimConnection,
  ClaimItem,
  CodeableConcept,
  Coverage,
  CoverageConnection,
  Eligibility,
  Patient,
} from './types.js';

@ArgsType()
class ClaimsArguments extends ConnectionArguments {
  @Field(() => claimStateEnum, { nullable: true, description: 'Only in this state.' })
  state?: ClaimState;

  @Field(() => ID, { nullable: true, description: 'Only of this provider.' })
  provider?: string;
}

@Resolver(() => Claim)
export class ClaimQueries {
  @Query(() => Claim, { nullable: true, description: 'A claim by id; null if you are none of its parties.' })
  async claim(
    @Ctx('request') context: ClaimsContext,
    @Arg('id', () => ID, { description: 'Id of the claim.' }) id: string,
  ): Promise<Claim | undefined> {
    const found = await context.loaders.claims.load(id);
    return found && claimOf(found);
  }

  @Query(() => ClaimConnection, { description: 'Claims that you are a party to, newest first.' })
  claims(
    @Ctx('request') context: ClaimsContext,
    @Args(() => ClaimsArguments) page: ClaimsArguments,
    @Arg('patient', () => ID, { nullable: true, description: 'Only of this patient.' }) patient?: string,
  ): Promise<Connection<Claim>> {
    return claimsOf(context, page, patient);
  }

  @FieldResolver(() => Coverage, { nullable: true, description: 'Coverage it is against.' })
  async coverage(
    @Root() { coverageId }: Claim,
    @Ctx('request') context: ClaimsContext,
  ): Promise<Coverage | undefined> {
    const found = await context.loaders.coverages.load(coverageId);
    return found && coverageOf(found);
  }

  @FieldResolver(() => fhirResourceScalar, {
    nullable: true,
    description: 'The FHIR Claim as it was submitted, unsealed with your key.',
  })
  async resource(
    @Root() { id }: Claim,
    @Ctx('request') context: ClaimsContext,
  ): Promise<FhirResource | undefined> {
    const found = await context.loaders.claims.load(id);
    return found && context.loaders.contents.load(found);
  }
}

@Resolver(() => ClaimItem)
export class ClaimItemFields {
  @FieldResolver(() => CodeableConcept, {
    nullable: true,
    description: 'What was done, from the sealed FHIR Claim.',
  })
  async productOrService(
    @Root() { claimId, sequence }: ClaimItem,
    @Ctx('request') context: ClaimsContext,
  ): Promise<CodeableConcept | undefined> {
    const found = await context.loaders.claims.load(claimId);
    return found && productOrServiceOf(await context.loaders.contents.load(found), sequence);
  }
}

@Resolver(() => Coverage)
export class CoverageQueries {
  @Query(() => Coverage, { nullable: true, description: 'A coverage by id; null if you may not see it.' })
  async coverage(
    @Ctx('request') context: ClaimsContext,
    @Arg('id', () => ID, { description: 'Id of the coverage.' }) id: string,
  ): Promise<Coverage | undefined> {
    const found = await context.loaders.coverages.load(id);
    return found && coverageOf(found);
  }

  @Query(() => Eligibility, {
    description:
      'Whether a coverage is in force on a day, as its contract answers; COVERAGE_NOT_FOUND if there is none.',
  })
  async eligibility(
    @Ctx('request') context: ClaimsContext,
    @Arg('coverage', () => ID, { description: 'Id of the coverage.' }) id: string,
    @Arg('servicedDate', () => dateScalar, { description: 'The day.' }) servicedDate: string,
  ): Promise<Eligibility> {
    const found = await context.requireCoverage(id);
    const answer = claims.eligibility.parse(
      await context.evaluate(
        {
          contract: 'Coverage',
          transaction: 'CheckEligibility',
          argument: { coverage: found.id, servicedDate },
        },
        context.placeOf(found.transaction.channel),
      ),
    );
    return Object.assign(new Eligibility(), answer, { coverage: id });
  }
}

@Resolver(() => Patient)
export class PatientClaims {
  @FieldResolver(() => ClaimConnection, {
    description: 'Their claims that you are a party to, newest first.',
  })
  claims(
    @Root() { id }: Patient,
    @Ctx('request') context: ClaimsContext,
    @Args(() => ClaimsArguments) page: ClaimsArguments,
  ): Promise<Connection<Claim>> {
    return claimsOf(context, page, id);
  }

  @FieldResolver(() => CoverageConnection, { description: 'Their coverages that you may see, newest first.' })
  async coverages(
    @Root() { id }: Patient,
    @Ctx('request') context: ClaimsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<Coverage>> {
    const visible = await visibleCoverages(context, id);
    if (visible === undefined) return emptyPage(page);
    return pageOf(context.book.coverages, visible, { key: 'registeredAt', direction: -1 }, page, coverageOf);
  }
}

async function claimsOf(
  context: ClaimsContext,
  page: ClaimsArguments,
  patient: string | undefined,
): Promise<Connection<Claim>> {
  const visible = await visibleClaims(context);
  if (visible === undefined) return emptyPage(page);
  const conditions: object[] = [visible];
  if (patient !== undefined) conditions.push({ patient });
  if (page.state) conditions.push({ state: page.state });
  if (page.provider !== undefined) conditions.push({ provider: page.provider });
  const filter = { $and: conditions };
  return pageOf(context.book.claims, filter, { key: 'createdAt', direction: -1 }, page, claimOf);
}
