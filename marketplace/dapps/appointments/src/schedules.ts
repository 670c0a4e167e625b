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
import { instantOf, isSlotId, partsOf, slotsBetween } from './slot-times.js';
import { Schedule, ScheduleTerms, Slot, SlotPage } from './types.js';

const firstPage = '';
const minute = 60_000;
/** As many as the graph asks for at once. */
const ids = { type: ['string'], maxItems: 100, maxLength: 128 } as const;

/** What practitioners offer, and when. */
@ContractInfo()
export class Schedules extends DAppContract {
  /**
   * As an institution: opens a schedule.
   * @param terms - What is offered.
   */
  @Transaction()
  @Returns(Schedule)
  async open(ctx: DAppContext, @Param('terms') terms: ScheduleTerms): Promise<Schedule> {
    await ctx.institutions.requireOwn(terms.institution);
    await ctx.installations.require(terms.institution);
    const book = new AppointmentBook(ctx);
    demand(
      (await book.schedules.get(terms.id)) === undefined,
      'SCHEDULE_EXISTS',
      `there is a schedule ${terms.id}: choose another id`,
    );
    const schedule = { ...terms, organization: ctx.caller.mspId, active: true };
    await book.schedules.put(schedule, terms.id);
    await ctx.table<string>('schedule-of-institution').put(terms.id, terms.institution, terms.id);
    return schedule;
  }

  /**
   * As the institution: takes no new bookings any more; what is booked stands.
   * @param id - Its id.
   */
  @Transaction()
  @Returns(Schedule)
  async close(ctx: DAppContext, @Param('schedule') id: string): Promise<Schedule> {
    const book = new AppointmentBook(ctx);
    const schedule = { ...(await book.ownSchedule(id)), active: false };
    await book.schedules.put(schedule, id);
    return schedule;
  }

  /**
   * As the institution: offers slots one after the other, from one instant to another. Those that are there
   * stay, and nothing is offered across them.
   * @param id - Id of the schedule.
   * @param from - Start of the first.
   * @param until - When the last must be over.
   */
  @Transaction()
  @Returns([Slot])
  async offer(
    ctx: DAppContext,
    @Param('schedule') id: string,
    @Param('from', { format: 'date-time' }) from: string,
    @Param('until', { format: 'date-time' }) until: string,
  ): Promise<Slot[]> {
    const book = new AppointmentBook(ctx);
    const { slotMinutes, active } = await book.ownSchedule(id);
    demand(active, 'SCHEDULE_CLOSED', `schedule ${id} is closed`);
    const start = instantOf(from, 'from');
    demand(start > ctx.now, 'PERIOD_INVALID', 'from must lie in the future');
    const offered = slotsBetween(id, start, instantOf(until, 'until'), slotMinutes);
    const present = (await book.slots.keys(id)).map(([begin = '']) => Date.parse(begin));
    // Slots of a schedule are of one length.
    const added = offered.filter((slot) => {
      const begin = Date.parse(slot.start);
      return present.every((other) => Math.abs(other - begin) >= slotMinutes * minute);
    });
    await Promise.all(added.map((slot) => book.slots.put(slot, id, slot.start)));
    ctx.emit('SlotsChanged', [{ schedule: id, from: start, count: added.length }]);
    return added;
  }

  /**
   * As the institution: takes a free slot away, or gives it free again.
   * @param id - Its id.
   * @param blocked - false gives it free again.
   */
  @Transaction()
  @Returns(Slot)
  async block(
    ctx: DAppContext,
    @Param('slot') id: string,
    @Param('blocked') blocked: boolean,
  ): Promise<Slot> {
    const book = new AppointmentBook(ctx);
    const slot = await book.slot(id);
    await book.ownSchedule(slot.schedule);
    demand(slot.status !== 'busy', 'SLOT_TAKEN', `slot ${id} is booked: cancel the appointment first`);
    const changed: Slot = { ...slot, status: blocked ? 'busy-unavailable' : 'free' };
    await book.slots.put(changed, slot.schedule, slot.start);
    ctx.emit('SlotsChanged', [{ schedule: slot.schedule, from: slot.start, count: 1 }]);
    return changed;
  }

  /**
   * A schedule.
   * @param id - Its id.
   */
  @Evaluation()
  @Returns(Schedule)
  read(ctx: DAppContext, @Param('id') id: string): Promise<Schedule> {
    return new AppointmentBook(ctx).schedule(id);
  }

  /**
   * Schedules of an institution, in the order of their ids.
   * @param institution - Its id.
   */
  @Evaluation()
  @Returns([Schedule])
  async ofInstitution(ctx: DAppContext, @Param('institution') institution: string): Promise<Schedule[]> {
    const book = new AppointmentBook(ctx);
    const ids = await ctx.table<string>('schedule-of-institution').all(institution);
    return Promise.all(ids.map((id) => book.schedule(id)));
  }

  /**
   * A slot.
   * @param id - Its id.
   */
  @Evaluation()
  @Returns(Slot)
  readSlot(ctx: DAppContext, @Param('id') id: string): Promise<Slot> {
    return new AppointmentBook(ctx).slot(id);
  }

  // The next two resolve what appointments and slots lead to, for a whole list of them at once.

  /**
   * Schedules by their ids, each in its place; nothing for one that there is not.
   * @param wanted - Their ids.
   */
  @Evaluation()
  @Returns(['Schedule'])
  each(ctx: DAppContext, @Param('ids', ids) wanted: string[]): Promise<(Schedule | null)[]> {
    const { schedules } = new AppointmentBook(ctx);
    return Promise.all(wanted.map(async (id) => (await schedules.get(id)) ?? null));
  }

  /**
   * Slots by their ids, each in its place; nothing for one that there is not.
   * @param wanted - Their ids.
   */
  @Evaluation()
  @Returns(['Slot'])
  eachSlot(ctx: DAppContext, @Param('ids', ids) wanted: string[]): Promise<(Slot | null)[]> {
    const { slots } = new AppointmentBook(ctx);
    return Promise.all(
      wanted.map(async (id) => (isSlotId(id) ? ((await slots.get(...partsOf(id))) ?? null) : null)),
    );
  }

  /**
   * Slots of a schedule in the order of their start, a page at a time.
   * @param schedule - Id of the schedule.
   * @param pageSize - Most slots of a page.
   * @param bookmark - That of the page before; empty for the first.
   */
  @Evaluation()
  @Returns(SlotPage)
  async slots(
    ctx: DAppContext,
    @Param('schedule') schedule: string,
    @Param('pageSize', { type: 'integer', minimum: 1, maximum: 200 }) pageSize: number,
    @Param('bookmark', { maxLength: 64 }) bookmark: string,
  ): Promise<SlotPage> {
    const page = await new AppointmentBook(ctx).slots.page(
      [schedule],
      pageSize,
      bookmark === firstPage ? undefined : bookmark,
    );
    return { slots: page.items, ...(page.bookmark !== undefined && { bookmark: page.bookmark }) };
  }
}
