import { randomUUID } from 'node:crypto';
import { createMetrics } from '../telemetry/index.js';
import { commit, expectedValues, ProjectorBed, take, valuesOf } from '../testing/projector-bed.js';
import { type Projection } from './index.js';

const bed = new ProjectorBed();
const { signal } = new AbortController();

describe('a projector', () => {
  test('keeps the read model and says how far it has come', async () => {
    const projector = await bed.started();
    const block = commit(bed.care, 2);
    expect(await projector.reached('care', block)).toBe(true);
    expect(await bed.rows.findOne({ _id: 'care/k2' })).toEqual({
      _id: 'care/k2',
      value: 1011,
      seen: '1/1/1',
    });
    expect(await projector.checkpoints()).toEqual({ care: 1 });
  });

  test('says that a block has not been reached in time', async () => {
    const projector = await bed.started();
    expect(await projector.reached('care', 5, 20)).toBe(false);
    await expect(async () => projector.reached('nowhere', 1)).rejects.toMatchObject({
      code: 'CHANNEL_UNKNOWN',
    });
  });

  test('leaves out other chaincodes and payloads that are no array', async () => {
    const metrics = createMetrics();
    const projector = await bed.started([bed.lastValues()], { metrics });
    bed.care.commitEvents('other', 'Changed', [[{ key: 'k0', value: 1 }]]);
    bed.care.event = { name: 'Changed', payload: { key: 'k0', value: 2 } };
    bed.care.commitEvents('suite', 'Changed', [{ length: 0 } as unknown as []]);
    expect(await projector.reached('care', commit(bed.care))).toBe(true);
    expect((await bed.rows.findOne({ _id: 'care/k0' }))?.value).toBe(3000);
    expect(
      await metrics.registry.getSingleMetricAsString('medigraph_projection_undecodable_events_total'),
    ).toContain('{projection="test",channel="care"} 1');
  });

  test('takes many blocks at a time while it catches up', async () => {
    for (let count = 0; count < 300; count += 1) commit(bed.care);
    const projection = bed.lastValues();
    const projector = await bed.started([projection]);
    expect(await projector.reached('care', 300, 60_000)).toBe(true);
    expect(projection.batches.reduce((sum, size) => sum + size, 0)).toBe(600);
    expect(projection.batches.length).toBeLessThan(150);
  });

  test('follows each channel at its own pace', async () => {
    const projection = bed.lastValues(['care', 'claims']);
    projection.beforeWrite = ({ position }) => {
      if (position.channel === 'claims') throw new Error('claims cannot be written');
    };
    const projector = await bed.started([projection]);
    commit(bed.claims);
    expect(await projector.reached('care', commit(bed.care))).toBe(true);
    expect(await projector.reached('claims', 1, 50)).toBe(false);
    projection.beforeWrite = () => undefined;
    expect(await projector.reached('claims', 1)).toBe(true);
    expect(await projector.checkpoints()).toEqual({ care: 1, claims: 1 });
  });

  test('never skips a block that cannot be written', async () => {
    const projection = bed.lastValues();
    let refusals = 3;
    projection.beforeWrite = () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('not now');
    };
    const metrics = createMetrics();
    const projector = await bed.started([projection], { metrics });
    expect(await projector.reached('care', commit(bed.care))).toBe(true);
    expect(await bed.rows.countDocuments()).toBe(2);
    expect(await metrics.registry.getSingleMetricAsString('medigraph_projection_failures_total')).toContain(
      '} 3',
    );
  });

  test('comes to the same read model wherever it dies', async () => {
    for (let count = 0; count < 4; count += 1) commit(bed.care, 3);
    await (await bed.started()).reached('care', 4);
    const clean = await bed.readModel();
    const writes = 4 * 3 * 2;

    for (let death = 0; death <= writes; death += 3) {
      await bed.documents.connection.dropDatabase();
      const dying = bed.lastValues();
      let written = 0;
      let died: () => void;
      const dead = new Promise<void>((resolve) => (died = resolve));
      dying.beforeWrite = () => {
        if (written === death) {
          died();
          throw new Error('killed');
        }
        written += 1;
      };
      const afterAll: Projection = {
        name: 'late',
        channels: ['care'],
        chaincodes: ['suite'],
        apply: () => {
          // Everything is written but the checkpoint.
          died();
          return Promise.reject(new Error('killed'));
        },
        clear: () => Promise.resolve(),
      };
      const killed = await bed.started([dying, afterAll]);
      await dead;
      await killed.stop();

      const revived = await bed.started();
      expect(await revived.reached('care', 4)).toBe(true);
      expect(await bed.readModel()).toBe(clean);
      await revived.stop();
    }
  });

  test('begins again where it stopped', async () => {
    const first = await bed.started();
    await first.reached('care', commit(bed.care));
    await first.stop();
    commit(bed.care);
    const projection = bed.lastValues();
    const second = await bed.started([projection]);
    expect(await second.reached('care', 2)).toBe(true);
    expect(projection.batches).toEqual([2]);
  });
});

describe('a rebuild', () => {
  test('makes a byte-equal read model, and readers notice nothing', async () => {
    const projector = await bed.started();
    for (let count = 0; count < 20; count += 1) commit(bed.care, 3);
    await projector.reached('care', 20);
    const before = await bed.readModel();
    await bed.rows.insertOne({ _id: 'stray', value: 0, seen: '' });
    const live = take(projector.events({ signal }), 2);
    await projector.rebuild();
    expect(await bed.readModel()).toBe(before);
    expect(await projector.checkpoints()).toEqual({ care: 20 });
    commit(bed.care);
    expect(valuesOf(await live)).toEqual(expectedValues(21, 21));
  });

  test('that was killed half-way is finished at the next start', async () => {
    const projector = await bed.started();
    for (let count = 0; count < 5; count += 1) commit(bed.care);
    await projector.reached('care', 5);
    const before = await bed.readModel();
    await projector.stop();

    const dying = bed.lastValues();
    let died: () => void;
    const dead = new Promise<void>((resolve) => (died = resolve));
    dying.clear = async () => {
      await bed.rows.deleteOne({ _id: 'care/k0' });
      await bed.rows.insertOne({ _id: `stray-${randomUUID()}`, value: 0, seen: '' });
      died();
      throw new Error('killed');
    };
    const killed = await bed.started([dying]);
    void killed.rebuild();
    await dead;
    await killed.stop();

    const revived = await bed.started();
    expect(await revived.reached('care', 5)).toBe(true);
    expect(await bed.readModel()).toBe(before);
  });
});
