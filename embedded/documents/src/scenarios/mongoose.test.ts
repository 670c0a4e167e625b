import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { onEachServer } from '../testing/on-each-server.js';
import { openSession, type Session } from '../testing/targets.js';

const visitSchema = new mongoose.Schema(
  {
    code: String,
    tags: [String],
    patient: { type: mongoose.Schema.Types.ObjectId, ref: 'Patient' },
    readings: [{ kind: String, value: Number }],
    cost: mongoose.Schema.Types.Decimal128,
  },
  { timestamps: true },
);
visitSchema.index({ code: 1 }, { unique: true });
const patientSchema = new mongoose.Schema({ name: String });

onEachServer('mongoose', (target) => {
  let session: Session;
  let connection: mongoose.Connection;

  beforeAll(async () => {
    session = await openSession(target);
    connection = await mongoose
      .createConnection(session.uri, { dbName: session.db.databaseName })
      .asPromise();
    connection.model('Patient', patientSchema);
    await connection.model('Visit', visitSchema).init();
  });
  afterAll(async () => {
    await connection.close();
    await session.close();
  });

  test('models save, populate, validate uniqueness and update', async () => {
    const Patient = connection.model('Patient', patientSchema);
    const Visit = connection.model('Visit', visitSchema);
    const patient = await Patient.create({ name: 'Ada' });
    const visit = await Visit.create({
      code: 'v1',
      tags: ['a'],
      patient: patient._id,
      readings: [{ kind: 'bp', value: 120 }],
    });
    await expect(Visit.create({ code: 'v1' })).rejects.toMatchObject({ code: 11000 });
    visit.tags.push('b');
    visit.readings[0]?.set('value', 125);
    await visit.save();
    const found = await Visit.findOne({ code: 'v1' })
      .populate<{ patient: { name: string } }>('patient')
      .orFail();
    expect(found.patient.name).toBe('Ada');
    expect(found.toObject()).toMatchObject({ tags: ['a', 'b'], readings: [{ kind: 'bp', value: 125 }] });
    const updated = await Visit.findOneAndUpdate(
      { code: 'v1' },
      { $addToSet: { tags: 'c' } },
      { returnDocument: 'after' },
    ).lean();
    expect(updated?.tags).toEqual(['a', 'b', 'c']);
    expect(updated?.updatedAt.getTime()).toBeGreaterThanOrEqual(visit.createdAt.getTime());
    expect(await Visit.aggregate([{ $unwind: '$tags' }, { $group: { _id: null, n: { $sum: 1 } } }])).toEqual([
      { _id: null, n: 3 },
    ]);
    expect(await Visit.bulkWrite([{ deleteOne: { filter: { code: 'v1' } } }])).toMatchObject({
      deletedCount: 1,
    });
    expect(await Visit.estimatedDocumentCount()).toBe(0);
  });
});
