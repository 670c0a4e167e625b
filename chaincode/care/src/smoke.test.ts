import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { contracts } from './index.js';

const jwk = { kty: 'EC', crv: 'P-256', x: 'a'.repeat(43), y: 'b'.repeat(43), kid: 'k' };

test('an institution is registered', async () => {
  const bench = new ContractBench({ contracts });
  const hospital = await bench.enrol('HospitalAMSP', 'registrar');
  const { result, event } = await bench.submit(hospital, 'Registration:RegisterInstitutions', {
    institutions: [{ id: 'h1', kind: 'hospital', name: 'General', encryptionKey: jwk }],
  });
  expect(result).toMatchObject([
    { id: 'h1', mspId: 'HospitalAMSP', registeredAt: '2026-01-01T00:00:00.001Z' },
  ]);
  expect(event).toEqual({ name: 'InstitutionRegistered', payload: result });
});
