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

/** What a visit costs, and until when it may be cancelled without paying. */
@DataType()
export class Fee {
  /** Amount with two decimals, such as 25.00. */
  @Property({ pattern: amountPattern })
  amount!: string;

  /** ISO 4217 code. */
  @Property({ pattern: currencyPattern })
  currency!: string;

  /** Hours before the visit until which a patient who cancels gets the fee back. */
  @Property({
    type: 'integer',
    minimum: 0,
    maximum: 720,
  })
  refundableUntilHours!: number;
}

/** What a practitioner offers at one place (FHIR Schedule), as it is opened. */
@DataType()
export class ScheduleTerms {
  /** Id, chosen by the institution. */
  @Property({ pattern: identifierPattern })
  id!: string;

  /** Id of the institution where visits take place. */
  @Property()
  institution!: string;

  /** Id of the practitioner. */
  @Property({ minLength: 1, maxLength: 128 })
  practitioner!: string;

  /** Such as General consultation. */
  @Property({ minLength: 1, maxLength: 100 })
  service!: string;

  /** Code of the specialty, such as 394579002 (SNOMED CT: cardiology). */
  @Property({
    optional: true,
    maxLength: 64,
  })
  specialty?: string;

  /** Length of a visit in minutes. */
  @Property({ type: 'integer', minimum: 5, maximum: 480 })
  slotMinutes!: number;

  /** What a visit costs; absent if nothing. */
  @Property({ type: 'Fee', optional: true })
  fee?: Fee;
}

/** What a practitioner offers at one place (FHIR Schedule). */
@DataType()
export class Schedule extends ScheduleTerms {
  /** MSP id of the organisation that keeps it. */
  @Property()
  organization!: string;

  /** Whether new visits can be booked. */
  @Property()
  active!: boolean;
}

/** A time at which somebody can be seen (FHIR Slot). */
@DataType()
export class Slot {
  /** Id: that of the schedule, @, and the start. */
  @Property()
  id!: string;

  /** Id of the schedule. */
  @Property()
  schedule!: string;

  /** When it begins. */
  @Property({ format: 'date-time' })
  start!: string;

  /** When it ends. */
  @Property({ format: 'date-time' })
  end!: string;

  /** FHIR SlotStatus: free, busy (booked), busy-unavailable (blocked). */
  @Property({
    enum: ['free', 'busy', 'busy-unavailable'],
  })
  status!: 'free' | 'busy' | 'busy-unavailable';
}

/** A page of slots. */
@DataType()
export class SlotPage {
  /** In the order of their start. */
  @Property({ type: [Slot] })
  slots!: Slot[];

  /** Where the next page begins; absent after the last one. */
  @Property({ optional: true })
  bookmark?: string;
}

/** What was paid for a visit. */
@DataType()
export class Payment {
  /** none: no fee; due; announced by the patient; paid, as the institution says; refund-due; refunded. */
  @Property({
    enum: paymentStatuses,
  })
  status!: PaymentStatus;

  /** Amount with two decimals. */
  @Property({ optional: true })
  amount?: string;

  /** ISO 4217 code. */
  @Property({ optional: true })
  currency?: string;

  /** Reference of the payment at whoever carried it out. */
  @Property({ optional: true })
  reference?: string;
}

/** A booked visit (FHIR Appointment). */
@DataType()
export class Appointment {
  /** Id: that of the transaction which booked it. */
  @Property()
  id!: string;

  /** Id of the slot. */
  @Property()
  slot!: string;

  /** Id of the schedule. */
  @Property()
  schedule!: string;

  /** Chain address of the patient. */
  @Property()
  patient!: string;

  /** When it begins. */
  @Property({ format: 'date-time' })
  start!: string;

  /** When it ends. */
  @Property({ format: 'date-time' })
  end!: string;

  /** FHIR AppointmentStatus. */
  @Property({ enum: appointmentStatuses })
  status!: AppointmentStatus;

  /** When it was booked. */
  @Property({ format: 'date-time' })
  bookedAt!: string;

  /** Place in the line of the day, from the moment of registration at the desk. */
  @Property({
    type: 'integer',
    optional: true,
  })
  queueNumber?: number;

  /** Who cancelled: patient or institution. */
  @Property({ enum: ['patient', 'institution'], optional: true })
  cancelledBy?: 'patient' | 'institution';

  /** Why it was cancelled. */
  @Property({ optional: true })
  cancellationReason?: string;

  /** What was paid. */
  @Property()
  payment!: Payment;

  /** When the patient was reminded. */
  @Property({ format: 'date-time', optional: true })
  remindedAt?: string;
}

/** That an appointment changed: what everybody on the channel may know of it. */
@DataType()
export class AppointmentChange {
  /** Id of the appointment. */
  @Property()
  id!: string;

  /** Id of the schedule. */
  @Property()
  schedule!: string;

  /** Chain address of the patient. */
  @Property()
  patient!: string;

  /** FHIR AppointmentStatus. */
  @Property({ enum: appointmentStatuses })
  status!: AppointmentStatus;

  /** When the visit begins. */
  @Property({ format: 'date-time' })
  start!: string;
}

/** That slots of a schedule changed. */
@DataType()
export class SlotsChange {
  /** Id of the schedule. */
  @Property()
  schedule!: string;

  /** Start of the first of them. */
  @Property({ format: 'date-time' })
  from!: string;

  /** How many. */
  @Property({ type: 'integer' })
  count!: number;
}
