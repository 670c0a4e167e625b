import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { haemoglobin } from '@medigraph/launcher';
import { BareClient, bareClientName } from '../bare-client.js';
import { type Bench } from '../bench.js';
import { type Figure } from '../figure.js';
import { type GraphCaller } from '../graph-caller.js';
import { alternate, measure, type Measurement } from '../measure.js';
import { type RunningPlatform, withPlatform } from '../running-platform.js';

const bench = 'linker';

interface Case {
  readonly insurer: GraphCaller;
  readonly entry: string;
  readonly consent: string;
}

const readEntry = 'query ($id: ID!) { entry(id: $id) { resource(purpose: COVAUTH) } }';

/** An entry of hospital-a that the patient let insurer-a read. */
async function prepare(platform: RunningPlatform): Promise<Case> {
  for (const [id, kind] of [
    ['hospital-a', 'HOSPITAL'],
    ['insurer-a', 'INSURER'],
  ])
    await (
      await platform.as(`operator:${id ?? ''}`)
    ).request(
      'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
      { input: { id, name: `The ${id ?? ''}`, kind } },
    );
  const hospital = await platform.as('hospital-a');
  const insurer = await platform.as('insurer-a');
  const { registerPatient } = await hospital.request<{ registerPatient: { patient: { id: string } } }>(
    'mutation { registerPatient(input: { identifier: "bench" }) { patient { id } } }',
  );
  const { id: address } = registerPatient.patient;
  const patient = await platform.as(`patient:${address}`);
  const { addPersonalEntries } = await patient.request<{ addPersonalEntries: { entries: [{ id: string }] } }>(
    'mutation ($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
    { input: { resources: [haemoglobin(address)] } },
  );
  const [{ id: entry }] = addPersonalEntries.entries;
  const { offerAccess } = await patient.request<{ offerAccess: { consent: { id: string } } }>(
    'mutation ($input: OfferAccessInput!) { offerAccess(input: $input) { consent { id } } }',
    { input: { grantee: 'insurer-a', provision: { purpose: ['COVAUTH'] } } },
  );
  await untilRead(insurer, entry);
  return { insurer, entry, consent: offerAccess.consent.id };
}

/** The subgraph of records learns of the consent from the ledger, a moment after the offer is answered by another. */
async function untilRead(insurer: GraphCaller, id: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { entry } = await insurer.request<{ entry: object | null }>(readEntry, { id });
    if (entry) return;
    if (attempt === 1_000) throw new Error('The grantee cannot read the entry.');
  }
}

/**
 * Opening an entry through the data linker (checked and logged by a transaction, then fetched and unsealed) against one
 * bare evaluation; and what the check of consent costs the contract, the more grants the reader has.
 */
export const linkerBench: Bench = {
  summary: 'opening an entry against a bare evaluate, and the consent check with up to 100,000 grants',
  run: (options) =>
    withPlatform(options, async (platform) => {
      const { quick, say } = options;
      const { insurer, entry, consent } = await prepare(platform);
      const bare = new BareClient(platform.profile, 'InsurerAMSP', 'native');
      const figures: Figure[] = [];
      try {
        const access = bare.contract('care', 'care', 'Access');
        const argument = JSON.stringify({ consent });
        const bounds = quick
          ? { operations: 100, milliseconds: 2_000 }
          : { operations: 1_000, milliseconds: 8_000 };
        const { ours, peer } = await alternate(
          quick ? 1 : 3,
          () => measure(bounds, 1, () => insurer.request(readEntry, { id: entry })),
          () => measure(bounds, 1, () => access.evaluateTransaction('ReadConsent', argument)),
        );
        for (const percentile of ['p50', 'p99'] as const) {
          const [value, other] = [ours[percentile], peer[percentile]];
          say(
            `opening an entry, ${percentile}: ${value.toFixed(1)} ms; bare evaluate ${other.toFixed(1)} ms`,
          );
          figures.push({
            bench,
            figure: `open-${percentile}`,
            value,
            unit: 'ms',
            peer: bareClientName,
            ratio: other / value,
            n: ours.operations,
          });
        }
      } finally {
        bare.close();
      }
      return [...figures, ...(await consentChecks(quick, say))];
    }),
};

async function consentCheck(grants: number, operations: number): Promise<Measurement> {
  const program = fileURLToPath(new URL('consent-check-process.js', import.meta.url));
  const child = fork(program, [String(grants), String(operations)], { execArgv: ['--no-warnings'] });
  const [[measured]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [Measurement],
    unknown,
  ];
  return measured;
}

async function consentChecks(quick: boolean, say: (line: string) => void): Promise<Figure[]> {
  const operations = quick ? 200 : 1_000;
  const few = 10;
  const base = await consentCheck(few, operations);
  const figures: Figure[] = [];
  for (const grants of quick ? [few, 1_000] : [few, 1_000, 100_000]) {
    const { p50, operations: n } = grants === few ? base : await consentCheck(grants, operations);
    say(`consent check with ${grants} grants: p50 ${p50.toFixed(2)} ms`);
    figures.push({
      bench,
      figure: `consent-check-${grants}`,
      value: p50,
      unit: 'ms',
      peer: `the same with ${few} grants`,
      ratio: base.p50 / p50,
      n,
    });
  }
  return figures;
}
