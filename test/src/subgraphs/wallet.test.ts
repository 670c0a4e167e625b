import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Wallet, type WalletGraph } from '@medigraph/platform/wallet';
import { LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };

let graph: LiveGraph;
let wallet: Wallet;

/** An error of the graph with its code, as a wallet's own transport throws it. */
class GraphError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** The patients subgraph with a person's token. */
const graphOf = (person: Person): WalletGraph => ({
  async request<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const { data, errors } = await graph.ask('patients', person, query, variables);
    if (errors?.[0]) throw new GraphError(errors[0].extensions.code, errors[0].message);
    return data as Data;
  },
});
const self = (): Person => ({ role: 'patient', mspId: 'PatientsMSP', patient: wallet.address });
const own = (): WalletGraph => graphOf(self());

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  const { errors } = await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register);
  expect(errors).toBeUndefined();
  wallet = await Wallet.create();
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a patient whose key is their own is registered under their own signature', async () => {
  const transaction = await wallet.register(graphOf(hospital), 'MRN-7');
  expect(transaction).toMatchObject({ channel: 'care' });
  const query = '{ me { patient { id active organization } } }';
  expect((await graph.ask('patients', self(), query)).data).toEqual({
    me: { patient: { id: wallet.address, active: true, organization: 'PatientsMSP' } },
  });
});

test('what they sign is committed, and the graph has it', async () => {
  const { result, transaction } = await wallet.submit(own(), 'Records:AuthorizeStorage', {
    institutions: ['hospital-a'],
    active: true,
  });
  expect(result).toMatchObject([{ patient: wallet.address, institution: 'hospital-a', active: true }]);
  expect(transaction.id).toMatch(/^[0-9a-f]{64}$/);
  const seen = await graph.ask('patients', hospital, 'query($id: ID!) { patient(id: $id) { id } }', {
    id: wallet.address,
  });
  expect(seen.data).toEqual({ patient: { id: wallet.address } });
});
