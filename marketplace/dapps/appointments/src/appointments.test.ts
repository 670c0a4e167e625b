import { type BenchIdentity, DAppBench } from '@medigraph/dapp/testing';
import { contracts } from './index.js';
import { type Appointment, type Slot } from './types.js';

const terms = {
  id: 'cardio-b',
  institution: 'clinic-a',
  practitioner: 'dr-b',
  service: 'Cardiology',
  slotMinutes: 30,
  fee: { amount: '25.00', currency: 'EUR', refundableUntilHours: 24 },
};
const hour = 3_600_000;

describe('appointments', () => {
  let bench: DAppBench;
  let clinic: BenchIdentity, rival: BenchIdentity, ann: BenchIdentity, ben: BenchIdentity;
  let slots: Slot[];

  beforeEach(async () => {
    bench = new DAppBench({ contracts, dapp: 'appointments', start: '2026-03-01T08:00:00.000Z' });
    bench.institution('clinic-a', 'HospitalAMSP');
    bench.install('clinic-a');
    clinic = await bench.member('HospitalAMSP');
    rival = await bench.member('HospitalBMSP');
    [ann, ben] = [await bench.person(), await bench.person()];
    bench.install(ann);
    bench.install(ben);
    await bench.submit(clinic, 'Schedules:open', terms);
    const offered = await bench.submit(
      clinic,
      'Schedules:offer',
      'cardio-b',
      '2026-03-03T09:00:00Z',
      '2026-03-03T11:00:00Z',
    );
    slots = offered.result as Slot[];
  });

  const slotAt = (index: number): string => slots[index]?.id ?? '';
  const book = async (who: BenchIdentity, index = 0): Promise<Appointment> =>
    (await bench.submit(who, 'Appointments:book', slotAt(index))).result as Appointment;
  const submit = async (who: BenchIdentity, transaction: string, ...args: unknown[]): Promise<Appointment> =>
    (await bench.submit(who, transaction, ...args)).result as Appointment;
  const refused = (code: string) => expect.objectContaining({ code }) as Error;

  test('slots follow each other and are offered once', async () => {
    expect(slots.map(({ start }) => start.slice(11, 16))).toEqual(['09:00', '09:30', '10:00', '10:30']);
    const again = await bench.submit(
      clinic,
      'Schedules:offer',
      'cardio-b',
      '2026-03-03T10:30:00Z',
      '2026-03-03T11:30:00Z',
    );
    expect((again.result as Slot[]).map(({ start }) => start.slice(11, 16))).toEqual(['11:00']);
    const first = (await bench.evaluate(ann, 'Schedules:slots', 'cardio-b', 3, '')) as {
      slots: Slot[];
      bookmark: string;
    };
    const rest = (await bench.evaluate(
      ann,
      'Schedules:slots',
      'cardio-b',
      3,
      first.bookmark,
    )) as typeof first;
    expect([first.slots.length, rest.slots.length, rest.bookmark]).toEqual([3, 2, undefined]);
  });

  test('a slot is booked once, however many book it at a time', async () => {
    const both = await Promise.all(
      [ann, ben].map((who) => bench.endorse(who, 'Appointments:book', slotAt(0))),
    );
    expect(bench.commit(...both)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    await expect(book(ben)).rejects.toEqual(refused('SLOT_TAKEN'));
    expect(await bench.evaluate(ann, 'Appointments:mine')).toHaveLength(1);
    expect(await bench.evaluate(ben, 'Appointments:mine')).toEqual([]);
  });

  test('nobody books twice for one moment, in the past, or without having installed it', async () => {
    const other = { ...terms, id: 'cardio-c', slotMinutes: 60 };
    await bench.submit(clinic, 'Schedules:open', other);
    const [long] = (
      await bench.submit(
        clinic,
        'Schedules:offer',
        'cardio-c',
        '2026-03-03T08:15:00Z',
        '2026-03-03T09:15:00Z',
      )
    ).result as Slot[];
    await book(ann);
    await expect(bench.submit(ann, 'Appointments:book', long?.id)).rejects.toEqual(refused('PATIENT_BUSY'));
    const stranger = await bench.person();
    await expect(book(stranger, 1)).rejects.toEqual(refused('INSTALLATION_REQUIRED'));
    await expect(book(clinic, 1)).rejects.toEqual(refused('CALLER_FORBIDDEN'));
    bench.advance(50 * hour);
    await expect(book(ben, 1)).rejects.toEqual(refused('SLOT_PAST'));
  });

  test('a fee is announced, settled, and given back to who cancels in time', async () => {
    const { id, payment } = await book(ann);
    expect(payment).toEqual({ status: 'due', amount: '25.00', currency: 'EUR' });
    await submit(ann, 'Appointments:pay', id, 'bank-17');
    await expect(submit(ann, 'Appointments:pay', id, 'bank-18')).rejects.toEqual(
      refused('PAYMENT_STATE_INVALID'),
    );
    expect((await submit(clinic, 'Appointments:settle', id, 'bank-17')).payment.status).toBe('paid');
    const cancelled = await submit(ann, 'Appointments:cancel', id, 'travelling');
    expect([cancelled.status, cancelled.cancelledBy, cancelled.payment.status]).toEqual([
      'cancelled',
      'patient',
      'refund-due',
    ]);
    expect((await submit(clinic, 'Appointments:settle', id, 'back-17')).payment.status).toBe('refunded');
    expect((await book(ben)).slot).toBe(slotAt(0));
  });

  test('who cancels late owes the fee, unless the institution cancels', async () => {
    const late = await book(ann);
    const theirs = await book(ben, 1);
    await submit(clinic, 'Appointments:settle', theirs.id, 'cash');
    bench.advance(30 * hour);
    expect((await submit(ann, 'Appointments:cancel', late.id, '')).payment.status).toBe('due');
    expect((await submit(clinic, 'Appointments:cancel', theirs.id, 'ill')).payment.status).toBe('refund-due');
  });

  test('the desk gives places in the line, and a visit goes from booking to its end', async () => {
    const [first, second] = [await book(ann), await book(ben, 1)];
    expect((await submit(clinic, 'Appointments:checkIn', second.id)).queueNumber).toBe(1);
    expect((await submit(clinic, 'Appointments:checkIn', first.id)).queueNumber).toBe(2);
    expect((await submit(clinic, 'Appointments:complete', first.id)).status).toBe('fulfilled');
    await expect(submit(ann, 'Appointments:cancel', first.id, '')).rejects.toEqual(
      refused('APPOINTMENT_STATE_INVALID'),
    );
    const third = await book(ben, 2);
    await expect(submit(clinic, 'Appointments:markNoShow', third.id)).rejects.toEqual(
      refused('APPOINTMENT_STATE_INVALID'),
    );
    bench.advance(51 * hour);
    expect((await submit(clinic, 'Appointments:markNoShow', third.id)).status).toBe('noshow');
  });

  test('each patient is reminded once', async () => {
    await book(ann);
    await book(ben, 3);
    const early = await bench.submit(clinic, 'Appointments:remind', 'cardio-b', '2026-03-03T10:00:00Z');
    expect(early.event).toMatchObject({
      name: 'AppointmentReminder',
      payload: [{ patient: ann.address, status: 'booked' }],
    });
    const later = await bench.submit(clinic, 'Appointments:remind', 'cardio-b', '2026-03-04T00:00:00Z');
    expect(later.event?.payload).toMatchObject([{ patient: ben.address }]);
  });

  test('what is another’s answers as if it were not there', async () => {
    const { id } = await book(ann);
    for (const who of [ben, rival]) {
      await expect(bench.evaluate(who, 'Appointments:read', id)).rejects.toEqual(
        refused('APPOINTMENT_NOT_FOUND'),
      );
      await expect(submit(who, 'Appointments:cancel', id, '')).rejects.toEqual(
        refused('APPOINTMENT_NOT_FOUND'),
      );
      expect(await bench.evaluate(who, 'Appointments:ofPatient', ann.address)).toEqual([]);
    }
    await expect(bench.evaluate(rival, 'Appointments:ofDay', 'cardio-b', '2026-03-03')).rejects.toEqual(
      refused('SCHEDULE_NOT_FOUND'),
    );
    expect(await bench.evaluate(clinic, 'Appointments:ofDay', 'cardio-b', '2026-03-03')).toHaveLength(1);
    await expect(bench.submit(rival, 'Schedules:close', 'cardio-b')).rejects.toEqual(
      refused('SCHEDULE_NOT_FOUND'),
    );
    await expect(bench.submit(rival, 'Schedules:open', { ...terms, id: 'stolen' })).rejects.toEqual(
      refused('INSTITUTION_FOREIGN'),
    );
  });

  test('a blocked slot and a closed schedule cannot be booked', async () => {
    await bench.submit(clinic, 'Schedules:block', slotAt(0), true);
    await expect(book(ann)).rejects.toEqual(refused('SLOT_TAKEN'));
    await bench.submit(clinic, 'Schedules:block', slotAt(0), false);
    await book(ann);
    await expect(bench.submit(clinic, 'Schedules:block', slotAt(0), true)).rejects.toEqual(
      refused('SLOT_TAKEN'),
    );
    await bench.submit(clinic, 'Schedules:close', 'cardio-b');
    await expect(book(ben, 1)).rejects.toEqual(refused('SLOT_TAKEN'));
  });

  test.each([
    ['2026-03-03T09:00:00+01:00', '2026-03-03T11:00:00Z', 'TIME_INVALID'],
    ['2026-03-03T09:00:00Z', '2026-03-03T09:10:00Z', 'PERIOD_INVALID'],
    ['2026-03-03T09:00:00Z', '2027-03-03T09:00:00Z', 'PERIOD_INVALID'],
    ['2026-02-03T09:00:00Z', '2026-02-03T11:00:00Z', 'PERIOD_INVALID'],
  ])('slots from %s until %s are refused', async (from, until, code) => {
    await expect(bench.submit(clinic, 'Schedules:offer', 'cardio-b', from, until)).rejects.toEqual(
      refused(code),
    );
  });
});
