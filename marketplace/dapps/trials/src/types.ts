/** FHIR R4 ResearchStudy and ResearchSubject, and the forms of CDISC ODM. */
import { DataType, Property } from '@medigraph/dapp';

const id = { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' };
const oid = { pattern: '^[A-Za-z][A-Za-z0-9._]{0,63}$' };
const digest = { pattern: '^[0-9a-f]{64}$' };
const text = { minLength: 1, maxLength: 500 };

/** FHIR R4 ResearchStudyStatus, those that occur here. */
export const studyStatuses = [
  'in-review',
  'approved',
  'active',
  'closed-to-accrual',
  'completed',
  'disapproved',
  'withdrawn',
] as const;
export type StudyStatus = (typeof studyStatuses)[number];

export const itemTypes = ['text', 'integer', 'float', 'date', 'boolean'] as const;
export const comparators = ['LT', 'LE', 'GT', 'GE', 'EQ', 'NE'] as const;
export type Comparator = (typeof comparators)[number];

@DataType('A study as its sponsor describes it.')
export class StudyTerms {
  @Property('Id, chosen by the sponsor, such as its number in a public register.', id)
  id!: string;

  @Property('Title.', { minLength: 1, maxLength: 300 })
  title!: string;

  @Property('Id of the institution that is responsible.')
  sponsor!: string;

  @Property('FHIR ResearchStudy.phase.', {
    enum: [
      'n-a',
      'early-phase-1',
      'phase-1',
      'phase-1-phase-2',
      'phase-2',
      'phase-2-phase-3',
      'phase-3',
      'phase-4',
    ],
  })
  phase!: string;

  @Property('Version of the protocol.', { minLength: 1, maxLength: 40 })
  protocolVersion!: string;

  @Property('SHA-256 of the protocol, in hex: what is approved.', digest)
  protocolDigest!: string;

  @Property('How many subjects are wanted.', { type: 'integer', minimum: 1, maximum: 1_000_000 })
  targetEnrollment!: number;
}

@DataType('What a regulator or an ethics committee says of a protocol.')
export class ProtocolDecision {
  @Property('Id of the institution that decided.')
  institution!: string;

  @Property('What it decided.', { enum: ['approved', 'disapproved'] })
  decision!: 'approved' | 'disapproved';

  @Property('Version of the protocol.')
  protocolVersion!: string;

  @Property('SHA-256 of the protocol.')
  protocolDigest!: string;

  @Property('Why.', text)
  reason!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;
}

@DataType('A study (FHIR ResearchStudy).')
export class Study extends StudyTerms {
  @Property('MSP id of the sponsor.')
  organization!: string;

  @Property('FHIR ResearchStudyStatus.', { enum: studyStatuses })
  status!: StudyStatus;

  @Property('Decisions about its protocol, oldest first.', { type: [ProtocolDecision] })
  decisions!: ProtocolDecision[];
}

@DataType('A place where a study is carried out.')
export class Site {
  @Property('Id: that of the study, @, and the institution.')
  id!: string;

  @Property('Id of the study.')
  study!: string;

  @Property('Id of the institution.')
  institution!: string;

  @Property('MSP id of the institution.')
  organization!: string;

  @Property('invited, open, closed.', { enum: ['invited', 'open', 'closed'] })
  status!: 'invited' | 'open' | 'closed';

  @Property('Id of the practitioner who answers for it, once it is open.', { optional: true })
  investigator?: string;

  @Property('Subjects enrolled so far.', { type: 'integer' })
  enrolled!: number;
}

@DataType('Somebody who takes part (FHIR ResearchSubject), by a key that says nothing of who it is.')
export class Subject {
  @Property('Id: that of the site, @, and the key.')
  id!: string;

  @Property('Id of the study.')
  study!: string;

  @Property('Id of the site.')
  site!: string;

  @Property('Key at the site.')
  key!: string;

  @Property('FHIR ResearchSubjectStatus.', { enum: ['on-study', 'withdrawn', 'off-study'] })
  status!: 'on-study' | 'withdrawn' | 'off-study';

  @Property('Since when.', { format: 'date-time' })
  enrolledAt!: string;

  @Property('Until when.', { format: 'date-time', optional: true })
  endedAt?: string;
}

@DataType('What a value is compared with (ODM RangeCheck), and what is asked where it does not hold.')
export class EditCheck {
  @Property('OID of the item.', oid)
  item!: string;

  @Property('How it must compare.', { enum: comparators })
  comparator!: Comparator;

  @Property('With a value: a number, or a day as YYYY-MM-DD.', { optional: true, maxLength: 40 })
  value?: string;

  @Property('With another item of the form, by its OID.', { optional: true, ...oid })
  other?: string;

  @Property('Hard: what does not hold is refused. Soft: a query is raised.', { enum: ['Hard', 'Soft'] })
  softHard!: 'Hard' | 'Soft';

  @Property('What is asked or told.', text)
  message!: string;
}

@DataType('A question of a form (ODM ItemDef).')
export class ItemDef {
  @Property('OID.', oid)
  oid!: string;

  @Property('What is asked.', text)
  name!: string;

  @Property('ODM DataType.', { enum: itemTypes })
  dataType!: (typeof itemTypes)[number];

  @Property('Whether an answer is wanted (ODM Mandatory): a query is raised where it is missing.')
  mandatory!: boolean;

  @Property('What may be answered (ODM CodeList); anything, if absent.', {
    type: ['string'],
    optional: true,
    minItems: 1,
    maxItems: 200,
    maxLength: 100,
  })
  codeList?: string[];

  @Property('UCUM unit.', { optional: true, maxLength: 40 })
  unit?: string;
}

@DataType('A form (ODM FormDef), which never changes: a changed one is another version.')
export class FormDef {
  @Property('Id of the study.', id)
  study!: string;

  @Property('OID.', oid)
  oid!: string;

  @Property('Version, from 1.', { type: 'integer', minimum: 1, maximum: 1000 })
  version!: number;

  @Property('Title.', text)
  name!: string;

  @Property('Questions.', { type: [ItemDef], minItems: 1, maxItems: 200 })
  items!: ItemDef[];

  @Property('Checks of the answers.', { type: [EditCheck], maxItems: 200 })
  checks!: EditCheck[];
}

@DataType('An answer (ODM ItemData).')
export class ItemData {
  @Property('OID of the question.', oid)
  oid!: string;

  @Property('The answer.', { maxLength: 500 })
  value!: string;
}

@DataType('Which form of whom, at which visit.')
export class FormPlace {
  @Property('Id of the subject.', { maxLength: 200 })
  subject!: string;

  @Property('OID of the visit (ODM StudyEventOID).', oid)
  event!: string;

  @Property('OID of the form.', oid)
  form!: string;

  @Property('Version of the form.', { type: 'integer', minimum: 1, maximum: 1000 })
  version!: number;
}

@DataType('A signature under a form (ODM Signature).')
export class FormSignature {
  @Property('Id of the practitioner.')
  practitioner!: string;

  @Property('What it means.')
  meaning!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;

  @Property('SHA-256 of the canonical JSON of subject, event, form, version and items: what was signed.')
  digest!: string;
}

@DataType('The answers of a form (ODM FormData).')
export class FormData extends FormPlace {
  @Property('Id.')
  id!: string;

  @Property('Id of the study.')
  study!: string;

  @Property('Id of the site.')
  site!: string;

  @Property('Answers.', { type: [ItemData] })
  items!: ItemData[];

  @Property('open: with queries; clean; signed; locked.', { enum: ['open', 'clean', 'signed', 'locked'] })
  status!: 'open' | 'clean' | 'signed' | 'locked';

  @Property('When it was saved last.', { format: 'date-time' })
  savedAt!: string;

  @Property('Signature of the investigator; voided by every change.', { optional: true })
  signature?: FormSignature;
}

@DataType('A remark in a query.')
export class QueryRemark {
  @Property('MSP id of who says it.')
  organization!: string;

  @Property('What.')
  text!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;
}

@DataType('A question about an answer (ODM Query).')
export class Query {
  @Property('Id.')
  id!: string;

  @Property('Id of the answers.')
  formData!: string;

  @Property('OID of the question that it is about.')
  item!: string;

  @Property('automatic: by an edit check; manual: by the sponsor.', { enum: ['automatic', 'manual'] })
  origin!: 'automatic' | 'manual';

  @Property('State.', { enum: ['open', 'answered', 'closed'] })
  status!: 'open' | 'answered' | 'closed';

  @Property('What was asked and answered, oldest first.', { type: [QueryRemark] })
  remarks!: QueryRemark[];
}

@DataType('What was saved: the answers, and what is asked about them.')
export class SavedForm {
  @Property('The answers.')
  formData!: FormData;

  @Property('Queries that are not closed.', { type: [Query] })
  queries!: Query[];
}

@DataType('A change of an answer (ODM AuditRecord).')
export class AuditRecord {
  @Property('Transaction.')
  transaction!: string;

  @Property('Id of the answers.')
  formData!: string;

  @Property('OID of the question.')
  item!: string;

  @Property('Before; absent where there was none.', { optional: true })
  before?: string;

  @Property('After; absent where it was taken away.', { optional: true })
  after?: string;

  @Property('Why.')
  reason!: string;

  @Property('MSP id of who changed it.')
  organization!: string;

  @Property('Id of the practitioner, where the certificate says so.', { optional: true })
  practitioner?: string;

  @Property('When.', { format: 'date-time' })
  at!: string;
}

@DataType('Results of a study, signed by its sponsor.')
export class ResultTerms {
  @Property('Id of the study.', id)
  study!: string;

  @Property('What the document is, such as Clinical study report 1.0.', text)
  title!: string;

  @Property('SHA-256 of the document, in hex.', digest)
  digest!: string;
}

@DataType('Who signed results too.')
export class Countersignature {
  @Property('Id of the institution.')
  institution!: string;

  @Property('MSP id.')
  organization!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;
}

@DataType('Results of a study.')
export class Result extends ResultTerms {
  @Property('Id: that of the transaction.')
  id!: string;

  @Property(
    'SHA-256 over the digests of all locked forms, in the order of their ids: the data that the results are of.',
  )
  dataDigest!: string;

  @Property('How many forms.', { type: 'integer' })
  forms!: number;

  @Property('MSP id of the sponsor, who signed first.')
  organization!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;

  @Property('Who signed too.', { type: [Countersignature] })
  countersignatures!: Countersignature[];
}

@DataType('That a study changed.')
export class StudyChange {
  @Property('Id of the study.')
  study!: string;

  @Property('FHIR ResearchStudyStatus.', { enum: studyStatuses })
  status!: StudyStatus;
}

@DataType('That a site or its subjects changed.')
export class SiteChange {
  @Property('Id of the study.')
  study!: string;

  @Property('Id of the site.')
  site!: string;

  @Property('Subjects enrolled so far.', { type: 'integer' })
  enrolled!: number;
}

@DataType('That answers or queries changed.')
export class FormChange {
  @Property('Id of the study.')
  study!: string;

  @Property('Id of the site.')
  site!: string;

  @Property('Id of the answers.')
  formData!: string;

  @Property('State of the form.', { enum: ['open', 'clean', 'signed', 'locked'] })
  status!: FormData['status'];

  @Property('Queries that are not closed.', { type: 'integer' })
  openQueries!: number;
}
