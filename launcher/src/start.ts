import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type LoadProgress } from '@medigraph/corpus';
import { type Configuration, loadConfiguration } from '@medigraph/platform/config';
import { z } from 'zod';
import { type PartOptions } from './child-part.js';
import { DataFolder } from './data-folder.js';
import { dappsPart, startSteward } from './dapps/steward-part.js';
import { identityPart, startEmbeddedIdentity } from './embedded-identity.js';
import { embeddedParts, startEmbedded } from './embedded-network.js';
import { developmentArgument } from './development-argument.js';
import { CommandError } from './errors.js';
import { LogFiles } from './log-files.js';
import { readModelsReach } from './read-models.js';
import { readRunFile, removeRunFile, writeRunFile } from './run-file.js';
import { type PopulationLoad } from './sample-population.js';
import { type PartKeeper, Supervisor } from './supervisor.js';

export interface StartOptions {
  readonly data: string;
  /** Of the router; 0 takes a free one. */
  readonly port: number;
  /** Of the identity provider; 0 takes a free one. By default that after the router's. */
  readonly signInPort?: number;
  /** Removes everything in the data folder first. */
  readonly reset: boolean;
  /** Folder of the population to load at first start; undefined for none. */
  readonly population?: string;
  readonly onPhase?: (what: string) => void;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly onLoaded?: (load: PopulationLoad) => void;
  /** Something that an operator wants to know while it runs, such as a restart of a part. */
  readonly onNotice: (message: string) => void;
  readonly signal: AbortSignal;
  /** Lets whoever started it put contracts of a DApp in the place of those that run. */
  readonly development?: boolean;
  /** Keeps the parts; by default a {@link Supervisor}, which starts those again that die. */
  readonly keeper?: PartKeeper;
}

/** A running Medigraph. */
export interface Medigraph {
  /** Address of the graph. */
  readonly url: string;
  /** Address of the identity provider that people sign in with. */
  readonly issuer: string;
  /** Milliseconds from the start to the graph being served, without the load of a population. */
  readonly readyMs: number;
  readonly configuration: Configuration;
  /** Resolves with the reason when a part cannot be kept running. */
  readonly failed: Promise<string>;
  parts(): PartKeeper['parts'];
  stop(): Promise<void>;
}

const developmentArguments = ({ development = false }: StartOptions): string[] =>
  development ? [developmentArgument] : [];

const platformReady = z.object({ url: z.string() });
const platformEntry = fileURLToPath(new URL('platform/server.js', import.meta.url));

/**
 * Starts every part of Medigraph that the environment does not name a real one for, loads the population at first start,
 * and serves the graph.
 *
 * @throws `ALREADY_RUNNING`, or what the part that fails says.
 */
export async function startMedigraph(options: StartOptions): Promise<Medigraph> {
  const data = new DataFolder(options.data);
  const running = await readRunFile(data.path);
  if (running) {
    throw new CommandError('ALREADY_RUNNING', `Medigraph runs already on ${data.path}, at ${running.url}`);
  }
  if (options.reset) await rm(data.path, { recursive: true, force: true });
  await mkdir(data.path, { recursive: true, mode: 0o700 });
  const logs = await LogFiles.open(data.logs, [...embeddedParts, identityPart, 'platform', dappsPart]);
  const supervisor = options.keeper ?? new Supervisor(options.onNotice);
  try {
    return await startParts(options, data, logs, supervisor);
  } catch (error) {
    await supervisor.stop();
    await logs.close();
    throw error;
  }
}

async function startParts(
  options: StartOptions,
  data: DataFolder,
  logs: LogFiles,
  supervisor: PartKeeper,
): Promise<Medigraph> {
  const given = {
    connectionProfile: process.env['MEDIGRAPH_CONNECTION_PROFILE'],
    mongodbUri: process.env['MONGODB_URI'],
  };
  let clock = performance.now();
  let readyMs = 0;
  options.onPhase?.('Starting the network');
  const inFolder = loadConfiguration({ ...process.env, MEDIGRAPH_DATA: data.path });
  const signInPort = options.signInPort ?? (options.port === 0 ? 0 : options.port + 1);
  const [network, provider] = await Promise.all([
    startEmbedded(supervisor, data, logs, given),
    inFolder.oidcIssuer === undefined
      ? startEmbeddedIdentity(supervisor, data, logs, inFolder, signInPort)
      : { issuer: inFolder.oidcIssuer },
  ]);
  const { issuer } = provider;
  options.signal.throwIfAborted();
  const environment = (port: number) => ({
    MEDIGRAPH_DATA: data.path,
    MEDIGRAPH_CONNECTION_PROFILE: network.connectionProfile,
    MONGODB_URI: network.mongodbUri,
    MEDIGRAPH_OIDC_ISSUER: issuer,
    MEDIGRAPH_PORT: String(port),
  });
  const administration: Readonly<Record<string, string>> =
    'secret' in provider ? { MEDIGRAPH_DAPP_CLIENTS_SECRET: provider.secret } : {};
  const configuration = loadConfiguration({ ...process.env, ...environment(options.port) });
  let loaded: PopulationLoad | undefined;
  if (options.population !== undefined) {
    readyMs += performance.now() - clock;
    const { loadSamplePopulation } = await import('./sample-population.js');
    loaded = await loadSamplePopulation({
      folder: options.population,
      markerFile: data.population,
      configuration,
      onProgress: (progress) => options.onProgress?.(progress),
      signal: options.signal,
    });
    if (loaded) options.onLoaded?.(loaded);
    clock = performance.now();
  }
  options.onPhase?.('Starting the graph');
  const part = (port: number): PartOptions => ({
    name: 'platform',
    entry: platformEntry,
    args: developmentArguments(options),
    env: { ...environment(port), ...administration },
    stopTimeout: 20_000,
    onLog: logs.writer('platform'),
  });
  const ready = await supervisor.start(part(options.port), (first) =>
    part(Number(new URL(platformReady.parse(first).url).port)),
  );
  options.signal.throwIfAborted();
  const { url } = platformReady.parse(ready);
  // The first load is no part of being ready again: so the clock stops before the read models take it in.
  readyMs += performance.now() - clock;
  if (loaded && !(await readModelsReach(url, loaded.heights))) {
    options.onNotice(
      'The read models are still taking in what was loaded; until then answers lack some of it.',
    );
  }
  const administrators = configuration.stewardAdministrators ?? network.administrators;
  const steward =
    administrators !== undefined &&
    startSteward(supervisor, data, logs, {
      env: { ...environment(0), administrators },
      args: developmentArguments(options),
    });
  // Nobody waits for it: it has nothing to do before somebody publishes.
  if (steward) steward.catch((error: unknown) => options.onNotice(`DApps do not run: ${String(error)}`));
  await writeRunFile(data.path, {
    pid: process.pid,
    url,
    issuer,
    startedAt: new Date().toISOString(),
    connectionProfile: network.connectionProfile,
  });
  return {
    url,
    issuer,
    readyMs,
    configuration,
    failed: supervisor.failed,
    parts: () => supervisor.parts,
    async stop() {
      await (steward && steward.catch(() => undefined));
      await supervisor.stop();
      await removeRunFile(data.path);
      await logs.close();
    },
  };
}
