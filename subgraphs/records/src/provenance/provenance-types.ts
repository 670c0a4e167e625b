/** The graph's types of where entries come from. */
import { acquisitionMethodEnum, provenanceAgentKindEnum, trustLevelEnum } from '@medigraph/platform/graph';
import { type care, type TrustLevel } from '@medigraph/schema';
import { dateTimeScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Institution } from '../types.js';

@ObjectType({ description: 'Who brought an entry: FHIR R4 Provenance.agent.who.' })
export class ProvenanceAgent {
  @Field(() => provenanceAgentKindEnum, { description: 'What it is.' })
  kind!: care.ProvenanceAgent['kind'];

  @Field(() => ID, {
    description: 'Address of the patient, or id of the institution, practitioner, program or device.',
  })
  id!: string;
}

@ObjectType({
  description:
    'Where an entry comes from, as the contract found it from who signed, and how far it is to be trusted.',
})
export class Provenance {
  @Field(() => ProvenanceAgent, { description: 'Who brought it.' })
  agent!: ProvenanceAgent;

  @Field(() => Institution, {
    nullable: true,
    description: 'For which institution a practitioner, program or device did.',
  })
  onBehalfOf?: Institution;

  @Field(() => acquisitionMethodEnum, { description: 'How it came.' })
  method!: care.Provenance['method'];

  @Field(() => String, {
    nullable: true,
    description: 'The system that it was taken from, as its writer calls it.',
  })
  source?: string;

  @Field(() => dateTimeScalar, { description: 'When it was put on the ledger.' })
  recordedAt!: string;

  @Field(() => trustLevelEnum, { description: 'How far it is to be trusted: follows from the rest.' })
  trust!: TrustLevel;

  @Field(() => fhirResourceScalar, { description: 'The same as a FHIR R4 Provenance.' })
  resource!: FhirResource;
}
