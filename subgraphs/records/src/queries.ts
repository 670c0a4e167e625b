import {
  type Connection,
  ConnectionArguments,
  emptyPage,
  entryCategoryEnum,
  entryClassEnum,
  pageOf,
  purposeOfUseEnum,
  resourceTypeEnum,
} from '@medigraph/platform/graph';
import { type care, type PurposeOfUse } from '@medigraph/schema';
import { dateScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { RecordsContext } from './context.js';
import { entryOf, institutionNode } from './nodes.js';
import { type Demographics, demographicsOf } from './demographics.js';
import { purposeOf, visibleEntries } from './policy.js';
import { Entry, EntryConnection, Institution, Patient } from './types.js';

@ArgsType()
class EntriesArguments extends ConnectionArguments {
  @Field(() => resourceTypeEnum, { nullable: true, description: 'Only of this FHIR R4 type.' })
  resourceType?: care.Entry['resourceType'];

  @Field(() => entryCategoryEnum, { nullable: true, description: 'Only of this category.' })
  category?: care.Entry['category'];

  @Field(() => entryClassEnum, { nullable: true, description: 'Only of this class.' })
  class?: care.Entry['class'];

  @Field(() => dateScalar, { nullable: true, description: 'Only of this day or later.' })
  from?: string;

  @Field(() => dateScalar, { nullable: true, description: 'Only of this day or earlier.' })
  to?: string;
}

const purposeArgument = {
  nullable: true,
  description: 'For what you read it; logged. By default what callers of your role usually read for.',
} as const;

@Resolver(() => Entry)
export class EntryQueries {
  @Query(() => Entry, { nullable: true, description: 'An entry by id; null if you may not see it.' })
  async entry(
    @Ctx('request') context: RecordsContext,
    @Arg('id', () => ID, { description: 'Id of the entry.' }) id: string,
  ): Promise<Entry | undefined> {
    const found = await context.loaders.entries.load(id);
    return found && entryOf(found);
  }

  @FieldResolver(() => fhirResourceScalar, {
    nullable: true,
    description:
      'What the entry says: the FHIR resource, opened on the ledger (which checks consent and logs it) and unsealed with your key. Null with ENTRY_NOT_FOUND if you may not open it.',
  })
  async resource(
    @Root() { id }: Entry,
    @Ctx('request') context: RecordsContext,
    @Arg('purpose', () => purposeOfUseEnum, purposeArgument) purpose?: PurposeOfUse,
  ): Promise<FhirResource | undefined> {
    const entry = await context.loaders.entries.load(id);
    return (
      entry && context.loaders.contents.load({ entry, purpose: purpose ?? purposeOf(context.caller.role) })
    );
  }
}

@Resolver(() => Patient)
export class PatientRecords {
  @FieldResolver(() => EntryConnection, { description: 'Their records that you may see, newest first.' })
  async entries(
    @Root() { id }: Patient,
    @Ctx('request') context: RecordsContext,
    @Args(() => EntriesArguments) page: EntriesArguments,
  ): Promise<Connection<Entry>> {
    const visible = await visibleEntries(context, id, new Date().toISOString(), 'search');
    if (visible === undefined) return emptyPage(page);
    const conditions: object[] = [visible];
    if (page.resourceType) conditions.push({ resourceType: page.resourceType });
    if (page.category) conditions.push({ category: page.category });
    if (page.class) conditions.push({ class: page.class });
    if (page.from !== undefined) conditions.push({ date: { $gte: page.from } });
    if (page.to !== undefined) conditions.push({ date: { $lte: page.to } });
    return pageOf(context.index.entries, { $and: conditions }, { key: 'date', direction: -1 }, page, entryOf);
  }

  @FieldResolver(() => fhirResourceScalar, {
    nullable: true,
    description:
      'The FHIR Patient resource, from their newest authorised identity entry; null if you may not see one.',
  })
  async resource(
    @Root() { id }: Patient,
    @Ctx('request') context: RecordsContext,
    @Arg('purpose', () => purposeOfUseEnum, purposeArgument) purpose?: PurposeOfUse,
  ): Promise<FhirResource | undefined> {
    const entry = await context.loaders.identities.load(id);
    return (
      entry && context.loaders.contents.load({ entry, purpose: purpose ?? purposeOf(context.caller.role) })
    );
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Name, from `resource`; null if you may not see it.',
  })
  async name(@Root() patient: Patient, @Ctx('request') context: RecordsContext): Promise<string | undefined> {
    return (await this.#demographics(patient, context))?.name;
  }

  @FieldResolver(() => dateScalar, {
    nullable: true,
    description: 'Day of birth, from `resource`; null if you may not see it.',
  })
  async birthDate(
    @Root() patient: Patient,
    @Ctx('request') context: RecordsContext,
  ): Promise<string | undefined> {
    return (await this.#demographics(patient, context))?.birthDate;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'FHIR AdministrativeGender, from `resource`; null if you may not see it.',
  })
  async gender(
    @Root() patient: Patient,
    @Ctx('request') context: RecordsContext,
  ): Promise<string | undefined> {
    return (await this.#demographics(patient, context))?.gender;
  }

  @FieldResolver(() => [Institution], {
    description: 'Institutions that may store records about them; only the patient sees them.',
  })
  async storedBy(@Root() { id }: Patient, @Ctx('request') context: RecordsContext): Promise<Institution[]> {
    const viewer = await context.viewer();
    if (viewer.patient !== id) return [];
    const found = await context.relations.relationships
      .find({ patient: id, storage: true })
      .sort({ _id: 1 })
      .lean()
      .exec();
    return found.map(({ institution }) => institutionNode(institution));
  }

  async #demographics(patient: Patient, context: RecordsContext): Promise<Demographics | undefined> {
    const resource = await this.resource(patient, context);
    return resource && demographicsOf(resource);
  }
}
