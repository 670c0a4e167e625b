/** A platform with a DApp that keeps a diary, and the people around it: who publishes, who reviews, who installs. */
import { generatePublisherKey, signPackage } from '@medigraph/dapp-package';
import { type RunningDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { haemoglobin } from '@medigraph/launcher';
import { type RegistryTransaction } from '@medigraph/schema';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { createHash, type webcrypto } from 'node:crypto';
import { Provider } from './back-end.js';
import { type Answer, LiveGraph, type Person } from '../subgraphs/live-graph.js';

export const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
export const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
export const hospitalOperator: Person = { role: 'operator', mspId: 'HospitalAMSP' };
export const insurerOperator: Person = { role: 'operator', mspId: 'InsurerAMSP' };

/** Of the publisher. */
export const key = await generatePublisherKey();

export const bytesOf = (version: string): Buffer => Buffer.from(`the package of ${version}`);
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The publisher’s signature of a version. */
export const signed = (version: string, sha256: string): Promise<string> =>
  signPackage({ dapp: 'diary', version, package: sha256 }, key);

export const hook = { event: 'Drawn', url: 'https://diary.example/hook' };

/** What the publisher sends of a version. */
export async function publication(
  version: string,
  changes: Partial<DAppManifest> = {},
): Promise<Record<string, unknown>> {
  const bytes = bytesOf(version);
  const sha256 = digestOf(bytes);
  const manifest = {
    id: 'diary',
    name: 'Diary',
    summary: 'Keeps a diary of your values',
    publisher: 'acme',
    version,
    license: 'Apache-2.0',
    categories: ['wellbeing'],
    keywords: ['Curves'],
    medigraph: version === '1.0.0' ? '*' : '>=99.0.0',
    contracts: { entry: 'contracts/index.js', names: ['Diary'] },
    scopes: {
      required: [
        { id: 'labs', reason: 'to draw curves', purpose: ['TREAT'], category: ['observation'], days: 30 },
      ],
      optional: [{ id: 'study', reason: 'to learn', purpose: ['HRESCH'] }],
    },
    webhooks: [hook],
    support: {},
    ...changes,
  };
  return { manifest, sha256, size: bytes.length, signature: await signed(version, sha256) };
}

/** A mutation with its one input. */
export const mutation = (
  name: string,
  fields: string,
  type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`,
) => `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`;
export const install = mutation('installDApp', 'installation { status grants { scope consent { id } } }');
export const credentials = 'clientId tokenEndpoint authentication kid secret';
export const issue = mutation('issueDAppCredentials', credentials, 'IssueDAppCredentialsInput');
export const uninstall = mutation('uninstallDApp', 'installation { status }');

const codeOf = ({ errors, data }: Answer): string => errors?.[0]?.extensions.code ?? JSON.stringify(data);

/** A client, and the key with which it authenticates. */
export interface BackEnd {
  readonly clientId: string;
  readonly key: webcrypto.CryptoKey;
  readonly kid: string;
}

/** What is running, and how it is asked. Its methods may be taken off it. */
export class DiaryCase {
  readonly provider: Provider;
  readonly graph: LiveGraph;
  readonly dapps: RunningDAppsSubgraph;
  /** Registered, with one entry. */
  patient!: Person;
  entry!: string;
  /** Of the DApp, once its publisher gave it a key. */
  backEnd!: BackEnd;
  readonly #following = new AbortController();

  private constructor(provider: Provider, graph: LiveGraph) {
    this.provider = provider;
    this.graph = graph;
    this.dapps = graph.subgraph('dapps') as RunningDAppsSubgraph;
  }

  /** Institutions are registered, and a patient; the DApp is not yet. */
  static async start(): Promise<DiaryCase> {
    const provider = await Provider.start();
    const diary = new DiaryCase(provider, await LiveGraph.start({ identity: provider }));
    await diary.#register();
    return diary;
  }

  async close(): Promise<void> {
    this.#following.abort();
    await this.graph.close();
    await this.provider.close();
  }

  /** Aborted once it is closed. */
  get signal(): AbortSignal {
    return this.#following.signal;
  }

  /** The payload of a mutation that is done. */
  readonly done = async (
    subgraph: string,
    person: Person,
    query: string,
    input: object,
  ): Promise<Record<string, unknown>> => {
    const answer = await this.graph.ask(subgraph, person, query, { input });
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return Object.values(answer.data ?? {})[0] as Record<string, unknown>;
  };

  /** Code with which a mutation is refused. */
  readonly refusal = async (person: Person, query: string, input: object): Promise<string> =>
    codeOf(await this.graph.ask('dapps', person, query, { input }));

  /** Sends a package; the status and the code of a refusal. */
  readonly send = async (
    person: Person,
    sha256: string,
    body: Uint8Array,
  ): Promise<[number, string | undefined]> => {
    const response = await fetch(new URL(`/packages/${sha256}`, this.dapps.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${await this.graph.token(person)}` },
      body: Buffer.from(body),
    });
    const answer = (await response.json()) as { errors?: [{ extensions: { code: string } }] };
    return [response.status, answer.errors?.[0].extensions.code];
  };

  /** Status with which a package is answered. */
  readonly fetched = async (person: Person, sha256: string): Promise<number> => {
    const response = await fetch(new URL(`/packages/${sha256}`, this.dapps.url), {
      headers: { authorization: `Bearer ${await this.graph.token(person)}` },
    });
    await response.arrayBuffer();
    return response.status;
  };

  /** Signs as an organisation and submits, as its steward does. */
  readonly submit = async (person: Person, name: RegistryTransaction, argument: object): Promise<void> => {
    const { custody, ledger, tokens } = this.graph.services('dapps');
    const signer = await custody.signerFor(await tokens.verify(await this.graph.token(person)));
    const [contract = '', transaction = ''] = name.split(':');
    const place = { channel: 'care', chaincode: 'registry' };
    const committed = await ledger.submit({ ...place, contract, transaction, argument, signer });
    await this.dapps.projector.reached('care', committed.transaction.block);
  };

  /** What a back end finds of an entry; what it may not see is not there. */
  readonly readBy = async (token: string, id: string): Promise<unknown> => {
    const ask = 'query($id: ID!) { entry(id: $id) { resourceType resource } }';
    const { data, errors } = await this.graph.ask('records', token, ask, { id });
    return errors?.[0]?.extensions.code ?? data?.['entry'];
  };

  async #register(): Promise<void> {
    const { done } = this;
    for (const [{ mspId, institution: id }, kind] of [
      [hospital, 'HOSPITAL'],
      [insurer, 'INSURER'],
    ] as const)
      await done(
        'patients',
        { role: 'operator', mspId },
        'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
        { id, name: id, kind },
      );
    const registered = await done(
      'patients',
      hospital,
      'mutation($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
      { identifier: 'MRN-1' },
    );
    this.patient = {
      role: 'patient',
      mspId: 'PatientsMSP',
      patient: (registered['patient'] as { id: string }).id,
    };
    const added = await done(
      'records',
      this.patient,
      'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
      { resources: [haemoglobin(this.patient.patient ?? '')] },
    );
    this.entry = (added['entries'] as [{ id: string }])[0].id;
  }
}
