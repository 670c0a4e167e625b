import { contracts } from '@medigraph/chaincode-care';
import { sha256Of } from '@medigraph/chaincode-lib';
import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { care } from '@medigraph/schema';
import { type Bounds, measure, type Measurement } from '../measure.js';

const encryptionKey = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43), kid: 'k' };
const wrapped = 'a.b.c.d.e';
const body = 'e30..aXY.Yg.dGFn';

/**
 * What it takes the contract to check consent and hand out a key, when the reader has so many other grants of the same
 * patient: the contract alone, on a ledger in memory, so that nothing else is measured.
 */
export async function consentCheck(grants: number, bounds: Bounds): Promise<Measurement> {
  const bench = new ContractBench({ contracts, channel: 'care', chaincode: 'care' });
  const [hospital, insurer, patient] = await Promise.all([
    bench.enrol('HospitalAMSP', 'hospital'),
    bench.enrol('InsurerAMSP', 'insurer'),
    bench.enrol('PatientsMSP'),
  ]);
  for (const [who, id, kind] of [
    [hospital, 'hospital-a', 'hospital'],
    [insurer, 'insurer-a', 'insurer'],
  ] as const)
    await bench.submit(who, 'Registration:RegisterInstitutions', {
      institutions: [{ id, kind, name: id, encryptionKey }],
    });
  await bench.submit(patient, 'Registration:RegisterPatient', {
    patientIdHash: 'f'.repeat(64),
    encryptionKey,
  });
  const { address } = patient;
  await bench.submit(patient, 'Records:AddPersonalEntries', {
    entries: [
      {
        id: 'entry',
        resourceType: 'Basic',
        category: 'other',
        date: '2026-03-01',
        size: 1,
        sha256: sha256Of(body),
        body,
        keys: { [address]: wrapped },
      },
    ],
  });
  for (let from = 0; from < grants; from += care.maxBatch) {
    const count = Math.min(care.maxBatch, grants - from);
    await bench.submit(patient, 'Access:Offer', {
      consents: Array.from({ length: count }, (_, index) => ({
        id: `consent-${from + index}`,
        grantee: 'insurer-a',
        period: {},
        provision: { purpose: ['COVAUTH'], data: ['entry'] },
        // One of them opens the entry; among all of them it is to be found.
        keys: from + index === 0 ? [{ entry: 'entry', key: wrapped }] : [],
      })),
    });
  }
  return measure(bounds, 1, () =>
    bench.evaluate(insurer, 'Access:OpenEntries', {
      patient: address,
      institution: 'insurer-a',
      purpose: 'COVAUTH',
      entries: ['entry'],
    }),
  );
}
