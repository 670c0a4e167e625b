/** What follows from EPCIS events for packs and batches: what verification, recalls and reports of adverse events speak of. */
import { DataType, Property } from '@medigraph/dapp';
import { type BizStep, bizSteps, type Disposition, dispositions, EpcisEvent, lot } from './epcis.js';

const gtin = { pattern: '^[0-9]{8,14}$' };

@DataType('A medicine as its manufacturer registers it.')
export class ProductTerms {
  @Property('GTIN: 8, 12, 13 or 14 digits.', gtin)
  gtin!: string;

  @Property('Trade name, strength and form.', { minLength: 1, maxLength: 200 })
  name!: string;

  @Property('Id of the institution that makes it.')
  institution!: string;

  @Property('Code of the substance in ATC.', { optional: true, pattern: '^[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}$' })
  atc?: string;
}

@DataType('A medicine.')
export class Product extends ProductTerms {
  @Property('MSP id of the manufacturer.')
  organization!: string;
}

@DataType('An event as the ledger keeps it.')
export class TraceStep {
  @Property('Id: that of its transaction and its place in it.')
  id!: string;

  @Property('Who reported it: MSP id.')
  organization!: string;

  @Property('When it was recorded.', { format: 'date-time' })
  recordTime!: string;

  @Property('What was reported.')
  event!: EpcisEvent;
}

@DataType('A pack, or a unit that holds packs.')
export class Item {
  @Property('GS1 Digital Link.')
  epc!: string;

  @Property('GTIN with 14 digits; none of a logistic unit.', { optional: true })
  gtin?: string;

  @Property('Number of the batch.', { optional: true })
  lot?: string;

  @Property('Until when it may be used.', { format: 'date', optional: true })
  expires?: string;

  @Property('CBV disposition.', { enum: dispositions })
  disposition!: Disposition;

  @Property('MSP id of who has it; of who sent it, while it is on its way.')
  holder!: string;

  @Property('MSP id of whom it is on its way to.', { optional: true })
  destination?: string;

  @Property('What holds it.', { optional: true })
  parent?: string;
}

@DataType('What a scan of a pack comes to.')
export class Verification {
  @Property('GS1 Digital Link.')
  epc!: string;

  @Property(
    'Whether the pack may be used: made by whom it says, in order, in time, and not dispensed before.',
  )
  usable!: boolean;

  @Property(
    'What speaks against it, as codes: UNKNOWN, RECALLED, EXPIRED, its disposition where nobody should have it any more, LOT_DIFFERS and EXPIRY_DIFFERS where the pack says another batch or date than its manufacturer.',
    { type: ['string'] },
  )
  reasons!: string[];

  @Property('The medicine.', { optional: true })
  product?: Product;

  @Property('Number of the batch.', { optional: true })
  lot?: string;

  @Property('Until when it may be used.', { format: 'date', optional: true })
  expires?: string;

  @Property('CBV disposition.', { enum: dispositions, optional: true })
  disposition?: Disposition;
}

@DataType('Packs of a batch that are with somebody: a page of them.')
export class ItemPage {
  @Property('In the order of their serial numbers.', { type: [Item] })
  items!: Item[];

  @Property('Where the next page begins; absent after the last one.', { optional: true })
  bookmark?: string;
}

