import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { httpGraph, Wallet } from '@medigraph/platform/wallet';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };

let graph: LiveGraph;
let patient: Person;

const dataOf = (answer: Answer, field: string): unknown => {
  expect(answer.errors).toBeUndefined();
  return answer.data?.[field];
};
const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;

beforeAll(async () => {
  graph = await LiveGraph.start();
  for (const [{ mspId, institution }, kind] of [
    [hospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
  ] as const) {
    const register = `mutation { registerInstitution(input: { id: "${institution ?? ''}", name: "A", kind: ${kind} }) { institution { id } } }`;
    dataOf(await graph.ask('patients', { role: 'operator', mspId }, register), 'registerInstitution');
  }
  const registered = await graph.ask(
    'patients',
    hospital,
    'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
  );
  const { patient: found } = dataOf(registered, 'registerPatient') as { patient: { id: string } };
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: found.id };
}, 120_000);

afterAll(() => graph.close());

test('a lost key is asked for at a desk, guardians agree, the patient is told and can cancel', async () => {
  const named = await graph.ask(
    'patients',
    patient,
    'mutation { nameGuardians(input: { guardians: ["hospital-a"], threshold: 1, waitingDays: 1 }) { guardians } }',
  );
  expect(dataOf(named, 'nameGuardians')).toEqual({ guardians: ['hospital-a'] });
  const subscriber = await graph.subscriber('patients', patient);
  const events = subscriber.iterate({
    query: 'subscription { recoveryChanged { event recovery { signer status effectiveAt } } }',
  });
  const told = events.next();

  const desk = httpGraph(graph.subgraph('patients').url, await graph.token(hospital));
  const wallet = await Wallet.create();
  const recovery = await wallet.requestRecovery(desk, patient.patient ?? '', 'MRN-1');
  expect(recovery).toMatchObject({ status: 'requested', patient: patient.patient, signer: wallet.signer });
  expect((await told).value).toMatchObject({
    data: { recoveryChanged: { event: 'RecoveryRequested', recovery: { signer: wallet.signer } } },
  });
  await events.return?.();

  const asked = { patient: patient.patient, signer: wallet.signer };
  const approve = (person: Person) =>
    graph.ask(
      'patients',
      person,
      'mutation($input: ApproveRecoveryInput!) { approveRecovery(input: $input) { recovery { status approvedBy } } }',
      { input: asked },
    );
  expect(codeOf(await approve(insurer))).toBe('RECOVERY_NOT_FOUND');
  expect(codeOf(await approve({ role: 'regulator', mspId: 'RegulatorMSP' }))).toBe('FORBIDDEN');
  expect(dataOf(await approve(hospital), 'approveRecovery')).toEqual({
    recovery: { status: 'APPROVED', approvedBy: ['hospital-a'] },
  });
  await expect(wallet.completeRecovery(desk)).rejects.toMatchObject({ code: 'RECOVERY_STATE_INVALID' });

  const read = (person: Person) =>
    graph.ask(
      'patients',
      person,
      'query($patient: ID!, $signer: ID!) { recovery(patient: $patient, signer: $signer) { status } }',
      asked,
    );
  expect((await read(insurer)).data).toEqual({ recovery: null });
  for (const person of [hospital, patient])
    expect((await read(person)).data).toEqual({ recovery: { status: 'APPROVED' } });

  const cancel = (person: Person) =>
    graph.ask(
      'patients',
      person,
      'mutation($input: CancelRecoveryInput!) { cancelRecovery(input: $input) { recovery { status } } }',
      { input: { signer: wallet.signer } },
    );
  expect(codeOf(await cancel(hospital))).toBe('FORBIDDEN');
  expect(dataOf(await cancel(patient), 'cancelRecovery')).toEqual({ recovery: { status: 'CANCELLED' } });
});
