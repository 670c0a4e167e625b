import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { assertHas, type BenchIdentity, DAppBench } from '@medigraph/dapp/testing';
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
  const refused = (code: string): { code: string } => ({ code });

  test('slots follow each other and are offered once', async () => {
    assert.deepEqual(
      slots.map(({ start }) => start.slice(11, 16)),
      ['09:00', '09:30', '10:00', '10:30'],
    );
    const again = await bench.submit(
      clinic,
      'Schedules:offer',
      'cardio-b',
      '2026-03-03T10:30:00Z',
      '2026-03-03T11:30:00Z',
    );
    assert.deepEqual(
      (again.result as Slot[]).map(({ start }) => start.slice(11, 16)),
      ['11:00'],
    );
    const first = (await bench.evaluate(ann, 'Schedules:slots', 'cardio-b', 3, '')) as {
      slots: Slot[];
      bookmark: string;
    };
    const [, second] = first.slots;
    assert.deepEqual(
      await bench.evaluate(ann, 'Schedules:eachSlot', ['no slot', second?.id, 'cardio-b@2001-01-01']),
      [null, second, null],
    );
    const schedules = (await bench.evaluate(ann, 'Schedules:each', ['cardio-b', 'other'])) as unknown[];
    assertHas(schedules[0], { id: 'cardio-b' });
    assert.equal(schedules[1], null);
    const rest = (await bench.evaluate(
      ann,
      'Schedules:slots',
      'cardio-b',
      3,
      first.bookmark,
    )) as typeof first;
    assert.deepEqual([first.slots.length, rest.slots.length, rest.bookmark], [3, 2, undefined]);
  });

  test('a slot is booked once, however many book it at a time', async () => {
    const both = await Promise.all(
      [ann, ben].map((who) => bench.endorse(who, 'Appointments:book', slotAt(0))),
    );
    assert.deepEqual(bench.commit(...both), ['VALID', 'MVCC_READ_CONFLICT']);
    await assert.rejects(book(ben), refused('SLOT_TAKEN'));
    assert.equal(((await bench.evaluate(ann, 'Appointments:mine')) as unknown[]).length, 1);
    assert.deepEqual(await bench.evaluate(ben, 'Appointments:mine'), []);
  });

  test('no slot is offered across another', async () => {
    const offer = (from: string, until: string) =>
      bench.submit(clinic, 'Schedules:offer', 'cardio-b', from, until);
    const { result } = await offer('2026-03-03T08:15:00Z', '2026-03-03T12:15:00Z');
    assert.deepEqual(
      (result as Slot[]).map(({ start }) => start.slice(11, 16)),
      ['08:15', '11:15', '11:45'],
    );
  });

  test('a practitioner is booked once for one moment, over all their schedules', async () => {
    await bench.submit(clinic, 'Schedules:open', { ...terms, id: 'ward-b', slotMinutes: 90 });
    const offered = await bench.submit(
      clinic,
      'Schedules:offer',
      'ward-b',
      '2026-03-03T09:15:00Z',
      '2026-03-03T10:45:00Z',
    );
    const [long] = offered.result as Slot[];
    const both = await Promise.all([
      bench.endorse(ann, 'Appointments:book', slotAt(2)),
      bench.endorse(ben, 'Appointments:book', long?.id),
    ]);
    const [first, second] = bench.commit(...both);
    assert.equal(first, 'VALID');
    assert.match(second ?? '', /_READ_CONFLICT$/);
    await assert.rejects(bench.submit(ben, 'Appointments:book', long?.id), refused('PRACTITIONER_BUSY'));
    const [{ id } = { id: '' }] = (await bench.evaluate(ann, 'Appointments:mine')) as Appointment[];
    await bench.submit(ann, 'Appointments:cancel', id, '');
    await bench.submit(ben, 'Appointments:book', long?.id);
    for (const index of [0, 1, 2, 3]) await assert.rejects(book(ann, index), refused('PRACTITIONER_BUSY'));
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
    await assert.rejects(bench.submit(ann, 'Appointments:book', long?.id), refused('PATIENT_BUSY'));
    const stranger = await bench.person();
    await assert.rejects(book(stranger, 1), refused('INSTALLATION_REQUIRED'));
    await assert.rejects(book(clinic, 1), refused('CALLER_FORBIDDEN'));
    bench.advance(50 * hour);
    await assert.rejects(book(ben, 1), refused('SLOT_PAST'));
  });

  test('a fee is announced, settled, and given back to who cancels in time', async () => {
    const { id, payment } = await book(ann);
    assert.deepEqual(payment, { status: 'due', amount: '25.00', currency: 'EUR' });
    await submit(ann, 'Appointments:pay', id, 'bank-17');
    await assert.rejects(submit(ann, 'Appointments:pay', id, 'bank-18'), refused('PAYMENT_STATE_INVALID'));
    assert.equal((await submit(clinic, 'Appointments:settle', id, 'bank-17')).payment.status, 'paid');
    const cancelled = await submit(ann, 'Appointments:cancel', id, 'travelling');
    assert.deepEqual(
      [cancelled.status, cancelled.cancelledBy, cancelled.payment.status],
      ['cancelled', 'patient', 'refund-due'],
    );
    assert.equal((await submit(clinic, 'Appointments:settle', id, 'back-17')).payment.status, 'refunded');
    assert.equal((await book(ben)).slot, slotAt(0));
  });

  test('who cancels late owes the fee, unless the institution cancels', async () => {
    const late = await book(ann);
    const theirs = await book(ben, 1);
    await submit(clinic, 'Appointments:settle', theirs.id, 'cash');
    bench.advance(30 * hour);
    assert.equal((await submit(ann, 'Appointments:cancel', late.id, '')).payment.status, 'due');
    assert.equal(
      (await submit(clinic, 'Appointments:cancel', theirs.id, 'ill')).payment.status,
      'refund-due',
    );
  });

  test('the desk gives places in the line, and a visit goes from booking to its end', async () => {
    const [first, second] = [await book(ann), await book(ben, 1)];
    assert.equal((await submit(clinic, 'Appointments:checkIn', second.id)).queueNumber, 1);
    assert.equal((await submit(clinic, 'Appointments:checkIn', first.id)).queueNumber, 2);
    assert.equal((await submit(clinic, 'Appointments:complete', first.id)).status, 'fulfilled');
    await assert.rejects(
      submit(ann, 'Appointments:cancel', first.id, ''),
      refused('APPOINTMENT_STATE_INVALID'),
    );
    const third = await book(ben, 2);
    await assert.rejects(
      submit(clinic, 'Appointments:markNoShow', third.id),
      refused('APPOINTMENT_STATE_INVALID'),
    );
    bench.advance(51 * hour);
    assert.equal((await submit(clinic, 'Appointments:markNoShow', third.id)).status, 'noshow');
  });

  test('each patient is reminded once', async () => {
    await book(ann);
    await book(ben, 3);
    const early = await bench.submit(clinic, 'Appointments:remind', 'cardio-b', '2026-03-03T10:00:00Z');
    assertHas(early.event, {
      name: 'AppointmentReminder',
      payload: [{ patient: ann.address, status: 'booked' }],
    });
    const later = await bench.submit(clinic, 'Appointments:remind', 'cardio-b', '2026-03-04T00:00:00Z');
    assertHas(later.event?.payload, [{ patient: ben.address }]);
  });

  test('a patient who signs with another key keeps their appointments; the key of before is nobody’s', async () => {
    const { id } = await book(ann);
    const again = await bench.rotate(ann);
    assertHas(((await bench.evaluate(again, 'Appointments:mine')) as Appointment[])[0], { id });
    assert.deepEqual(await bench.evaluate(ann, 'Appointments:mine'), []);
    await assert.rejects(book(ann, 1), refused('CALLER_FORBIDDEN'));
    assert.equal((await book(again, 1)).patient, ann.address);
    assert.equal(
      (await submit(await bench.rotate(again), 'Appointments:cancel', id, '')).status,
      'cancelled',
    );
  });

  test('what is another’s answers as if it were not there', async () => {
    const { id } = await book(ann);
    for (const who of [ben, rival]) {
      await assert.rejects(bench.evaluate(who, 'Appointments:read', id), refused('APPOINTMENT_NOT_FOUND'));
      await assert.rejects(submit(who, 'Appointments:cancel', id, ''), refused('APPOINTMENT_NOT_FOUND'));
      assert.deepEqual(await bench.evaluate(who, 'Appointments:ofPatient', ann.address), []);
    }
    await assert.rejects(
      bench.evaluate(rival, 'Appointments:ofDay', 'cardio-b', '2026-03-03'),
      refused('SCHEDULE_NOT_FOUND'),
    );
    assert.equal(
      ((await bench.evaluate(clinic, 'Appointments:ofDay', 'cardio-b', '2026-03-03')) as unknown[]).length,
      1,
    );
    await assert.rejects(bench.submit(rival, 'Schedules:close', 'cardio-b'), refused('SCHEDULE_NOT_FOUND'));
    await assert.rejects(
      bench.submit(rival, 'Schedules:open', { ...terms, id: 'stolen' }),
      refused('INSTITUTION_FOREIGN'),
    );
  });

  test('a blocked slot and a closed schedule cannot be booked', async () => {
    await bench.submit(clinic, 'Schedules:block', slotAt(0), true);
    await assert.rejects(book(ann), refused('SLOT_TAKEN'));
    await bench.submit(clinic, 'Schedules:block', slotAt(0), false);
    await book(ann);
    await assert.rejects(bench.submit(clinic, 'Schedules:block', slotAt(0), true), refused('SLOT_TAKEN'));
    await bench.submit(clinic, 'Schedules:close', 'cardio-b');
    await assert.rejects(book(ben, 1), refused('SLOT_TAKEN'));
  });

  for (const [from, until, code] of [
    ['2026-03-03T09:00:00+01:00', '2026-03-03T11:00:00Z', 'TIME_INVALID'],
    ['2026-03-03T09:00:00Z', '2026-03-03T09:10:00Z', 'PERIOD_INVALID'],
    ['2026-03-03T09:00:00Z', '2027-03-03T09:00:00Z', 'PERIOD_INVALID'],
    ['2026-02-03T09:00:00Z', '2026-02-03T11:00:00Z', 'PERIOD_INVALID'],
  ] as const)
    test(`slots from ${from} until ${until} are refused`, async () => {
      await assert.rejects(bench.submit(clinic, 'Schedules:offer', 'cardio-b', from, until), refused(code));
    });
});
