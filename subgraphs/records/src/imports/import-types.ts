import { type OutcomeIssue } from '@medigraph/platform/fhir';
import { type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entry } from '../types.js';
import { type ImportOutcome as Outcome } from './importing.js';

export const importOutcomeStatusEnum = {
  STORED: 'stored',
  EXISTING: 'existing',
  REFUSED: 'refused',
} as const;
registerEnumType(importOutcomeStatusEnum, {
  name: 'ImportOutcomeStatus',
  description: 'STORED now; EXISTING, since the same was stored before; REFUSED, and why is told.',
});

@InputType({ description: 'Resources or a Bundle about one patient.' })
export class ImportEntriesInput {
  @Field(() => ID, { description: 'Whom they are about: chain address.' })
  patient!: string;

  @Field(() => [fhirResourceScalar], {
    nullable: true,
    description: 'FHIR R4 resources, at most 1000. Either these or a bundle.',
  })
  resources?: FhirResource[];

  @Field(() => fhirResourceScalar, {
    nullable: true,
    description:
      'A FHIR R4 Bundle of type collection, document, transaction, batch or searchset, with at most 1000 entries.',
  })
  bundle?: FhirResource;

  @Field(() => [String], {
    nullable: true,
    description:
      'References by which the source means the patient, such as `Patient/123`, beside their address and the identifier that they were registered under. By default that of the one Patient resource that is sent.',
  })
  knownAs?: string[];

  @Field(() => String, {
    nullable: true,
    description: 'The system that they come from, by a name that says nothing of the patient.',
  })
  source?: string;
}

@ObjectType({ description: 'A fault of a resource: FHIR R4 OperationOutcome.issue.' })
export class ImportIssue {
  @Field(() => [String], { description: 'FHIRPath of the element, such as `Observation.status`.' })
  expression!: readonly string[];

  @Field(() => String, { description: 'What is wrong with it.' })
  diagnostics!: string;
}

@ObjectType({ description: 'What became of one resource that was sent.' })
export class ImportOutcome {
  @Field(() => Int, { description: 'Which it is in what was sent, from 0.' })
  index!: number;

  @Field(() => importOutcomeStatusEnum, { description: 'What became of it.' })
  status!: Outcome['status'];

  @Field(() => Entry, { nullable: true, description: 'The entry; null if it was refused.' })
  entry?: Entry;

  @Field(() => String, { nullable: true, description: 'Why it was refused: FHIR_INVALID or FHIR_TOO_LARGE.' })
  code?: string;

  @Field(() => [ImportIssue], { description: 'All that is wrong with it, at most 100 faults.' })
  issues!: readonly OutcomeIssue[];
}

@ObjectType({ description: 'What became of resources that were sent.' })
export class ImportEntriesPayload {
  @Field(() => [ImportOutcome], { description: 'One for each, in the order sent.' })
  outcomes!: ImportOutcome[];
}
