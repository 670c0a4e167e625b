/** From the manufacturer to the patient and back, on a network: four organisations, a patient, and the graph between them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DAppNetwork, type Participant, type Patient } from '@medigraph/dapp/integration';
import { sgtinUri } from './gs1.js';
import { hospitalisation } from './testing/reports.js';

const gtin = '09506000134352';
const lot = 'L1';
const pack = (serial: number): string => sgtinUri(gtin, `S${serial}`);

const network = DAppNetwork.connect();
let maker: Participant, wholesaler: Participant, pharmacy: Participant, regulator: Participant;
let patient: Patient;

before(async () => {
  [maker, wholesaler, pharmacy, regulator] = await Promise.all([
    network.as('insurer-a'),
    network.as('hospital-a'),
    network.as('hospital-b'),
    network.as('regulator'),
  ]);
  patient = await network.patient();
  await maker.request(
    'mutation($product: PharmaTrace_ProductTermsInput!) { pharmaTrace_registerProduct(product: $product) { result { gtin } } }',
    { product: { gtin, name: 'Examplin 5 mg', institution: 'insurer-a' } },
  );
});
after(() => network.close());

const capture = (who: Participant, event: object) =>
  who.request(
    'mutation($event: PharmaTrace_EpcisEventInput!) { pharmaTrace_capture(event: $event) { result { id } } }',
    {
      event: {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        eventTime: new Date(Date.now() - 60_000).toISOString(),
        eventTimeZoneOffset: '+00:00',
        ...event,
      },
    },
  );
const send = async (from: Participant, to: Participant, destination: string, epc: string): Promise<void> => {
  await capture(from, { bizStep: 'shipping', epcList: [epc], destination });
  await capture(to, { bizStep: 'receiving', epcList: [epc] });
};
const verify = async (epc: string): Promise<object> => {
  const { pharmaTrace_verify } = await patient.request<{ pharmaTrace_verify: object }>(
    'query($epc: String!) { pharmaTrace_verify(epc: $epc) { usable reasons lot product { name } } }',
    { epc },
  );
  return pharmaTrace_verify;
};

test('packs go from the manufacturer to a pharmacy, and a patient can tell what they hold', async () => {
  await capture(maker, {
    action: 'ADD',
    bizStep: 'commissioning',
    epcList: [pack(1), pack(2)],
    ilmd: { lotNumber: lot, itemExpirationDate: '2099-01-31' },
  });
  for (const epc of [pack(1), pack(2)]) {
    await send(maker, wholesaler, 'HospitalAMSP', epc);
    await send(wholesaler, pharmacy, 'HospitalBMSP', epc);
  }
  await capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] });
  const product = { name: 'Examplin 5 mg' };
  assert.deepEqual(await verify(pack(1)), { usable: false, reasons: ['DISPENSED'], lot, product });
  assert.deepEqual(await verify(pack(2)), { usable: true, reasons: [], lot, product });
  assert.deepEqual(await verify(pack(3)), { usable: false, reasons: ['UNKNOWN'], lot: null, product: null });
  await assert.rejects(capture(wholesaler, { bizStep: 'storing', epcList: [pack(1)] }), {
    code: 'DAPP_REFUSED',
    dappCode: 'ITEM_NOT_HELD',
  });
});

test('an adverse event leads back to the batch', async () => {
  const reported = await patient.request<{
    pharmaTrace_reportAdverseEvent: { result: { id: string; serious: boolean; lot: string } };
  }>(
    `mutation($report: PharmaTrace_AdverseEventReportInput!) {
       pharmaTrace_reportAdverseEvent(report: $report) { result { id serious lot } } }`,
    { report: hospitalisation(pack(1), new Date().toISOString().slice(0, 10)) },
  );
  const { id, serious } = reported.pharmaTrace_reportAdverseEvent.result;
  assert.equal(serious, true);
  const { pharmaTrace_adverseEvent: event } = await regulator.request<{
    pharmaTrace_adverseEvent: { trace: { steps: object[]; holders: string[]; reportsOfBatch: number } };
  }>(
    `query($id: String!) { pharmaTrace_adverseEvent(id: $id) {
       trace { steps { id } holders reportsOfBatch } } }`,
    { id },
  );
  assert.equal(event.trace.steps.length, 6);
  assert.deepEqual(event.trace.holders, ['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP']);
  assert.equal(event.trace.reportsOfBatch, 1);
  const stranger = await network.patient();
  await assert.rejects(
    stranger.request('query($id: String!) { pharmaTrace_adverseEvent(id: $id) { id } }', { id }),
    { dappCode: 'ADVERSE_EVENT_NOT_FOUND' },
  );
});

test('a recall reaches who has packs, and nobody dispenses them any more', async () => {
  const recalls = pharmacy.events<{ pharmaTrace_recallIssued: { item: { id: string; holders: string[] } } }>(
    'subscription($after: String, $gtin: String) { pharmaTrace_recallIssued(after: $after, gtin: $gtin) { item { id holders } } }',
    { gtin },
  );
  const heard = recalls.next();
  const began = performance.now();
  await regulator.request(
    'mutation($recall: PharmaTrace_RecallTermsInput!) { pharmaTrace_issueRecall(recall: $recall) { result { id } } }',
    {
      recall: { id: 'R1', institution: 'regulator', gtin, lots: [lot], severity: 'I', reason: 'Particles.' },
    },
  );
  const { value } = await heard;
  const milliseconds = Math.round(performance.now() - began);
  assert.equal(value?.pharmaTrace_recallIssued.item.id, 'R1');
  assert.ok(value.pharmaTrace_recallIssued.item.holders.includes('HospitalBMSP'));
  assert.ok(milliseconds < 30_000);
  process.stdout.write(`the recall reached the pharmacy ${milliseconds} ms after it was asked for\n`);
  await recalls.return?.();
  await assert.rejects(capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(2)] }), {
    dappCode: 'ITEM_RECALLED',
  });
  const { usable, reasons } = (await verify(pack(2))) as { usable: boolean; reasons: string[] };
  assert.deepEqual([usable, reasons], [false, ['RECALLED']]);
});

test('who has not installed it has nothing of it', async () => {
  const stranger = await network.patient({ installed: false });
  await assert.rejects(stranger.request('{ pharmaTrace_version }'), { code: 'DAPP_NOT_INSTALLED' });
});
