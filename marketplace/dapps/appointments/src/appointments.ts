import {
  ContractInfo,
  DAppContext,
  DAppContract,
  demand,
  Evaluation,
  Param,
  Returns,
  Transaction,
} from '@medigraph/dapp';
import { AppointmentBook } from './book.js';
import { afterCancellation, announced, feeOf, refunded, settled } from './payments.js';
import { instantOf, overlap } from './slot-times.js';
import { Appointment, type AppointmentStatus } from './types.js';

/** Reminders of one transaction. */
const mostReminders = 100;
const day = 'YYYY-MM-DD'.length;

function demandStatus({ id, status }: Appointment, ...allowed: readonly AppointmentStatus[]): void {
  demand(
    allowed.includes(status),
    'APPOINTMENT_STATE_INVALID',
    `appointment ${id} is ${status}; this is for one that is ${allowed.join(' or ')}`,
  );
}

/** Visits that patients book, from the booking to the visit. */
@ContractInfo()
export class Appointments extends DAppContract {
  /**
   * As a patient: books a free slot.
   * @param slotId - Id of the slot.
   */
  @Transaction()
  @Returns(Appointment)
  async book(ctx: DAppContext, @Param('slot') slotId: string): Promise<Appointment> {
    const patient = await ctx.person();
    demand(patient !== undefined, 'CALLER_FORBIDDEN', 'only a patient books');
    await ctx.installations.require();
    const book = new AppointmentBook(ctx);
    const slot = await book.slot(slotId);
    const { id: schedule, practitioner, active, fee } = await book.schedule(slot.schedule);
    demand(active && slot.status === 'free', 'SLOT_TAKEN', `slot ${slotId} cannot be booked: choose another`);
    demand(slot.start > ctx.now, 'SLOT_PAST', `slot ${slotId} has begun: choose a later one`);
    const others = await book.all(await book.byPatient.all(patient));
    const clash = others.find((other) => other.status === 'booked' && overlap(other, slot));
    demand(clash === undefined, 'PATIENT_BUSY', `you have appointment ${clash?.id ?? ''} at that time`);
    await book.occupy(practitioner, slot);
    const { start, end } = slot;
    const id = ctx.transactionId;
    await book.slots.put({ ...slot, status: 'busy' }, schedule, start);
    await book.byPatient.put(id, patient, start, id);
    await book.bySchedule.put(id, schedule, start, id);
    const payment = feeOf(fee);
    return book.change({
      id,
      slot: slotId,
      schedule,
      patient,
      start,
      end,
      status: 'booked',
      bookedAt: ctx.now,
      payment,
    });
  }

