import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { assertHas, type BenchIdentity, DAppBench } from '@medigraph/dapp/testing';
import { checkDigit, gtin14, readEpc, sgtinUri } from './gs1.js';
import { contracts } from './index.js';
import { readScan } from './scan.js';
import { hospitalisation } from './testing/reports.js';
import {
  type AdverseEvent,
  type AdverseEventTrace,
  type Item,
  type Recall,
  type Verification,
} from './types.js';

const gtin = '09506000134352';
const pack = (serial: number): string => sgtinUri(gtin, `S${serial}`);
const unit = 'https://id.gs1.org/00/106141412345678908';
const ilmd = { lotNumber: 'L1', itemExpirationDate: '2027-01-31' };
const year = 31_536_000_000;

describe('names of GS1', () => {
  test('have check digits', () => {
    assert.equal(checkDigit('950600013435'), '2');
    assert.equal(gtin14('9506000134352'), gtin);
    assert.throws(() => gtin14('9506000134353'), /GTIN_INVALID/);
  });

  for (const [text, uri] of [
    ['urn:epc:id:sgtin:9506000.013435.S1', pack(1)],
    [pack(1), pack(1)],
    ['urn:epc:id:sscc:0614141.1234567890', unit],
    ['https://brand.example/medicines/01/09506000134352/10/L1/21/S1?17=270131', pack(1)],
    ['https://id.gs1.org/01/9506000134352/21/S1', pack(1)],
    [unit, unit],
  ] as const)
    test(`${text} is ${uri}`, () => {
      assert.equal(readEpc(text).uri, uri);
    });

  for (const text of [
    'https://id.gs1.org/01/09506000134353/21/S1',
    'https://id.gs1.org/01/09506000134352',
    'ftp://id.gs1.org/01/09506000134352/21/S1',
    'https://id.gs1.org/00/10614141234567890',
    'urn:epc:id:sgtin:9506000.13435.S1',
    'https://id.gs1.org/01/09506000134352/21/%00',
    'https://id.gs1.org/01/09506000134352/21/%',
    '',
  ])
    test(`${JSON.stringify(text)} is none`, () => {
      assert.throws(() => readEpc(text), /EPC_INVALID/);
    });
});

describe('what a scanner reads', () => {
  const printed = { lot: 'L1', expires: '2027-01-31' };
  for (const [text, expected] of [
    ['(01)09506000134352(21)S1(10)L1(17)270131', printed],
    ['01095060001343521727013110L1\u001d21S1', printed],
    [']d2\u001d010950600013435221S1\u001d10L1\u001d17270100', printed],
    ['010950600013435221S1\u001d7101234567\u001d10L1', { lot: 'L1' }],
    ['https://brand.example/01/09506000134352/10/L1/21/S1?17=270131', printed],
    ['010950600013435221S1\u001d17271399', {}],
    [pack(1), {}],
    ['urn:epc:id:sgtin:9506000.013435.S1', {}],
  ] as const)
    test(JSON.stringify(text), () => {
      const { epc, ...rest } = readScan(text);
      assert.deepEqual([epc.uri, rest], [pack(1), expected]);
    });

  for (const text of ['0109506000134353', '(01)09506000134352', '0109506000134353\u001d21S1', '21S1', ''])
    test(`${JSON.stringify(text)} names no pack`, () => {
      assert.throws(() => readScan(text), /EPC_INVALID/);
    });
});

