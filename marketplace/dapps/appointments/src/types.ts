/** FHIR R4 Schedule, Slot and Appointment, as far as booking needs them. */
import { DataType, Property } from '@medigraph/dapp';

export const identifierPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';
export const amountPattern = '^(0|[1-9][0-9]{0,7})\\.[0-9]{2}$';
export const currencyPattern = '^[A-Z]{3}$';

/** FHIR R4 AppointmentStatus, those that occur here. */
export const appointmentStatuses = ['booked', 'arrived', 'fulfilled', 'cancelled', 'noshow'] as const;
export type AppointmentStatus = (typeof appointmentStatuses)[number];

/** What became of the fee: `none` where there is no fee. */
export const paymentStatuses = ['none', 'due', 'announced', 'paid', 'refund-due', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

@DataType('What a visit costs, and until when it may be cancelled without paying.')
export class Fee {
  @Property('Amount with two decimals, such as 25.00.', { pattern: amountPattern })
  amount!: string;

  @Property('ISO 4217 code.', { pattern: currencyPattern })
  currency!: string;

  @Property('Hours before the visit until which a patient who cancels gets the fee back.', {
    type: 'integer',
    minimum: 0,
    maximum: 720,
  })
  refundableUntilHours!: number;
}

@DataType('What a practitioner offers at one place (FHIR Schedule), as it is opened.')
export class ScheduleTerms {
  @Property('Id, chosen by the institution.', { pattern: identifierPattern })
  id!: string;

  @Property('Id of the institution where visits take place.')
  institution!: string;

  @Property('Id of the practitioner.', { minLength: 1, maxLength: 128 })
  practitioner!: string;

  @Property('Such as General consultation.', { minLength: 1, maxLength: 100 })
  service!: string;

  @Property('Code of the specialty, such as 394579002 (SNOMED CT: cardiology).', {
    optional: true,
    maxLength: 64,
  })
  specialty?: string;

  @Property('Length of a visit in minutes.', { type: 'integer', minimum: 5, maximum: 480 })
  slotMinutes!: number;

  @Property('What a visit costs; absent if nothing.', { type: 'Fee', optional: true })
  fee?: Fee;
}

@DataType('What a practitioner offers at one place (FHIR Schedule).')
export class Schedule extends ScheduleTerms {
  @Property('MSP id of the organisation that keeps it.')
  organization!: string;

  @Property('Whether new visits can be booked.')
  active!: boolean;
}

@DataType('A time at which somebody can be seen (FHIR Slot).')
export class Slot {
  @Property('Id: that of the schedule, @, and the start.')
  id!: string;

  @Property('Id of the schedule.')
  schedule!: string;

  @Property('When it begins.', { format: 'date-time' })
  start!: string;

  @Property('When it ends.', { format: 'date-time' })
  end!: string;

  @Property('FHIR SlotStatus: free, busy (booked), busy-unavailable (blocked).', {
    enum: ['free', 'busy', 'busy-unavailable'],
  })
  status!: 'free' | 'busy' | 'busy-unavailable';
}

@DataType('A page of slots.')
export class SlotPage {
  @Property('In the order of their start.', { type: [Slot] })
  slots!: Slot[];

  @Property('Where the next page begins; absent after the last one.', { optional: true })
  bookmark?: string;
}

@DataType('What was paid for a visit.')
export class Payment {
  @Property(
    'none: no fee; due; announced by the patient; paid, as the institution says; refund-due; refunded.',
    {
      enum: paymentStatuses,
    },
  )
  status!: PaymentStatus;

  @Property('Amount with two decimals.', { optional: true })
  amount?: string;

  @Property('ISO 4217 code.', { optional: true })
  currency?: string;

  @Property('Reference of the payment at whoever carried it out.', { optional: true })
  reference?: string;
}

@DataType('A booked visit (FHIR Appointment).')
export class Appointment {
  @Property('Id: that of the transaction which booked it.')
  id!: string;

  @Property('Id of the slot.')
  slot!: string;

  @Property('Id of the schedule.')
  schedule!: string;

  @Property('Chain address of the patient.')
  patient!: string;

  @Property('When it begins.', { format: 'date-time' })
  start!: string;

  @Property('When it ends.', { format: 'date-time' })
  end!: string;

  @Property('FHIR AppointmentStatus.', { enum: appointmentStatuses })
  status!: AppointmentStatus;

  @Property('When it was booked.', { format: 'date-time' })
  bookedAt!: string;

  @Property('Place in the line of the day, from the moment of registration at the desk.', {
    type: 'integer',
    optional: true,
  })
  queueNumber?: number;

  @Property('Who cancelled: patient or institution.', { enum: ['patient', 'institution'], optional: true })
  cancelledBy?: 'patient' | 'institution';

  @Property('Why it was cancelled.', { optional: true })
  cancellationReason?: string;

  @Property('What was paid.')
  payment!: Payment;

  @Property('When the patient was reminded.', { format: 'date-time', optional: true })
  remindedAt?: string;
}

@DataType('That an appointment changed: what everybody on the channel may know of it.')
export class AppointmentChange {
  @Property('Id of the appointment.')
  id!: string;

  @Property('Id of the schedule.')
  schedule!: string;

  @Property('Chain address of the patient.')
  patient!: string;

  @Property('FHIR AppointmentStatus.', { enum: appointmentStatuses })
  status!: AppointmentStatus;

  @Property('When the visit begins.', { format: 'date-time' })
  start!: string;
}

@DataType('That slots of a schedule changed.')
export class SlotsChange {
  @Property('Id of the schedule.')
  schedule!: string;

  @Property('Start of the first of them.', { format: 'date-time' })
  from!: string;

  @Property('How many.', { type: 'integer' })
  count!: number;
}
