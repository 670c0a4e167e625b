import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PeerConnection } from '@medigraph/network/admin';
import { type ListenerTls, SandboxHost } from '@medigraph/dapp-sandbox';
import { AddressBook, type AddressRange, Steward, type StewardedOrganization } from '@medigraph/dapp-steward';
import { type Configuration, loadConfiguration } from '@medigraph/platform/config';
import { connectDocuments } from '@medigraph/platform/documents';
import { platformVersion } from '@medigraph/platform/graph';
import {
  type ConnectionProfile,
  connectLedger,
  loadConnectionProfile,
  organizationIdentity,
} from '@medigraph/platform/ledger';
import { DAppLog } from '@medigraph/platform/operation';
import { createLogger } from '@medigraph/platform/telemetry';
import { coreSubgraphs } from '@medigraph/schema/composition';
import { z } from 'zod';
import { PackageStore } from '@medigraph/platform/packages';
import { OperationUsageStore } from '@medigraph/platform/usage';
import { administratorIn } from '../chaincode/administrator.js';
import { DataFolder } from '../data-folder.js';
import { developmentArgument } from '../development-argument.js';
import { HealthPage } from './health-page.js';
import { answerWith } from '../part-questions.js';
import { stopWhenTold } from '../part-stop.js';
import { databaseOf, usageDatabase } from '../platform/subgraphs.js';

/** The organisations that are named, each with an administrator at each of its peers. */
async function organizationsOf(
  { stewardAdministrators = '' }: Configuration,
  network: ConnectionProfile,
): Promise<StewardedOrganization[]> {
  const named = stewardAdministrators.split(',').map((one) => one.split('=', 2));
  return Promise.all(
    named.map(async ([mspId = '', folder = '']) => {
      const identity = await administratorIn(folder, mspId);
      const peers = network.organizations[mspId]?.peers ?? [];
      return {
        mspId,
        signer: organizationIdentity(network, mspId),
        administrators: peers.map(({ address, tlsCaCertificate, serverNameOverride }) =>
          PeerConnection.open(
            {
              address,
              ...(tlsCaCertificate !== undefined && { tlsCaCertificate }),
              ...(serverNameOverride !== undefined && { serverNameOverride }),
            },
            identity,
          ),
        ),
      };
    }),
  );
}

/** Where contracts listen, and how peers reach them. */
function rangeOf({ dappsListen: listen, dappsHost: host, dappsPorts = '' }: Configuration): AddressRange {
  const [first, last] = dappsPorts.split('-').map(Number);
  return {
    listen,
    ...(host !== undefined && { host }),
    ...(first !== undefined && last !== undefined && { ports: [first, last] as const }),
  };
}

/** What peers are shown, and told of it. */
async function listenerTls({
  dappsTls: folder,
}: Configuration): Promise<{ readonly listener: ListenerTls; readonly authority: string } | undefined> {
  if (folder === undefined) return undefined;
  const [certificate, privateKey, authority] = await Promise.all([
    readFile(path.join(folder, 'tls.crt')),
    readFile(path.join(folder, 'tls.key')),
    readFile(path.join(folder, '..', 'ca.crt'), 'utf8'),
  ]);
  return { listener: { certificate, privateKey }, authority };
}

/** What a developer wants to see in the place of what runs: id of the DApp, file with the bundle. */
const replacement = z.object({ dapp: z.string(), bundle: z.string() });

async function start(configuration: Configuration): Promise<() => Promise<void>> {
  const log = createLogger({ name: 'dapps', level: configuration.logLevel });
  const network = await loadConnectionProfile(configuration.connectionProfile);
  const ledger = connectLedger(network, { organization: configuration.organization, logger: log });
  const documents = await connectDocuments(configuration.mongodbUri, databaseOf('dapps'));
  const usage = await connectDocuments(configuration.mongodbUri, databaseOf(usageDatabase));
  const organizations = await organizationsOf(configuration, network);
  const packages = new PackageStore({
    connection: documents.connection,
    packageBytes: configuration.packageBytes,
  });
  const authors = new DAppLog({ connection: documents.connection, logger: log });
  const folder = new DataFolder(configuration.dataFolder).dapps;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tls = await listenerTls(configuration);
  const sandbox = new SandboxHost(
    { eventsPerSecond: configuration.dappEventsPerSecond },
    tls?.listener,
    (dapp, { at, version, report, line }) =>
      authors.add(dapp, {
        ...{ at, version },
        ...(report ?? { message: line ?? '' }),
      }),
  );
  const steward = Steward.start({
    ledger,
    network,
    organizations,
    packages: { read: async (sha256) => (await packages.read(sha256))?.bytes },
    usage: new OperationUsageStore({
      connection: usage.connection,
      days: configuration.usageDays,
    }),
    sandbox,
    addresses: await AddressBook.open(path.join(folder, 'addresses.json'), rangeOf(configuration)),
    ...(tls && { authority: tls.authority }),
    core: await coreSubgraphs(),
    platformVersion,
    log,
  });
  if (process.argv.includes(developmentArgument))
    answerWith({
      replace: async (value) => {
        const { dapp, bundle } = replacement.parse(value);
        return { interfaceChanged: await steward.replace(dapp, await readFile(bundle, 'utf8')) };
      },
    });
  const { dappsHealthPort } = configuration;
  const health =
    dappsHealthPort === undefined ? undefined : await HealthPage.listen(dappsHealthPort, sandbox);
  return async () => {
    await health?.close();
    await steward.stop();
    for (const { administrators } of organizations)
      for (const connection of administrators) connection.close();
    await authors.close();
    await Promise.all([documents.close(), usage.close()]);
    await ledger.close();
  };
}

/** The steward as a process of its own: configured by the environment, says over IPC when it works. */
try {
  stopWhenTold(await start(loadConfiguration()));
  process.send?.({ type: 'ready' });
} catch (error) {
  const { code = 'STEWARD_START_FAILED', message } = error as Error & { code?: string };
  process.stderr.write(`${code}: ${message}\n`);
  process.exit(1);
}
