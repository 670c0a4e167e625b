/** A visit from the offer to the payment, on a network: an institution, two patients, and the graph between them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DAppNetwork, type Participant, type Patient } from '@medigraph/dapp/integration';

const network = DAppNetwork.connect();
let clinic: Participant;
let ann: Patient, ben: Patient;
let slots: string[];

before(async () => {
  clinic = await network.as('hospital-a');
  ann = await network.patient();
  ben = await network.patient();
  await network.practitioner('hospital-a', 'dr-b');
  const terms = {
    id: 'cardio-b',
    institution: 'hospital-a',
    practitioner: 'dr-b',
    service: 'Cardiology',
    slotMinutes: 30,
    fee: { amount: '25.00', currency: 'EUR', refundableUntilHours: 24 },
  };
  await clinic.request(
    'mutation($terms: Appointments_ScheduleTermsInput!) { appointments_openSchedule(terms: $terms) { result { id } } }',
    { terms },
  );
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const offered = await clinic.request<{ appointments_offerSlots: { result: { id: string }[] } }>(
    'mutation($from: DateTime!, $until: DateTime!) { appointments_offerSlots(schedule: "cardio-b", from: $from, until: $until) { result { id } } }',
    { from: `${day}T09:00:00.000Z`, until: `${day}T11:00:00.000Z` },
  );
  slots = offered.appointments_offerSlots.result.map(({ id }) => id);
});
after(() => network.close());

const book = async (who: Participant, slot: string | undefined): Promise<string> => {
  const { appointments_book } = await who.request<{ appointments_book: { result: { id: string } } }>(
    'mutation($slot: String!) { appointments_book(slot: $slot) { result { id } } }',
    { slot },
  );
  return appointments_book.result.id;
};

test('of two who want a slot at once one gets it', async () => {
  const outcomes = await Promise.allSettled([ann, ben].map((who) => book(who, slots[0])));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const [refused] = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal((refused?.reason as { dappCode?: string }).dappCode, 'SLOT_TAKEN');
});

test('a visit leads to its slot, its schedule, who is seen there and by whom', async () => {
  const id = await book(ann, slots[1]);
  const { appointments_appointment } = await ann.request<{ appointments_appointment: object }>(
    `query($id: String!) { appointments_appointment(id: $id) {
       status slot { status schedule { id } }
       schedule { service institution { name } practitioner { name } }
       patient { id active } } }`,
    { id },
  );
  assert.deepEqual(appointments_appointment, {
    status: 'booked',
    slot: { status: 'busy', schedule: { id: 'cardio-b' } },
    schedule: {
      service: 'Cardiology',
      institution: { name: 'Hospital hospital-a' },
      practitioner: { name: 'dr-b' },
    },
    patient: { id: ann.address, active: true },
  });
  const foreign = ben.request('query($id: String!) { appointments_appointment(id: $id) { id } }', { id });
  await assert.rejects(foreign, { dappCode: 'APPOINTMENT_NOT_FOUND' });
});

test('what becomes of a visit is told: paid, settled, cancelled, paid back', async () => {
  const id = await book(ben, slots[2]);
  const changes = clinic.events<{ appointments_appointmentChanged: { item: { status: string } } }>(
    'subscription($after: String, $id: String) { appointments_appointmentChanged(after: $after, id: $id) { item { status } } }',
    { id },
  );
  const pay = { id, reference: 'bank-1' };
  const payment = 'result { status payment { status } }';
  const does = (who: Participant, field: string) =>
    who.request<Record<string, { result: { status: string; payment: { status: string } } }>>(
      `mutation($id: String!, $reference: String!) { done: appointments_${field}(appointment: $id, reference: $reference) { ${payment} } }`,
      pay,
    );
  assert.equal((await does(ben, 'pay'))['done']?.result.payment.status, 'announced');
  assert.equal((await does(clinic, 'settle'))['done']?.result.payment.status, 'paid');
  const { done } = await ben.request<Record<string, { result: object }>>(
    `mutation($id: String!) { done: appointments_cancel(appointment: $id, reason: "") { ${payment} } }`,
    { id },
  );
  assert.deepEqual(done?.result, { status: 'cancelled', payment: { status: 'refund-due' } });
  const told: string[] = [];
  for await (const { appointments_appointmentChanged: change } of changes) {
    told.push(change.item.status);
    if (told.length === 4) break;
  }
  assert.deepEqual(told, ['booked', 'booked', 'booked', 'cancelled']);
  await book(ann, slots[2]);
});