describe('pharma-trace', () => {
  let bench: DAppBench;
  let maker: BenchIdentity, wholesaler: BenchIdentity, pharmacy: BenchIdentity, regulator: BenchIdentity;
  let ann: BenchIdentity;

  beforeEach(async () => {
    bench = new DAppBench({ contracts, dapp: 'pharma-trace', start: '2026-03-01T08:00:00.000Z' });
    bench.institution('maker', 'InsurerAMSP');
    bench.institution('authority', 'RegulatorMSP', 'regulator');
    bench.institution('pharmacy', 'HospitalBMSP');
    bench.install('maker');
    maker = await bench.member('InsurerAMSP');
    wholesaler = await bench.member('HospitalAMSP');
    pharmacy = await bench.member('HospitalBMSP');
    regulator = await bench.member('RegulatorMSP');
    ann = await bench.person();
    bench.install(ann);
    await bench.submit(maker, 'Trace:registerProduct', { gtin, name: 'Examplin 5 mg', institution: 'maker' });
  });

  const refused = (code: string): { code: string } => ({ code });
  const capture = (who: BenchIdentity, event: object) =>
    bench.submit(who, 'Trace:capture', {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      eventTime: '2026-03-01T07:00:00.000Z',
      eventTimeZoneOffset: '+01:00',
      ...event,
    });
  const commission = (epcList: readonly string[]) =>
    capture(maker, { action: 'ADD', bizStep: 'commissioning', epcList, ilmd });
  const send = async (from: BenchIdentity, to: BenchIdentity, epc: string): Promise<void> => {
    await capture(from, { bizStep: 'shipping', epcList: [epc], destination: to.mspId });
    await capture(to, { bizStep: 'receiving', epcList: [epc] });
  };
  const verify = async (epc: string): Promise<Verification> =>
    (await bench.evaluate(ann, 'Trace:verify', epc)) as Verification;
  const item = async (epc: string): Promise<Item> => (await bench.evaluate(maker, 'Trace:item', epc)) as Item;
  const recall = { id: 'R1', institution: 'maker', gtin, lots: ['L1'], severity: 'II', reason: 'Particles.' };

  test('a pack goes from manufacturer to patient, and its way can be told', async () => {
    await commission([pack(1)]);
    await send(maker, wholesaler, pack(1));
    await send(wholesaler, pharmacy, pack(1));
    assertHas(await verify('urn:epc:id:sgtin:9506000.013435.S1'), { usable: true, lot: 'L1' });
    await capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] });
    assertHas(await verify(pack(1)), { usable: false, reasons: ['DISPENSED'] });
    const steps = (await bench.evaluate(maker, 'Trace:history', pack(1))) as { event: { bizStep: string } }[];
    assert.deepEqual(
      steps.map(({ event }) => event.bizStep),
      ['commissioning', 'shipping', 'receiving', 'shipping', 'receiving', 'dispensing'],
    );
  });

  test('what is in a unit moves with it, and not alone', async () => {
    await commission([pack(1), pack(2), unit]);
    await capture(maker, {
      type: 'AggregationEvent',
      action: 'ADD',
      bizStep: 'packing',
      parentID: unit,
      childEPCs: [pack(1), pack(2)],
    });
    await assert.rejects(
      capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: 'HospitalAMSP' }),
      refused('ITEM_PACKED'),
    );
    await send(maker, wholesaler, unit);
    assertHas(await item(pack(2)), { holder: 'HospitalAMSP', parent: unit });
    await capture(wholesaler, {
      type: 'AggregationEvent',
      action: 'DELETE',
      bizStep: 'unpacking',
      parentID: unit,
    });
    assert.equal((await item(pack(2))).parent, undefined);
    await send(wholesaler, pharmacy, pack(2));
    assert.deepEqual(
      [(await item(pack(1))).holder, (await item(pack(2))).holder],
      ['HospitalAMSP', 'HospitalBMSP'],
    );
  });

  test('nobody reports on what is not with them', async () => {
    await commission([pack(1)]);
    await assert.rejects(
      capture(pharmacy, { bizStep: 'storing', epcList: [pack(1)] }),
      refused('ITEM_NOT_HELD'),
    );
    await capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: 'HospitalAMSP' });
    await assert.rejects(
      capture(pharmacy, { bizStep: 'receiving', epcList: [pack(1)] }),
      refused('ITEM_NOT_FOR_YOU'),
    );
    await assert.rejects(
      capture(maker, { bizStep: 'storing', epcList: [pack(1)] }),
      refused('ITEM_NOT_HELD'),
    );
    await assert.rejects(
      capture(wholesaler, { action: 'ADD', bizStep: 'commissioning', epcList: [pack(2)], ilmd }),
      refused('PRODUCT_FOREIGN'),
    );
    await assert.rejects(commission([pack(1)]), refused('ITEM_EXISTS'));
    await assert.rejects(
      capture(ann, { bizStep: 'storing', epcList: [pack(1)] }),
      refused('CALLER_FORBIDDEN'),
    );
  });

  test('a pack is received once, whoever tries at the same time', async () => {
    await commission([pack(1)]);
    await capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: 'HospitalAMSP' });
    const event = {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      eventTime: '2026-03-01T07:00:00.000Z',
      eventTimeZoneOffset: '+01:00',
      bizStep: 'receiving',
      epcList: [pack(1)],
    };
    const both = await Promise.all([1, 2].map(() => bench.endorse(wholesaler, 'Trace:capture', event)));
    assert.deepEqual(bench.commit(...both), ['VALID', 'MVCC_READ_CONFLICT']);
  });

  test('a recall names everybody who has packs, and stops their dispensing', async () => {
    await commission([pack(1), pack(2), pack(3)]);
    await send(maker, wholesaler, pack(1));
    await send(wholesaler, pharmacy, pack(1));
    const { result, event } = await bench.submit(maker, 'Recalls:issue', recall);
    assert.deepEqual((result as Recall).holders, ['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP']);
    assertHas(event, { name: 'RecallIssued', payload: [{ id: 'R1' }] });
    await assert.rejects(
      capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] }),
      refused('ITEM_RECALLED'),
    );
    assert.deepEqual((await verify(pack(1))).reasons, ['RECALLED']);
    assertHas(await bench.evaluate(pharmacy, 'Trace:held', gtin, 'L1', 10, ''), {
      items: [{ epc: pack(1) }],
    });
    await bench.submit(pharmacy, 'Recalls:answer', 'R1', 1);
    await bench.submit(pharmacy, 'Recalls:answer', 'R1', 2);
    assertHas(await bench.evaluate(regulator, 'Recalls:read', 'R1'), {
      answers: [{ organization: 'HospitalBMSP', found: 2 }],
    });
    await assert.rejects(bench.submit(regulator, 'Recalls:answer', 'R1', 1), refused('CALLER_FORBIDDEN'));
  });

  test('only manufacturer and regulator call back', async () => {
    await assert.rejects(
      bench.submit(pharmacy, 'Recalls:issue', { ...recall, institution: 'pharmacy' }),
      refused('CALLER_FORBIDDEN'),
    );
    await assert.rejects(bench.submit(pharmacy, 'Recalls:issue', recall), refused('INSTITUTION_FOREIGN'));
    await bench.submit(regulator, 'Recalls:issue', { ...recall, institution: 'authority' });
    await assert.rejects(bench.submit(maker, 'Recalls:issue', recall), refused('RECALL_EXISTS'));
  });

  test('from an adverse event one goes back to the batch', async () => {
    await commission([pack(1)]);
    await send(maker, pharmacy, pack(1));
    await capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] });
    const report = hospitalisation(pack(1), '2026-03-01');
    const { result } = await bench.submit(ann, 'AdverseEvents:report', report);
    const reported = result as AdverseEvent;
    assertHas(reported, { gtin, lot: 'L1', serious: true, reporter: ann.address });
    assert.equal(Date.parse(reported.dueAt) - Date.parse(reported.recordedAt), 15 * 86_400_000);
    const trace = (await bench.evaluate(regulator, 'AdverseEvents:trace', reported.id)) as AdverseEventTrace;
    assert.deepEqual(
      [trace.steps.length, trace.holders, trace.reportsOfBatch],
      [4, ['HospitalBMSP', 'InsurerAMSP'], 1],
    );
    await bench.submit(maker, 'AdverseEvents:assess', reported.id, 'probable');
    await assert.rejects(
      bench.submit(pharmacy, 'AdverseEvents:assess', reported.id, 'unlikely'),
      refused('CALLER_FORBIDDEN'),
    );
    const stranger = await bench.person();
    await assert.rejects(
      bench.evaluate(stranger, 'AdverseEvents:read', reported.id),
      refused('ADVERSE_EVENT_NOT_FOUND'),
    );
    assert.deepEqual(await bench.evaluate(stranger, 'AdverseEvents:ofLot', gtin, 'L1'), []);
  });

  test('what has expired is told and not dispensed', async () => {
    await commission([pack(1)]);
    bench.advance(year);
    assert.deepEqual((await verify(pack(1))).reasons, ['EXPIRED']);
    await assert.rejects(
      capture(maker, { bizStep: 'dispensing', epcList: [pack(1)] }),
      refused('ITEM_EXPIRED'),
    );
    assert.deepEqual((await verify(pack(9))).reasons, ['UNKNOWN']);
  });

  test('a pack that says another batch or date than its manufacturer is told', async () => {
    await commission([pack(1)]);
    assertHas(await verify('(01)09506000134352(21)S1(10)L1(17)270131'), { usable: true, reasons: [] });
    assertHas(await verify('(01)09506000134352(21)S1(10)L2(17)280131'), {
      usable: false,
      reasons: ['LOT_DIFFERS', 'EXPIRY_DIFFERS'],
    });
  });

  test('a shipment that is called off is where it was', async () => {
    await commission([pack(1)]);
    await capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: wholesaler.mspId });
    const voided = { bizStep: 'void_shipping', epcList: [pack(1)] };
    await assert.rejects(capture(wholesaler, voided), refused('ITEM_NOT_HELD'));
    await capture(maker, voided);
    await assert.rejects(capture(maker, voided), refused('ITEM_NOT_HELD'));
    await assert.rejects(
      capture(wholesaler, { bizStep: 'receiving', epcList: [pack(1)] }),
      refused('ITEM_NOT_FOR_YOU'),
    );
    await send(maker, wholesaler, pack(1));
    assertHas(await item(pack(1)), { holder: wholesaler.mspId });
  });

  test('units are in each other, and never round and round', async () => {
    const units = ['106141412345678908', '106141412345678915', '106141412345678922'].map(
      (sscc) => `https://id.gs1.org/00/${sscc}`,
    );
    const [outer = '', middle = '', inner = ''] = units;
    await commission(units);
    const into = (parentID: string, child: string) =>
      capture(maker, {
        type: 'AggregationEvent',
        action: 'ADD',
        bizStep: 'packing',
        parentID,
        childEPCs: [child],
      });
    await into(outer, middle);
    await into(middle, inner);
    await assert.rejects(into(inner, outer), refused('EVENT_INVALID'));
    await capture(maker, { bizStep: 'shipping', epcList: [outer], destination: wholesaler.mspId });
    assertHas(await item(inner), { destination: wholesaler.mspId, parent: middle });
  });

  test('an event is reported once, and one that deletes leaves nothing to go on with', async () => {
    await commission([pack(1)]);
    const event = {
      eventID: 'ni:///sha-256;e15d35ebb5f7ab33cf1ebac6e9ce5a6e1f4dff5e11d0f2d4d1e5ee1f3c4dd8f0?ver=CBV2.0',
      action: 'DELETE',
      bizStep: 'sampling',
      eventTime: '2026-03-01T09:30:00.000+02:00',
      eventTimeZoneOffset: '+02:00',
      epcList: [pack(1)],
      readPoint: { id: 'urn:epc:id:sgln:9506000.00001.0' },
      bizTransactionList: [{ type: 'testprd', bizTransaction: 'urn:epcglobal:cbv:bt:9506000000015:T1' }],
      sensorElementList: [
        {
          sensorMetadata: { deviceID: 'urn:epc:id:giai:9506000.logger1', time: '2026-03-01T07:20:00.000Z' },
          sensorReport: [
            { type: 'Temperature', minValue: 2.1, maxValue: 9.4, uom: 'CEL', exception: 'ALARM_CONDITION' },
          ],
        },
      ],
      sourceList: [{ type: 'possessing_party', source: 'urn:epc:id:pgln:9506000.00000' }],
    };
    await capture(maker, event);
    await assert.rejects(capture(maker, event), refused('EVENT_EXISTS'));
    assertHas(await item(pack(1)), { disposition: 'inactive' });
    const steps = (await bench.evaluate(maker, 'Trace:history', pack(1))) as { event: object }[];
    assert.deepEqual(steps.at(-1)?.event, { type: 'ObjectEvent', ...event });
    assert.deepEqual((await verify(pack(1))).reasons, ['INACTIVE']);
  });

  test('what is transformed is used up', async () => {
    await commission([pack(1), pack(2)]);
    await capture(maker, {
      type: 'TransformationEvent',
      action: undefined,
      bizStep: 'commissioning',
      inputEPCList: [pack(1), pack(2)],
      outputEPCList: [pack(3)],
      ilmd,
    });
    assert.deepEqual(
      [(await item(pack(1))).disposition, (await item(pack(3))).disposition],
      ['inactive', 'active'],
    );
    await assert.rejects(capture(maker, { bizStep: 'storing', epcList: [pack(1)] }), refused('ITEM_ENDED'));
  });

  for (const [what, event] of [
    ['of the future', { bizStep: 'storing', epcList: [pack(1)], eventTime: '2026-04-01T00:00:00.000Z' }],
    [
      'of the future, in another time zone',
      { bizStep: 'storing', epcList: [pack(1)], eventTime: '2026-03-01T08:00:00.000-02:00' },
    ],
    ['without what it is about', { bizStep: 'storing' }],
    [
      'that names something twice',
      { bizStep: 'storing', epcList: [pack(1), 'urn:epc:id:sgtin:9506000.013435.S1'] },
    ],
    ['of shipping to nowhere', { bizStep: 'shipping', epcList: [pack(1)] }],
    ['of shipping to oneself', { bizStep: 'shipping', epcList: [pack(1)], destination: 'InsurerAMSP' }],
    ['without action', { action: undefined, bizStep: 'storing', epcList: [pack(1)] }],
  ] as const)
    test(`an event ${what} is refused`, async () => {
      await commission([pack(1)]);
      await assert.rejects(capture(maker, event), refused('EVENT_INVALID'));
    });
});
