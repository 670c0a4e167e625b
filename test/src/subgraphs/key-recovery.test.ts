import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Wallet, type WalletGraph } from '@medigraph/platform/wallet';
import { eventually } from '../system/eventually.js';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const dayMs = 86_400_000;

let graph: LiveGraph;
let patient: Person;
let address: string;
let guardian: Wallet;
let guardianPerson: Person;

class GraphError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}
const graphOf = (person: Person): WalletGraph => ({
  async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const { data, errors } = await graph.ask('patients', person, query, variables);
    if (errors?.[0]) throw new GraphError(errors[0].extensions.code, errors[0].message);
    return data as Data;
  },
});
const personOf = (id: string): Person => ({ role: 'patient', mspId: 'PatientsMSP', patient: id });
const dataOf = (answer: Answer): Record<string, unknown> => {
  expect(answer.errors).toBeUndefined();
  return answer.data ?? {};
};
const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;
const nameGuardians = (input: object) =>
  graph.ask(
    'patients',
    patient,
    'mutation($input: NameGuardiansInput!) { nameGuardians(input: $input) { guardians } }',
    { input },
  );
const change = (name: 'approveRecovery' | 'handOverShare', person: Person, signer: string) =>
  graph.ask(
    'patients',
    person,
    `mutation($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { recovery { status } } }`,
    { input: { patient: address, signer } },
  );

beforeAll(async () => {
  graph = await LiveGraph.start({ clockJumps: true });
  for (const [{ mspId, institution = '' }, kind] of [
    [hospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
  ] as const)
    dataOf(
      await graph.ask(
        'patients',
        { role: 'operator', mspId },
        `mutation { registerInstitution(input: { id: "${institution}", name: "A", kind: ${kind} }) { institution { id } } }`,
      ),
    );
  const registered = dataOf(
    await graph.ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
    ),
  );
  ({ id: address } = (registered['registerPatient'] as { patient: { id: string } }).patient);
  patient = personOf(address);
  guardian = await Wallet.create();
  await guardian.register(graphOf(hospital), 'MRN-2');
  guardianPerson = personOf(guardian.address);
}, 120_000);

afterAll(() => graph.close());

async function store(): Promise<void> {
  const resource = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'before the key was lost' },
    effectiveDateTime: '2026-01-02',
  };
  dataOf(
    await graph.ask(
      'records',
      patient,
      'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
      { input: { resources: [resource] } },
    ),
  );
}

test('one guardian alone is given no share', async () => {
  const alone = { guardians: ['hospital-a'], threshold: 1, waitingDays: 1, shareKeys: true };
  expect(codeOf(await nameGuardians(alone))).toBe('BAD_USER_INPUT');
});

test('enough guardians bring back what the lost key opened; one of them, or a forged share, brings nothing', async () => {
  await store();
  const guardians = ['hospital-a', 'insurer-a', guardian.address];
  dataOf(await nameGuardians({ guardians, threshold: 2, waitingDays: 1 }));

  const desk = graphOf(hospital);
  const wallet = await Wallet.create();
  await wallet.requestRecovery(desk, address, 'MRN-1');
  const own = graphOf(patient);
  const theirs = graphOf(guardianPerson);

  // A guardian who keeps their key sees what they may agree to, and nobody else does.
  const open = '{ recoveries(status: REQUESTED) { nodes { patient signer } } }';
  const seen = { recoveries: { nodes: [{ patient: address, signer: wallet.signer }] } };
  expect(dataOf(await graph.ask('patients', guardianPerson, open))).toEqual(seen);
  const other: Person = { role: 'hospital', mspId: 'HospitalBMSP', institution: 'hospital-b' };
  expect(dataOf(await graph.ask('patients', other, open))).toEqual({ recoveries: { nodes: [] } });

  await guardian.approveRecovery(theirs, address, wallet.signer);
  dataOf(await change('approveRecovery', hospital, wallet.signer));
  expect(codeOf(await change('handOverShare', hospital, wallet.signer))).toBe('RECOVERY_STATE_INVALID');
  await graph.jump(dayMs + 60_000);
  await eventually(
    'the recovery is completed',
    () =>
      wallet.completeRecovery(desk).then(
        () => 'completed',
        (error: unknown) => String(error),
      ),
    (answer) => answer === 'completed',
  );

  const entries = await wallet.evaluate(own, 'Records:EntriesOf', { patient: address, pageSize: 10 });
  const [entry] = entries.items;
  if (!entry) throw new Error('There is no entry.');
  await expect(wallet.openEntries(own, [entry.id])).rejects.toMatchObject({ code: 'KEY_UNWRAP_FAILED' });
  await expect(wallet.restoreKeys(own)).rejects.toMatchObject({ code: 'SHARES_INSUFFICIENT' });
  dataOf(await change('handOverShare', hospital, wallet.signer));
  await expect(wallet.restoreKeys(own)).rejects.toMatchObject({ code: 'SHARES_INSUFFICIENT' });

  const { share } = await guardian.evaluate(theirs, 'Recovery:ReadShare', { patient: address });
  await guardian.submit(theirs, 'Recovery:HandOverShare', { patient: address, signer: wallet.signer, share });
  await expect(wallet.restoreKeys(own)).rejects.toMatchObject({
    code: 'SHARE_FORGED',
    guardians: [guardian.address],
  });
  await guardian.handOverShare(theirs, address, wallet.signer);

  expect(await wallet.restoreKeys(own)).toBe(1);
  const [opened] = await wallet.openEntries(own, [entry.id]);
  expect(new TextDecoder().decode(opened?.content)).toContain('before the key was lost');
  const file = await wallet.export('a passphrase of several words');
  expect(await wallet.rewrapKeys(own)).toBe(0);
  const again = await Wallet.import(file, 'a passphrase of several words');
  expect(await again.openEntries(own, [entry.id])).toHaveLength(1);
}, 120_000);

test('after a rotation guardians have shares of the key there is now', async () => {
  const wallet = await Wallet.create();
  await wallet.register(graphOf(hospital), 'MRN-3');
  const own = graphOf(personOf(wallet.address));
  await wallet.rotateKeys(own);
  await wallet.nameGuardians(own, {
    guardians: ['hospital-a', guardian.address],
    threshold: 2,
    waitingSeconds: dayMs / 1000,
  });
  const shareOf = () =>
    guardian.evaluate(graphOf(guardianPerson), 'Recovery:ReadShare', { patient: wallet.address });
  const before = await shareOf();
  await wallet.rotateKeys(own);
  expect((await shareOf()).sha256).not.toBe(before.sha256);
});
