/** EPCIS 2.0 events with the vocabulary of CBV 2.0. {@link https://ref.gs1.org/standards/epcis/ | EPCIS 2.0}, {@link https://ref.gs1.org/standards/cbv/ | CBV 2.0}. */
import { DataType, Property } from '@medigraph/dapp';
import { SensorElement } from './sensors.js';

/** EPCIS 2.0 event types. */
export const eventTypes = [
  'ObjectEvent',
  'AggregationEvent',
  'TransactionEvent',
  'TransformationEvent',
  'AssociationEvent',
] as const;

/** Business steps of CBV 2.0. */
export const bizSteps = [
  'accepting', 'arriving', 'assembling', 'collecting', 'commissioning', 'consigning', 'creating_class_instance', 'cycle_counting',
  'decommissioning', 'departing', 'destroying', 'disassembling', 'dispensing', 'encoding', 'entering_exiting', 'holding', 'inspecting',
  'installing', 'killing', 'loading', 'other', 'packing', 'picking', 'receiving', 'removing', 'repackaging', 'repairing', 'replacing',
  'reserving', 'retail_selling', 'sampling', 'sensor_reporting', 'shipping', 'staging_outbound', 'stock_taking', 'stocking', 'storing',
  'transporting', 'unloading', 'unpacking', 'void_shipping',
] as const; // prettier-ignore
export type BizStep = (typeof bizSteps)[number];

/** Dispositions of CBV 2.0. */
export const dispositions = [
  'active', 'available', 'completeness_inferred', 'completeness_verified', 'conformant', 'container_closed', 'container_open', 'damaged',
  'destroyed', 'dispensed', 'disposed', 'encoded', 'expired', 'in_progress', 'in_transit', 'inactive', 'mismatch_class',
  'mismatch_instance', 'mismatch_quantity', 'needs_replacement', 'no_pedigree_match', 'non_conformant', 'non_sellable_other',
  'partially_dispensed', 'recalled', 'reserved', 'retail_sold', 'returned', 'sellable_accessible', 'sellable_not_accessible', 'stolen',
  'unavailable', 'unknown',
] as const; // prettier-ignore
export type Disposition = (typeof dispositions)[number];

/** Types of business transactions of CBV 2.0. */
const bizTransactionTypes = [
  'bol', 'cert', 'desadv', 'inv', 'pedigree', 'po', 'poc', 'prodorder', 'recadv', 'rma', 'testprd', 'testres', 'upevt',
] as const; // prettier-ignore
/** In which part somebody gives or gets, as CBV 2.0 has it. */
const parts = ['owning_party', 'possessing_party', 'location'] as const;

/** Of a batch. */
export const lot = { pattern: '^[A-Za-z0-9!%&()*+,./:;<=>?_-]{1,20}$' };
const epcs = { type: ['string'], maxItems: 500, maxLength: 200 } as const;
const name = { minLength: 1, maxLength: 200 } as const;

@DataType('What a commissioning says of the batch (EPCIS instance/lot master data).')
export class Ilmd {
  @Property('Number of the batch.', lot)
  lotNumber!: string;

  @Property('Until when it may be used.', { format: 'date' })
  itemExpirationDate!: string;
}

@DataType('A business document that an event belongs to (EPCIS bizTransaction).')
export class BizTransaction {
  @Property('CBV type.', { enum: bizTransactionTypes, optional: true })
  type?: (typeof bizTransactionTypes)[number];

  @Property('Its number or address.', name)
  bizTransaction!: string;
}

@DataType('A place: a GLN, as an EPC URN or a Digital Link.')
export class Place {
  @Property('Its name.', name)
  id!: string;
}

@DataType('Who or where things come from (EPCIS source).')
export class Source {
  @Property('In which part.', { enum: parts })
  type!: (typeof parts)[number];

  @Property('A party or a place, by its GLN.', name)
  source!: string;
}

@DataType('Whom or where things go to (EPCIS destination).')
export class Destination {
  @Property('In which part.', { enum: parts })
  type!: (typeof parts)[number];

  @Property('A party or a place, by its GLN.', name)
  destination!: string;
}

@DataType('What is true of things beside their disposition, or no longer is.')
export class PersistentDisposition {
  @Property('What is.', { type: ['string'], enum: dispositions, maxItems: 10, optional: true })
  set?: Disposition[];

  @Property('What no longer is.', { type: ['string'], enum: dispositions, maxItems: 10, optional: true })
  unset?: Disposition[];
}

@DataType('An EPCIS 2.0 event, as whoever saw it reports it.')
export class EpcisEvent {
  @Property('EPCIS event type.', { enum: eventTypes })
  type!: (typeof eventTypes)[number];

  @Property('Name that whoever reports it gave it, such as a UUID or a hash: it is reported once.', {
    optional: true,
    ...name,
  })
  eventID?: string;

  @Property('When it happened.', { format: 'date-time' })
  eventTime!: string;

  @Property('Time zone where it happened, as +02:00.', {
    pattern: '^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$',
  })
  eventTimeZoneOffset!: string;

  @Property('ADD, OBSERVE or DELETE; none for a TransformationEvent.', {
    enum: ['ADD', 'OBSERVE', 'DELETE'],
    optional: true,
  })
  action?: 'ADD' | 'OBSERVE' | 'DELETE';

  @Property('What it is about.', { ...epcs, optional: true })
  epcList?: string[];

  @Property('What holds the others: of an AggregationEvent or AssociationEvent.', {
    optional: true,
    maxLength: 200,
  })
  parentID?: string;

  @Property('What is in it.', { ...epcs, optional: true })
  childEPCs?: string[];

  @Property('What was used up: of a TransformationEvent.', { ...epcs, optional: true })
  inputEPCList?: string[];

  @Property('What came of it.', { ...epcs, optional: true })
  outputEPCList?: string[];

  @Property('Of events that tell of one transformation.', { optional: true, ...name })
  transformationID?: string;

  @Property('CBV business step.', { enum: bizSteps })
  bizStep!: BizStep;

  @Property('CBV disposition; what follows from the step, if absent.', { enum: dispositions, optional: true })
  disposition?: Disposition;

  @Property('What is true of them beside it.', { optional: true })
  persistentDisposition?: PersistentDisposition;

  @Property('Where it was seen.', { optional: true })
  readPoint?: Place;

  @Property('Where it is afterwards.', { optional: true })
  bizLocation?: Place;

  @Property('Who or where it comes from.', { type: [Source], optional: true, maxItems: 10 })
  sourceList?: Source[];

  @Property('Whom or where it goes to.', { type: [Destination], optional: true, maxItems: 10 })
  destinationList?: Destination[];

  @Property('MSP id of the organisation that it is sent to: of shipping and consigning.', {
    optional: true,
    maxLength: 128,
  })
  destination?: string;

  @Property('Documents that it belongs to.', { type: [BizTransaction], optional: true, maxItems: 20 })
  bizTransactionList?: BizTransaction[];

  @Property('What sensors measured.', { type: [SensorElement], optional: true, maxItems: 20 })
  sensorElementList?: SensorElement[];

  @Property('Address of a certificate that it was done under.', { optional: true, ...name })
  certificationInfo?: string;

  @Property('Batch and expiry: of commissioning.', { optional: true })
  ilmd?: Ilmd;
}
