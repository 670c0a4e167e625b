import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { httpGraph, Wallet } from '@medigraph/platform/wallet';
import { LiveGraph } from '../subgraphs/live-graph.js';

const guide = fileURLToPath(new URL('../../../docs/guides/wallets.md', import.meta.url));
const imports = /^import \{ (.*) \} from '@medigraph\/platform\/wallet';$/m;

type Program = (names: Record<string, unknown>) => Promise<{ observation: unknown; addresses: string[] }>;

/** The blocks of the guide, one after the other, as a function of what its reader has. */
async function programOfGuide(): Promise<Program> {
  const text = await readFile(guide, 'utf8');
  const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(4);
  const code = blocks.join('\n');
  expect(imports.exec(code)?.[1]).toBe('httpGraph, Wallet');
  const body = `const { httpGraph, Wallet, graphUrl, deskToken, tokenFor } = names;
    ${code.replace(imports, '')}
    return { observation, addresses: [wallet.address, again.address] };`;
  const AsyncFunction = (async () => Promise.resolve()).constructor as new (...parts: string[]) => Program;
  return new AsyncFunction('names', body);
}

describe('the guide to wallets', () => {
  let graph: LiveGraph;
  beforeAll(async () => {
    graph = await LiveGraph.start();
    const register = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
    await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register);
  }, 120_000);
  afterAll(() => graph.close());

  test('does what it says, block by block', async () => {
    const program = await programOfGuide();
    const { observation, addresses } = await program({
      httpGraph,
      Wallet,
      graphUrl: graph.subgraph('patients').url,
      deskToken: await graph.token({ role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' }),
      tokenFor: (patient: string) => graph.token({ role: 'patient', mspId: 'PatientsMSP', patient }),
    });
    expect(observation).toMatchObject({ resourceType: 'Observation', code: { text: 'Weight' } });
    const [address = '', again] = addresses;
    expect(again).toBe(address);
    const { data } = await graph.ask(
      'patients',
      { role: 'patient', mspId: 'PatientsMSP', patient: address },
      '{ me { patient { id active } } }',
    );
    expect(data).toEqual({ me: { patient: { id: address, active: false } } });
  }, 60_000);
});
