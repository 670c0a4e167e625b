import {
  type Connection,
  ConnectionArguments,
  consentStatusEnum,
  emptyPage,
  pageOf,
} from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { ConsentContext } from './context.js';
import { AuditEvent, AuditEventConnection } from './audit-types.js';
import { auditEventOf, consentOf, openingOf } from './nodes.js';
import { visibleAudit, visibleConsents, visibleOpenings } from './policy.js';
import { Consent, ConsentConnection, OpenedEntry, Opening, OpeningConnection, Patient } from './types.js';

@ArgsType()
class ConsentsArguments extends ConnectionArguments {
  @Field(() => consentStatusEnum, { nullable: true, description: 'Only in this status.' })
  status?: care.Consent['status'];
}

@Resolver(() => Consent)
export class ConsentQueries {
  @Query(() => Consent, {
    nullable: true,
    description: 'A consent by id; null if you are none of its parties.',
  })
  async consent(
    @Ctx('request') context: ConsentContext,
    @Arg('id', () => ID, { description: 'Id of the consent.' }) id: string,
  ): Promise<Consent | undefined> {
    const found = await context.loaders.consents.load(id);
    return found && consentOf(found);
  }

  @Query(() => ConsentConnection, {
    description: 'Consents that you or your institution are a party to, newest first.',
  })
  consents(
    @Ctx('request') context: ConsentContext,
    @Args(() => ConsentsArguments) page: ConsentsArguments,
    @Arg('patient', () => ID, { nullable: true, description: 'Only of this patient.' }) patient?: string,
  ): Promise<Connection<Consent>> {
    return consentsOf(context, page, patient);
  }
}

@Resolver(() => Patient)
export class PatientConsents {
  @FieldResolver(() => ConsentConnection, {
    description: 'Their consents that you are a party to, newest first.',
  })
  consents(
    @Root() { id }: Patient,
    @Ctx('request') context: ConsentContext,
    @Args(() => ConsentsArguments) page: ConsentsArguments,
  ): Promise<Connection<Consent>> {
    return consentsOf(context, page, id);
  }

  @FieldResolver(() => OpeningConnection, {
    description: 'Who opened their entries, newest first: all for the patient, their own for anyone else.',
  })
  async openings(
    @Root() { id }: Patient,
    @Ctx('request') context: ConsentContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<Opening>> {
    const visible = visibleOpenings(await context.principal('AuditEvent'));
    if (visible === undefined) return emptyPage(page);
    const filter = { $and: [visible, { patient: id }] };
    return pageOf(context.book.openings, filter, { key: 'openedAt', direction: -1 }, page, openingOf);
  }
}

@Resolver(() => Patient)
export class PatientAudit {
  @FieldResolver(() => AuditEventConnection, {
    description:
      'What was done about their records, newest first: all of it for the patient and whoever decides in their name, their own acts for anyone else.',
  })
  async auditEvents(
    @Root() { id }: Patient,
    @Ctx('request') context: ConsentContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<AuditEvent>> {
    const visible = visibleAudit(await context.principal('AuditEvent'));
    if (visible === undefined) return emptyPage(page);
    const filter = { $and: [visible, { patient: id }] };
    return pageOf(context.book.audit, filter, { key: 'recorded', direction: -1 }, page, auditEventOf);
  }
}

@Resolver(() => OpenedEntry)
export class OpenedEntryFields {
  @FieldResolver(() => Consent, {
    nullable: true,
    description: 'The consent that allowed it; null for patient and holder.',
  })
  async consent(
    @Root() { consentId }: OpenedEntry,
    @Ctx('request') context: ConsentContext,
  ): Promise<Consent | undefined> {
    const found = consentId === undefined ? undefined : await context.loaders.consents.load(consentId);
    return found && consentOf(found);
  }
}

async function consentsOf(
  context: ConsentContext,
  page: ConsentsArguments,
  patient: string | undefined,
): Promise<Connection<Consent>> {
  const visible = visibleConsents(await context.principal('Consent'));
  if (visible === undefined) return emptyPage(page);
  const conditions: object[] = [visible];
  if (patient !== undefined) conditions.push({ patient });
  if (page.status) conditions.push({ status: page.status });
  const filter = { $and: conditions };
  return pageOf(context.book.consents, filter, { key: 'since', direction: -1 }, page, consentOf);
}