  /**
   * As the patient or the institution: cancels a visit that has not begun; its slot is free again.
   * @param id - Its id.
   * @param reason - Why; everybody on the channel can read it, so nothing of health.
   */
  @Transaction()
  @Returns(Appointment)
  async cancel(
    ctx: DAppContext,
    @Param('appointment') id: string,
    @Param('reason', { maxLength: 200 }) reason: string,
  ): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.visible(id);
    demandStatus(appointment, 'booked');
    const cancelledBy = ctx.caller.isPerson ? 'patient' : 'institution';
    demand(
      cancelledBy === 'institution' || ctx.now < appointment.start,
      'APPOINTMENT_STATE_INVALID',
      `appointment ${id} has begun`,
    );
    const { fee, practitioner } = await book.schedule(appointment.schedule);
    const slot = await book.slot(appointment.slot);
    await book.release(practitioner, slot);
    await book.slots.put({ ...slot, status: 'free' }, slot.schedule, slot.start);
    return book.change({
      ...appointment,
      status: 'cancelled',
      cancelledBy,
      ...(reason !== '' && { cancellationReason: reason }),
      payment: afterCancellation(appointment, { by: cancelledBy, at: ctx.now, fee }),
    });
  }

  /**
   * As the patient: tells with which reference the fee was paid.
   * @param id - Its id.
   * @param reference - Of the payment, at whoever carried it out.
   */
  @Transaction()
  @Returns(Appointment)
  async pay(
    ctx: DAppContext,
    @Param('appointment') id: string,
    @Param('reference', { minLength: 1, maxLength: 100 }) reference: string,
  ): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.ofPatient(id);
    demandStatus(appointment, 'booked', 'arrived', 'fulfilled');
    return book.change({ ...appointment, payment: announced(appointment.payment, reference) });
  }

  /**
   * As the institution: confirms that the fee has come in, or that it was paid back.
   * @param id - Its id.
   * @param reference - Of the payment, at whoever carried it out.
   */
  @Transaction()
  @Returns(Appointment)
  async settle(
    ctx: DAppContext,
    @Param('appointment') id: string,
    @Param('reference', { minLength: 1, maxLength: 100 }) reference: string,
  ): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.ofOrganization(id);
    const { payment } = appointment;
    const settle = payment.status === 'refund-due' ? refunded : settled;
    return book.change({ ...appointment, payment: settle(payment, reference) });
  }

  /**
   * As the institution: registers the patient at the desk, who gets a place in the line of the day.
   * @param id - Its id.
   */
  @Transaction()
  @Returns(Appointment)
  async checkIn(ctx: DAppContext, @Param('appointment') id: string): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.ofOrganization(id);
    demandStatus(appointment, 'booked');
    const key = [appointment.schedule, appointment.start.slice(0, day)] as const;
    const queueNumber = ((await book.queues.get(...key)) ?? 0) + 1;
    await book.queues.put(queueNumber, ...key);
    return book.change({ ...appointment, status: 'arrived', queueNumber });
  }

  /**
   * As the institution: the visit has taken place.
   * @param id - Its id.
   */
  @Transaction()
  @Returns(Appointment)
  async complete(ctx: DAppContext, @Param('appointment') id: string): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.ofOrganization(id);
    demandStatus(appointment, 'arrived');
    return book.change({ ...appointment, status: 'fulfilled' });
  }

  /**
   * As the institution: the patient did not come.
   * @param id - Its id.
   */
  @Transaction()
  @Returns(Appointment)
  async markNoShow(ctx: DAppContext, @Param('appointment') id: string): Promise<Appointment> {
    const book = new AppointmentBook(ctx);
    const appointment = await book.ofOrganization(id);
    demandStatus(appointment, 'booked');
    demand(appointment.start <= ctx.now, 'APPOINTMENT_STATE_INVALID', `appointment ${id} has not begun yet`);
    return book.change({ ...appointment, status: 'noshow' });
  }

  /**
   * As the institution: reminds the patients of a schedule whose visit begins before an instant, each once.
   * @param id - Id of the schedule.
   * @param before - Visits that begin before this instant.
   */
  @Transaction()
  @Returns([Appointment])
  async remind(
    ctx: DAppContext,
    @Param('schedule') id: string,
    @Param('before', { format: 'date-time' }) before: string,
  ): Promise<Appointment[]> {
    const book = new AppointmentBook(ctx);
    await book.ownSchedule(id);
    const limit = instantOf(before, 'before');
    const coming = (await book.bySchedule.keys(id)).flatMap(([start = '', appointment = '']) =>
      start > ctx.now && start < limit ? [appointment] : [],
    );
    const due = (await book.all(coming))
      .filter(({ status, remindedAt }) => status === 'booked' && remindedAt === undefined)
      .slice(0, mostReminders);
    ctx.emit(
      'AppointmentReminder',
      due.map(({ id: one, schedule, patient, status, start }) => ({
        id: one,
        schedule,
        patient,
        status,
        start,
      })),
    );
    return Promise.all(due.map((one) => book.keep({ ...one, remindedAt: ctx.now })));
  }

  /**
   * An appointment, for its patient and its institution.
   * @param id - Its id.
   */
  @Evaluation()
  @Returns(Appointment)
  read(ctx: DAppContext, @Param('id') id: string): Promise<Appointment> {
    return new AppointmentBook(ctx).visible(id);
  }

  /** The caller’s own appointments, in the order of their start. */
  @Evaluation()
  @Returns([Appointment])
  async mine(ctx: DAppContext): Promise<Appointment[]> {
    const book = new AppointmentBook(ctx);
    const patient = await ctx.person();
    return patient === undefined ? [] : book.all(await book.byPatient.all(patient));
  }

  /**
   * Appointments of a patient: all for the patient, those at its own schedules for an institution, none for
   * others.
   * @param patient - Chain address.
   */
  @Evaluation()
  @Returns([Appointment])
  async ofPatient(ctx: DAppContext, @Param('patient') patient: string): Promise<Appointment[]> {
    const book = new AppointmentBook(ctx);
    const all = await book.all(await book.byPatient.all(patient));
    if (ctx.caller.isPerson) return patient === (await ctx.person()) ? all : [];
    const schedules = await Promise.all(all.map(({ schedule }) => book.schedule(schedule)));
    return all.filter((_, index) => schedules[index]?.organization === ctx.caller.mspId);
  }

  /**
   * As the institution: appointments of a schedule on a day (UTC), in the order of their start.
   * @param schedule - Id of the schedule.
   * @param date - The day.
   */
  @Evaluation()
  @Returns([Appointment])
  async ofDay(
    ctx: DAppContext,
    @Param('schedule') schedule: string,
    @Param('date', { format: 'date' }) date: string,
  ): Promise<Appointment[]> {
    const book = new AppointmentBook(ctx);
    await book.ownSchedule(schedule);
    const keys = await book.bySchedule.keys(schedule);
    return book.all(keys.flatMap(([start = '', id = '']) => (start.startsWith(date) ? [id] : [])));
  }
}
