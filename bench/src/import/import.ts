import { haemoglobin } from '@medigraph/launcher';
import { type R4Resource, validateResource } from '@medigraph/platform/fhir';
import { BareClient, bareClientName } from '../bare-client.js';
import { type Bench } from '../bench.js';
import { alternate, type Measurement } from '../measure.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';
import { bareBatches, type Parties } from './bare-batches.js';

const bench = 'import';
const institution = 'hospital-a';
/** Resources of a transaction, as an import over HTTP has them. */
const batchSize = 200;

/** A patient who lets hospital-a store. */
async function prepare(platform: RunningPlatform): Promise<Parties> {
  const operator = await platform.as(`operator:${institution}`);
  await operator.request(
    'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
    { input: { id: institution, name: 'The hospital', kind: 'HOSPITAL' } },
  );
  const hospital = await platform.as(institution);
  const { registerPatient } = await hospital.request<{ registerPatient: { patient: { id: string } } }>(
    'mutation { registerPatient(input: { identifier: "bench" }) { patient { id } } }',
  );
  const patient = registerPatient.patient.id;
  await (
    await platform.as(`patient:${patient}`)
  ).request(
    'mutation ($input: AuthorizeStorageInput!) { authorizeStorage(input: $input) { transaction { id } } }',
    { input: { institutions: [institution] } },
  );
  return { patient, institution };
}

/** Resources that differ from all others: what is the same is not stored twice. */
function resourcesOf(patient: string, round: number, count: number): R4Resource[] {
  return Array.from({ length: count }, (_, index): R4Resource => {
    const resource: unknown = { ...haemoglobin(patient), id: `r${round}-${index}` };
    validateResource(resource);
    return resource;
  });
}

async function timed(resources: number, work: () => Promise<void>): Promise<Measurement> {
  const begin = performance.now();
  await work();
  const milliseconds = performance.now() - begin;
  return {
    operations: resources,
    throughput: resources / (milliseconds / 1000),
    p50: milliseconds / resources,
    p99: milliseconds / resources,
  };
}

async function importOverHttp(
  { medigraph, tokenFor }: RunningPlatform,
  { patient }: Parties,
  resources: readonly R4Resource[],
): Promise<void> {
  const response = await fetch(new URL(`/imports/${patient}`, medigraph.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenFor(institution)}`,
      'content-type': 'application/fhir+ndjson',
    },
    body: resources.map((one) => `${JSON.stringify(one)}\n`).join(''),
  });
  const last = (await response.text()).trimEnd().split('\n').at(-1) ?? '';
  const { STORED } = JSON.parse(last) as { STORED?: number };
  if (STORED !== resources.length) throw new Error(`Not everything was stored: ${last}`);
}

/**
 * An import over HTTP (checked as FHIR, sealed, put on the ledger, seen in the read model) against the bare client that
 * submits the same batches, which were sealed beforehand.
 */
export const importBench: Bench = {
  summary: 'resources that are imported over HTTP a second, against bare submits of the same batches',
  run: (options) =>
    withPlatform(options, async (platform) => {
      const { quick, say } = options;
      const parties = await prepare(platform);
      const bare = new BareClient(platform.profile, 'HospitalAMSP', 'native');
      const count = quick ? 1_000 : 4_000;
      try {
        const contract = (name: string) => bare.contract('care', 'care', name);
        const batchesOf = (round: number) =>
          bareBatches(
            contract('Registration'),
            parties,
            resourcesOf(parties.patient, round, count),
            batchSize,
          );
        const { ours, peer } = await alternate(
          quick ? 1 : 3,
          (round) => {
            const resources = resourcesOf(parties.patient, round, count);
            return timed(count, () => importOverHttp(platform, parties, resources));
          },
          async (round) => {
            const batches = await batchesOf(round);
            return timed(count, async () => {
              for (const batch of batches)
                await contract('Records').submitTransaction('ProposeEntries', batch);
            });
          },
        );
        const ratio = ours.throughput / peer.throughput;
        say(
          `import: ${ours.throughput.toFixed(0)} resources/s; bare submits ${peer.throughput.toFixed(0)}/s`,
        );
        return [
          {
            bench,
            figure: 'throughput',
            value: ours.throughput,
            unit: 'resources/s',
            peer: bareClientName,
            ratio,
            n: ours.operations,
          },
        ];
      } finally {
        bare.close();
      }
    }),
};
