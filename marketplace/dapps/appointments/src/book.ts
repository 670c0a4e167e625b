import { type DAppContext, demand } from '@medigraph/dapp';
import { hoursOf, overlap, partsOf } from './slot-times.js';
import { type Appointment, type Schedule, type Slot } from './types.js';

/** What stands on the ledger of schedules, slots and appointments, and who may see which. */
export class AppointmentBook {
  readonly #ctx: DAppContext;

  constructor(ctx: DAppContext) {
    this.#ctx = ctx;
  }

  get schedules() {
    return this.#ctx.table<Schedule>('schedule');
  }

  /** By schedule and start. */
  get slots() {
    return this.#ctx.table<Slot>('slot');
  }

  get appointments() {
    return this.#ctx.table<Appointment>('appointment');
  }

  /** Ids by patient, start and id. */
  get byPatient() {
    return this.#ctx.table<string>('appointment-of-patient');
  }

  /** Ids by schedule, start and id. */
  get bySchedule() {
    return this.#ctx.table<string>('appointment-of-schedule');
  }

  /**
   * What practitioners are booked for, over all their schedules: by practitioner, hour and slot. By the hour, so that of two bookings at the same time
   * only those near each other have to wait for one another.
   */
  get agendas() {
    return this.#ctx.table<Pick<Slot, 'start' | 'end'>>('agenda');
  }

  /** Visits registered at the desk, by schedule and day. */
  get queues() {
    return this.#ctx.table<number>('queue');
  }

  async schedule(id: string): Promise<Schedule> {
    const found = await this.schedules.get(id);
    demand(found !== undefined, 'SCHEDULE_NOT_FOUND', `there is no schedule ${id}`);
    return found;
  }

  /** A schedule of the caller's organisation; one of another's answers as if it were not there. */
  async ownSchedule(id: string): Promise<Schedule> {
    const found = await this.schedules.get(id);
    demand(
      found !== undefined && this.#keeps(found),
      'SCHEDULE_NOT_FOUND',
      `your organisation has no schedule ${id}`,
    );
    return found;
  }

  async slot(id: string): Promise<Slot> {
    const found = await this.slots.get(...partsOf(id));
    demand(found !== undefined, 'SLOT_NOT_FOUND', `there is no slot ${id}`);
    return found;
  }

  /** Puts a slot into the practitioner's agenda. @throws `PRACTITIONER_BUSY` if another visit is at that time. */
  async occupy(practitioner: string, { id, start, end }: Slot): Promise<void> {
    for (const hour of hoursOf({ start, end })) {
      const visits = await this.agendas.all(practitioner, hour);
      const clash = visits.find((visit) => overlap(visit, { start, end }));
      demand(
        clash === undefined,
        'PRACTITIONER_BUSY',
        `${practitioner} is booked from ${clash?.start ?? ''} to ${clash?.end ?? ''}: choose another slot`,
      );
      await this.agendas.put({ start, end }, practitioner, hour, id);
    }
  }

  /** Takes a slot out of the practitioner's agenda. */
  async release(practitioner: string, slot: Slot): Promise<void> {
    for (const hour of hoursOf(slot)) await this.agendas.delete(practitioner, hour, slot.id);
  }

  /** An appointment of the caller's, or at a schedule of their organisation; any other answers as if it were not there. */
  async visible(id: string): Promise<Appointment> {
    const found = await this.appointments.get(id);
    const mine = found !== undefined && ((await this.#isPatient(found)) || (await this.#isKept(found)));
    demand(mine, 'APPOINTMENT_NOT_FOUND', `there is no appointment ${id}`);
    return found;
  }

  async ofPatient(id: string): Promise<Appointment> {
    const found = await this.appointments.get(id);
    demand(
      found !== undefined && (await this.#isPatient(found)),
      'APPOINTMENT_NOT_FOUND',
      `you have no appointment ${id}`,
    );
    return found;
  }

  async ofOrganization(id: string): Promise<Appointment> {
    const found = await this.appointments.get(id);
    demand(
      found !== undefined && (await this.#isKept(found)),
      'APPOINTMENT_NOT_FOUND',
      `your organisation has no appointment ${id}`,
    );
    return found;
  }

  /** Appointments of these ids, in their order. */
  async all(ids: readonly string[]): Promise<Appointment[]> {
    const found = await Promise.all(ids.map((id) => this.appointments.get(id)));
    return found.filter((one) => one !== undefined);
  }

  async keep(appointment: Appointment): Promise<Appointment> {
    await this.appointments.put(appointment, appointment.id);
    return appointment;
  }

  /** Keeps it, and tells of it. */
  async change(appointment: Appointment): Promise<Appointment> {
    const { id, schedule, patient, status, start } = appointment;
    this.#ctx.emit('AppointmentChanged', [{ id, schedule, patient, status, start }]);
    return this.keep(appointment);
  }

  async #isPatient({ patient }: Appointment): Promise<boolean> {
    return patient === (await this.#ctx.person());
  }

  async #isKept({ schedule }: Appointment): Promise<boolean> {
    return this.#keeps(await this.schedule(schedule));
  }

  #keeps({ organization }: Schedule): boolean {
    const { isPerson, mspId } = this.#ctx.caller;
    return !isPerson && organization === mspId;
  }
}
