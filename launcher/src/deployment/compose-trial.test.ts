import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionDescriptionFile, readNetworkDescription } from '@medigraph/network';
import {
  composeFileOf,
  placesAt,
  secretFiles,
  serviceNames,
  servicesOf,
  writeDeployment,
} from '@medigraph/network/deployment';
import { assignPorts, findFabricBinaries, FabricBinariesMissingError } from '@medigraph/network/native';
import { loadConfiguration } from '@medigraph/platform/config';
import { bothFactorsNow } from '@medigraph/platform/identity';
import { loadConnectionProfile } from '@medigraph/platform/ledger';
import { packDApp } from '@medigraph/dapp-cli';
import { z } from 'zod';
import { ChildPart } from '../child-part.js';
import { entryOf } from '../contract-suites.js';
import { type As } from '../dapps/development/home.js';
import { install, registerInstitutions } from '../dapps/development/people.js';
import { publishHere } from '../dapps/development/publication.js';
import { GraphClient } from '../graph-client.js';
import { openIdentity } from '../platform/identity.js';
import { callerOf } from '../roles.js';
import { playStory } from '../story/index.js';
import { platformPrograms } from './platform-programs.js';
import { ComposeProcesses } from './testing/compose-processes.js';

const binaries = await findFabricBinaries().catch((error: unknown) => {
  if (error instanceof FabricBinariesMissingError) return undefined;
  throw error;
});
// Without Fabric's programs on this machine the trial is reported as skipped.
const describeWithFabric = binaries ? describe : describe['skip'];

/** Milliseconds: a whole consortium starts. */
const trialTimeout = 300_000;
const checkout = fileURLToPath(new URL('../../..', import.meta.url));
const host = '127.0.0.1';

describeWithFabric('the services of compose, as plain processes', () => {
  let folder: string;
  let documents: ChildPart;
  let services: ComposeProcesses;
  let url: string;
  let tokenFor: (role: string) => Promise<string>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-compose-'));
    const description = await readNetworkDescription(productionDescriptionFile);
    // The same generator with other places: the loopback instead of hosts, the folder itself instead of mounts.
    const where = { listenHost: host, host, ports: await assignPorts(folder, serviceNames(description)) };
    await writeDeployment(description, folder, folder, where);
    const all = servicesOf(description, placesAt(folder, where), platformPrograms);
    for (const data of all.flatMap((service) => service.data)) {
      await mkdir(path.join(folder, data), { recursive: true });
    }
    // MongoDB is not a program of this machine: the embedded documents stand in for its servers. Nothing of the rest waits
    // for the certificate authorities, whose clusters have trials of their own.
    documents = await ChildPart.start({
      name: 'documents',
      entry: entryOf('@medigraph/embedded-documents/server'),
      env: { DOCUMENTS_DATA_DIR: path.join(folder, 'documents') },
      onLog: () => undefined,
    });
    const { uri } = z.object({ uri: z.string() }).parse(documents.ready);
    await writeFile(path.join(folder, secretFiles.mongodbUri), uri);
    services = new ComposeProcesses({
      file: composeFileOf(all, folder),
      variables: { MEDIGRAPH_DEPLOYMENT: folder },
      programs: [
        path.dirname(binaries?.peer ?? ''),
        path.dirname(process.execPath),
        process.env['PATH'],
      ].join(path.delimiter),
      workingFolders: { 'medigraph/': checkout },
      folder,
      standIns: new Set(all.flatMap(({ name }) => (/^(mongodb|ca\d*\.|postgres)/.test(name) ? [name] : []))),
    });
    await services.up();
    const platform = all.find(({ name }) => name === 'platform');
    url = `http://${host}:${platform?.ports['graph'] ?? 0}/graphql`;
    const configuration = loadConfiguration(platform?.environment);
    const { issuer } = await openIdentity(
      configuration,
      await loadConnectionProfile(configuration.connectionProfile),
    );
    tokenFor = (role) => issuer.issue({ ...callerOf(role, [], 'PatientsMSP'), ...bothFactorsNow() }, 600);
  }, trialTimeout);

  afterAll(async () => {
    await services.down();
    await documents.stop();
    await rm(folder, { recursive: true, force: true });
  }, trialTimeout);

  const story = async () => {
    const { record, claim } = await playStory(url, tokenFor, () => undefined);
    expect(record.read.granted).not.toBeNull();
    expect(record.read.otherInsurer).toBeNull();
    expect(claim.insurer).toEqual(['ClaimSubmitted', 'ClaimAdjudicated', 'ClaimPaid']);
  };

  it('carry a record and a claim from the graph to the ledger and back', story, trialTimeout);

  it(
    'check a DApp, run its contracts for every peer over TLS, and have it in the graph',
    async () => {
      const as: As = async (role) => new GraphClient(url, await tokenFor(role));
      await registerInstitutions(as);
      const packed = await packDApp(path.join(checkout, 'marketplace/dapps/appointments'));
      await publishHere({ url, data: folder, as, token: tokenFor }, packed);
      await install(as, packed.manifest, { institution: 'hospital-a' });
      const clinic = await as('hospital-a');
      const terms = {
        id: 'cardio',
        institution: 'hospital-a',
        practitioner: 'dr-b',
        service: 'Cardiology',
        slotMinutes: 30,
      };
      const { appointments_openSchedule: opened } = await clinic.request<{
        appointments_openSchedule: { result: { id: string }; transaction: { block: number } };
      }>(
        'mutation($terms: Appointments_ScheduleTermsInput!) { appointments_openSchedule(terms: $terms) { result { id } transaction { block } } }',
        { terms },
      );
      expect(opened.result.id).toBe('cardio');
    },
    trialTimeout,
  );

  it(
    'go on when an ordering node is killed',
    async () => {
      await services.kill('orderer0.orderer.example');
      await story();
    },
    trialTimeout,
  );
});
