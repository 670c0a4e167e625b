import {
  type Connection,
  ConnectionArguments,
  emptyPage,
  identifierHash,
  maxPageSize,
  institutionKindEnum,
  pageOf,
} from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { PatientsContext } from './context.js';
import { institutionOf, patientOf, practitionerOf } from './nodes.js';
import { relatedPatients } from './policy.js';
import {
  Institution,
  InstitutionConnection,
  Me,
  Patient,
  PatientConnection,
  Practitioner,
  PractitionerConnection,
} from './types.js';

@Resolver(() => Patient)
export class PatientQueries {
  @Query(() => Patient, {
    nullable: true,
    description: 'A patient by chain address; null if you may not see them.',
  })
  async patient(
    @Ctx('request') context: PatientsContext,
    @Arg('id', () => ID, { description: 'Chain address.' }) id: string,
  ): Promise<Patient | undefined> {
    const found = await context.loaders.patients.load(id);
    return found && patientOf(found);
  }

  @Query(() => Patient, {
    nullable: true,
    description: 'A patient by the patient id of the institutions’ systems; null if you may not see them.',
  })
  async patientByIdentifier(
    @Ctx('request') context: PatientsContext,
    @Arg('identifier', () => String, { description: 'Patient id of the institutions’ systems.' })
    identifier: string,
  ): Promise<Patient | undefined> {
    const patientIdHash = identifierHash(context.services.custody, identifier);
    const found = await context.registry.patients.findOne({ patientIdHash }).lean<{ _id: string }>().exec();
    const visible = found ? await context.loaders.patients.load(found._id) : undefined;
    return visible && patientOf(visible);
  }

  @Query(() => PatientConnection, {
    description:
      'The patients you may see: yourself and those who let you read, or those who let your institution store records or were asked for consent.',
  })
  async patients(
    @Ctx('request') context: PatientsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<Patient>> {
    const viewer = await context.viewer();
    const filter = relatedPatients(viewer, new Date().toISOString());
    if (filter === undefined) return emptyPage(page);
    if (viewer.patient !== undefined) {
      const others = await context.relations.relationships.find(filter).limit(maxPageSize).lean().exec();
      const _id = { $in: [viewer.patient, ...others.map(({ patient }) => patient)] };
      return pageOf(context.registry.patients, { _id }, { key: '_id', direction: 1 }, page, patientOf);
    }
    const related = await pageOf(
      context.relations.relationships,
      filter,
      { key: 'patient', direction: 1 },
      page,
      ({ patient }) => patient,
    );
    const found = await Promise.all(related.nodes.map((id) => context.loaders.patients.load(id)));
    const edges = related.edges.flatMap(({ cursor }, index) => {
      const document = found[index];
      return document ? [{ cursor, node: patientOf(document) }] : [];
    });
    return { edges, nodes: edges.map(({ node }) => node), pageInfo: related.pageInfo };
  }
}

@Resolver(() => Institution)
export class InstitutionQueries {
  @Query(() => Institution, { nullable: true, description: 'An institution by id.' })
  async institution(
    @Ctx('request') context: PatientsContext,
    @Arg('id', () => ID, { description: 'Id in the consortium.' }) id: string,
  ): Promise<Institution | undefined> {
    const found = await context.loaders.institutions.load(id);
    return found && institutionOf(found);
  }

  @Query(() => InstitutionConnection, { description: 'The institutions of the consortium.' })
  institutions(
    @Ctx('request') context: PatientsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Arg('kind', () => institutionKindEnum, { nullable: true, description: 'Only of this kind.' })
    kind?: care.Institution['kind'],
  ): Promise<Connection<Institution>> {
    const filter = kind ? { kind } : {};
    return pageOf(context.registry.institutions, filter, { key: '_id', direction: 1 }, page, institutionOf);
  }

  @FieldResolver(() => PractitionerConnection, { description: 'Who works for the institution.' })
  practitioners(
    @Root() { id }: Institution,
    @Ctx('request') context: PatientsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<Practitioner>> {
    return practitionersOf(context, page, id);
  }
}

@Resolver(() => Practitioner)
export class PractitionerQueries {
  @Query(() => Practitioner, { nullable: true, description: 'A practitioner by id.' })
  async practitioner(
    @Ctx('request') context: PatientsContext,
    @Arg('id', () => ID, { description: 'Id in the consortium.' }) id: string,
  ): Promise<Practitioner | undefined> {
    const found = await context.loaders.practitioners.load(id);
    return found && practitionerOf(found);
  }

  @Query(() => PractitionerConnection, { description: 'The practitioners of the consortium.' })
  practitioners(
    @Ctx('request') context: PatientsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Arg('institution', () => ID, { nullable: true, description: 'Only of this institution.' })
    institution?: string,
  ): Promise<Connection<Practitioner>> {
    return practitionersOf(context, page, institution);
  }

  @FieldResolver(() => Institution, { nullable: true, description: 'Institution they work for.' })
  async institution(
    @Root() { institutionId }: Practitioner,
    @Ctx('request') context: PatientsContext,
  ): Promise<Institution | undefined> {
    const found = await context.loaders.institutions.load(institutionId);
    return found && institutionOf(found);
  }
}

@Resolver(() => Me)
export class MeQueries {
  @Query(() => Me, { description: 'Who you are, as your access token says.' })
  me(@Ctx('request') { caller }: PatientsContext): Me {
    return Object.assign(new Me(), {
      subject: caller.subject,
      role: caller.role,
      organization: caller.mspId,
      expiresAt: new Date(caller.expiresAt * 1000).toISOString(),
    });
  }

  @FieldResolver(() => Patient, { nullable: true, description: 'Yourself, if you are a patient.' })
  async patient(@Ctx('request') context: PatientsContext): Promise<Patient | undefined> {
    const { patient } = await context.viewer();
    const found = patient === undefined ? undefined : await context.loaders.patients.load(patient);
    return found && patientOf(found);
  }

  @FieldResolver(() => Institution, { nullable: true, description: 'The institution you act for.' })
  async institution(@Ctx('request') context: PatientsContext): Promise<Institution | undefined> {
    const { institution } = await context.viewer();
    const found =
      institution === undefined ? undefined : await context.loaders.institutions.load(institution);
    return found && institutionOf(found);
  }
}

function practitionersOf(
  context: PatientsContext,
  page: ConnectionArguments,
  institution: string | undefined,
): Promise<Connection<Practitioner>> {
  const filter = institution === undefined ? {} : { institution };
  return pageOf(context.registry.practitioners, filter, { key: '_id', direction: 1 }, page, practitionerOf);
}