@DataType('What is called back, and why.')
export class RecallTerms {
  @Property('Id, chosen by whoever calls back.', { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' })
  id!: string;

  @Property('Id of the institution that calls back: the manufacturer, or a regulator.')
  institution!: string;

  @Property('GTIN of the medicine.', gtin)
  gtin!: string;

  @Property('Numbers of the batches.', { type: ['string'], minItems: 1, maxItems: 50, ...lot })
  lots!: string[];

  @Property('I: may cause death; II: may cause illness; III: neither.', { enum: ['I', 'II', 'III'] })
  severity!: 'I' | 'II' | 'III';

  @Property('Why, and what to do.', { minLength: 1, maxLength: 1000 })
  reason!: string;
}

@DataType('What a holder did about a recall.')
export class RecallAnswer {
  @Property('MSP id.')
  organization!: string;

  @Property('Packs found and kept back.', { type: 'integer', minimum: 0, maximum: 10_000_000 })
  found!: number;

  @Property('When it answered last.', { format: 'date-time' })
  at!: string;
}

@DataType('A recall.')
export class Recall extends RecallTerms {
  @Property('MSP id of who called back.')
  organization!: string;

  @Property('When.', { format: 'date-time' })
  at!: string;

  @Property('MSP ids of everybody who has or had packs of the batches.', { type: ['string'] })
  holders!: string[];

  @Property('What they did.', { type: [RecallAnswer] })
  answers!: RecallAnswer[];
}

@DataType('That packs moved or changed.')
export class TraceChange {
  @Property('Id of the event.')
  id!: string;

  @Property('CBV business step.', { enum: bizSteps })
  bizStep!: BizStep;

  @Property('Who reported it: MSP id.')
  organization!: string;

  @Property('MSP id of whom it is on its way to.', { optional: true })
  destination?: string;

  @Property('How many packs and units.', { type: 'integer' })
  count!: number;
}

@DataType('Seriousness of an adverse event, as ICH E2B(R3) has it.')
export class Seriousness {
  @Property('Results in death.')
  resultsInDeath!: boolean;

  @Property('Is life-threatening.')
  isLifeThreatening!: boolean;

  @Property('Requires inpatient hospitalization, or prolongs it.')
  requiresInpatientHospitalization!: boolean;

  @Property('Results in persistent or significant disability.')
  resultsInPersistentOrSignificantDisability!: boolean;

  @Property('Is a congenital anomaly or birth defect.')
  congenitalAnomalyBirthDefect!: boolean;

  @Property('Is another medically important condition.')
  otherMedicallyImportantCondition!: boolean;
}

@DataType('An adverse event, as it is reported: coded, without a word about the person.')
export class AdverseEventReport {
  @Property('EPC of the pack, as a Digital Link or URN.', { maxLength: 200 })
  suspectEntity!: string;

  @Property('FHIR actuality: it happened, or it nearly did.', { enum: ['actual', 'potential'] })
  actuality!: 'actual' | 'potential';

  @Property('MedDRA code of the reaction.', { pattern: '^[0-9]{8}$' })
  event!: string;

  @Property('Day on which it began.', { format: 'date' })
  date!: string;

  @Property('How strong it is.', { enum: ['mild', 'moderate', 'severe'] })
  severity!: 'mild' | 'moderate' | 'severe';

  @Property('ICH E2B(R3) criteria.')
  seriousness!: Seriousness;

  @Property('How it ended, as FHIR has it.', {
    enum: ['resolved', 'recovering', 'ongoing', 'resolvedWithSequelae', 'fatal', 'unknown'],
  })
  outcome!: string;
}

@DataType('An adverse event.')
export class AdverseEvent extends AdverseEventReport {
  @Property('Id: that of its transaction.')
  id!: string;

  @Property('GTIN of the medicine, with 14 digits.')
  gtin!: string;

  @Property('Number of the batch.')
  lot!: string;

  @Property('Whether any criterion of seriousness is met.')
  serious!: boolean;

  @Property('When it was reported.', { format: 'date-time' })
  recordedAt!: string;

  @Property('Until when authorities must have it: 15 days for a serious one, 90 for others (ICH E2D).', {
    format: 'date-time',
  })
  dueAt!: string;

  @Property('Who reported: a chain address, or an MSP id.')
  reporter!: string;

  @Property('What the manufacturer thinks of the cause, as WHO-UMC has it.', {
    enum: ['certain', 'probable', 'possible', 'unlikely', 'conditional', 'unassessable'],
    optional: true,
  })
  causality?: string;
}

@DataType('That an adverse event was reported or assessed.')
export class AdverseEventNotice {
  @Property('Id of the adverse event.')
  id!: string;

  @Property('GTIN of the medicine.')
  gtin!: string;

  @Property('Number of the batch.')
  lot!: string;

  @Property('Whether it is serious.')
  serious!: boolean;
}

@DataType('The way from an adverse event back to the batch, and who else has packs of it.')
export class AdverseEventTrace {
  @Property('The adverse event.')
  adverseEvent!: AdverseEvent;

  @Property('The medicine.')
  product!: Product;

  @Property('What happened to the pack, oldest first.', { type: [TraceStep] })
  steps!: TraceStep[];

  @Property('MSP ids of everybody who has or had packs of the batch.', { type: ['string'] })
  holders!: string[];

  @Property('Adverse events reported of the batch.', { type: 'integer' })
  reportsOfBatch!: number;

  @Property('Ids of recalls of the batch.', { type: ['string'] })
  recalls!: string[];
}
