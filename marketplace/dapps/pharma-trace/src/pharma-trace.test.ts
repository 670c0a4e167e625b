import { type BenchIdentity, DAppBench } from '@medigraph/dapp/testing';
import { checkDigit, gtin14, readEpc, sgtinUri } from './gs1.js';
import { contracts } from './index.js';
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
    expect(checkDigit('950600013435')).toBe('2');
    expect(gtin14('9506000134352')).toBe(gtin);
    expect(() => gtin14('9506000134353')).toThrow('GTIN_INVALID');
  });

  test.each([
    ['urn:epc:id:sgtin:9506000.013435.S1', pack(1)],
    [pack(1), pack(1)],
    ['urn:epc:id:sscc:0614141.1234567890', unit],
    [unit, unit],
  ])('%s is %s', (text, uri) => {
    expect(readEpc(text).uri).toBe(uri);
  });

  test.each([
    'https://id.gs1.org/01/09506000134353/21/S1',
    'https://evil.example/01/09506000134352/21/S1',
    'urn:epc:id:sgtin:9506000.13435.S1',
    'https://id.gs1.org/01/09506000134352/21/%00',
    'https://id.gs1.org/01/09506000134352/21/%',
    '',
  ])('%j is none', (text) => {
    expect(() => readEpc(text)).toThrow('EPC_INVALID');
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

  const refused = (code: string) => expect.objectContaining({ code }) as Error;
  const capture = (who: BenchIdentity, event: object) =>
    bench.submit(who, 'Trace:capture', {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      eventTime: '2026-03-01T07:00:00.000Z',
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
    expect(await verify('urn:epc:id:sgtin:9506000.013435.S1')).toMatchObject({ usable: true, lot: 'L1' });
    await capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] });
    expect(await verify(pack(1))).toMatchObject({ usable: false, reasons: ['DISPENSED'] });
    const steps = (await bench.evaluate(maker, 'Trace:history', pack(1))) as { event: { bizStep: string } }[];
    expect(steps.map(({ event }) => event.bizStep)).toEqual([
      'commissioning',
      'shipping',
      'receiving',
      'shipping',
      'receiving',
      'dispensing',
    ]);
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
    await expect(
      capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: 'HospitalAMSP' }),
    ).rejects.toEqual(refused('ITEM_PACKED'));
    await send(maker, wholesaler, unit);
    expect(await item(pack(2))).toMatchObject({ holder: 'HospitalAMSP', parent: unit });
    await capture(wholesaler, {
      type: 'AggregationEvent',
      action: 'DELETE',
      bizStep: 'unpacking',
      parentID: unit,
    });
    expect((await item(pack(2))).parent).toBeUndefined();
    await send(wholesaler, pharmacy, pack(2));
    expect([(await item(pack(1))).holder, (await item(pack(2))).holder]).toEqual([
      'HospitalAMSP',
      'HospitalBMSP',
    ]);
  });

  test('nobody reports on what is not with them', async () => {
    await commission([pack(1)]);
    await expect(capture(pharmacy, { bizStep: 'storing', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_NOT_HELD'),
    );
    await capture(maker, { bizStep: 'shipping', epcList: [pack(1)], destination: 'HospitalAMSP' });
    await expect(capture(pharmacy, { bizStep: 'receiving', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_NOT_FOR_YOU'),
    );
    await expect(capture(maker, { bizStep: 'storing', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_NOT_HELD'),
    );
    await expect(
      capture(wholesaler, { action: 'ADD', bizStep: 'commissioning', epcList: [pack(2)], ilmd }),
    ).rejects.toEqual(refused('PRODUCT_FOREIGN'));
    await expect(commission([pack(1)])).rejects.toEqual(refused('ITEM_EXISTS'));
    await expect(capture(ann, { bizStep: 'storing', epcList: [pack(1)] })).rejects.toEqual(
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
      bizStep: 'receiving',
      epcList: [pack(1)],
    };
    const both = await Promise.all([1, 2].map(() => bench.endorse(wholesaler, 'Trace:capture', event)));
    expect(bench.commit(...both)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });

  test('a recall names everybody who has packs, and stops their dispensing', async () => {
    await commission([pack(1), pack(2), pack(3)]);
    await send(maker, wholesaler, pack(1));
    await send(wholesaler, pharmacy, pack(1));
    const { result, event } = await bench.submit(maker, 'Recalls:issue', recall);
    expect((result as Recall).holders).toEqual(['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP']);
    expect(event).toMatchObject({ name: 'RecallIssued', payload: [{ id: 'R1' }] });
    await expect(capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_RECALLED'),
    );
    expect((await verify(pack(1))).reasons).toEqual(['RECALLED']);
    expect(await bench.evaluate(pharmacy, 'Trace:held', gtin, 'L1', 10, '')).toMatchObject({
      items: [{ epc: pack(1) }],
    });
    await bench.submit(pharmacy, 'Recalls:answer', 'R1', 1);
    await bench.submit(pharmacy, 'Recalls:answer', 'R1', 2);
    expect((await bench.evaluate(regulator, 'Recalls:read', 'R1')) as Recall).toMatchObject({
      answers: [{ organization: 'HospitalBMSP', found: 2 }],
    });
    await expect(bench.submit(regulator, 'Recalls:answer', 'R1', 1)).rejects.toEqual(
      refused('CALLER_FORBIDDEN'),
    );
  });

  test('only manufacturer and regulator call back', async () => {
    await expect(
      bench.submit(pharmacy, 'Recalls:issue', { ...recall, institution: 'pharmacy' }),
    ).rejects.toEqual(refused('CALLER_FORBIDDEN'));
    await expect(bench.submit(pharmacy, 'Recalls:issue', recall)).rejects.toEqual(
      refused('INSTITUTION_FOREIGN'),
    );
    await bench.submit(regulator, 'Recalls:issue', { ...recall, institution: 'authority' });
    await expect(bench.submit(maker, 'Recalls:issue', recall)).rejects.toEqual(refused('RECALL_EXISTS'));
  });

  test('from an adverse event one goes back to the batch', async () => {
    await commission([pack(1)]);
    await send(maker, pharmacy, pack(1));
    await capture(pharmacy, { bizStep: 'dispensing', epcList: [pack(1)] });
    const report = {
      suspectEntity: pack(1),
      actuality: 'actual',
      event: '10019211',
      date: '2026-03-01',
      severity: 'severe',
      seriousness: {
        resultsInDeath: false,
        isLifeThreatening: false,
        requiresInpatientHospitalization: true,
        resultsInPersistentOrSignificantDisability: false,
        congenitalAnomalyBirthDefect: false,
        otherMedicallyImportantCondition: false,
      },
      outcome: 'recovering',
    };
    const { result } = await bench.submit(ann, 'AdverseEvents:report', report);
    const reported = result as AdverseEvent;
    expect(reported).toMatchObject({ gtin, lot: 'L1', serious: true, reporter: ann.address });
    expect(Date.parse(reported.dueAt) - Date.parse(reported.recordedAt)).toBe(15 * 86_400_000);
    const trace = (await bench.evaluate(regulator, 'AdverseEvents:trace', reported.id)) as AdverseEventTrace;
    expect([trace.steps.length, trace.holders, trace.reportsOfBatch]).toEqual([
      4,
      ['HospitalBMSP', 'InsurerAMSP'],
      1,
    ]);
    await bench.submit(maker, 'AdverseEvents:assess', reported.id, 'probable');
    await expect(bench.submit(pharmacy, 'AdverseEvents:assess', reported.id, 'unlikely')).rejects.toEqual(
      refused('CALLER_FORBIDDEN'),
    );
    const stranger = await bench.person();
    await expect(bench.evaluate(stranger, 'AdverseEvents:read', reported.id)).rejects.toEqual(
      refused('ADVERSE_EVENT_NOT_FOUND'),
    );
    expect(await bench.evaluate(stranger, 'AdverseEvents:ofLot', gtin, 'L1')).toEqual([]);
  });

  test('what has expired is told and not dispensed', async () => {
    await commission([pack(1)]);
    bench.advance(year);
    expect((await verify(pack(1))).reasons).toEqual(['EXPIRED']);
    await expect(capture(maker, { bizStep: 'dispensing', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_EXPIRED'),
    );
    expect((await verify(pack(9))).reasons).toEqual(['UNKNOWN']);
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
    expect([(await item(pack(1))).disposition, (await item(pack(3))).disposition]).toEqual([
      'inactive',
      'active',
    ]);
    await expect(capture(maker, { bizStep: 'storing', epcList: [pack(1)] })).rejects.toEqual(
      refused('ITEM_ENDED'),
    );
  });

  test.each([
    ['of the future', { bizStep: 'storing', epcList: [pack(1)], eventTime: '2026-04-01T00:00:00.000Z' }],
    ['without what it is about', { bizStep: 'storing' }],
    [
      'that names something twice',
      { bizStep: 'storing', epcList: [pack(1), 'urn:epc:id:sgtin:9506000.013435.S1'] },
    ],
    ['of shipping to nowhere', { bizStep: 'shipping', epcList: [pack(1)] }],
    ['of shipping to oneself', { bizStep: 'shipping', epcList: [pack(1)], destination: 'InsurerAMSP' }],
    ['without action', { action: undefined, bizStep: 'storing', epcList: [pack(1)] }],
  ])('an event %s is refused', async (_, event) => {
    await commission([pack(1)]);
    await expect(capture(maker, event)).rejects.toEqual(refused('EVENT_INVALID'));
  });
});
