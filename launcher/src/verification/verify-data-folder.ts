import { access, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { startDocuments, type DocumentsServer } from '@medigraph/embedded-documents';
import {
  type ChannelReplay,
  type ChannelVerification,
  readLedgerNetwork,
  type StoredLedger,
  verifyStoredChains,
  verifyStoredLedger,
} from '@medigraph/embedded-ledger';
import { ledgerFileIn } from '@medigraph/network';
import { loadConnectionProfile } from '@medigraph/platform/ledger';
import { type DataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { readNetworkRun } from '../network/network-run.js';
import { type Progress } from '../progress.js';
import { alive, readRunFile } from '../run-file.js';
import { type FilesVerification, verifyFiles } from './files.js';
import { type ReadModelsVerification, verifyReadModels } from './read-models.js';

/** What checking a data folder came to. */
export interface Verification {
  readonly ledger: readonly (ChannelVerification | ChannelReplay)[];
  /** Absent if they were not checked: only the chains were wanted, there are none, or the ledger itself is broken. */
  readonly readModels?: readonly ReadModelsVerification[];
  /** Absent if they were not asked for, or the ledger or a read model is broken. */
  readonly files?: FilesVerification;
}

export interface VerificationOptions {
  /**
   * `chains`: only hash chains, data hashes and orderer's signatures. `ledger`: also a replay of every block, and the read
   * models. `data`: the chains, the read models and the files, which are thus compared with blocks that nobody changed.
   */
  readonly scope: 'chains' | 'ledger' | 'data';
  /** Document server with the read models, if it is not the one of the data folder. */
  readonly mongodbUri?: string;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Checks the ledger of a data folder that nothing runs on, and its read models.
 * @throws {@link CommandError} `ALREADY_RUNNING`, `NO_LEDGER`.
 */
export async function verifyDataFolder(
  data: DataFolder,
  { scope, mongodbUri, onProgress }: VerificationOptions,
): Promise<Verification> {
  const stored = await storedLedgerOf(data);
  // Beside the ledger, where there is room for another of its size or there is none for the ledger either.
  const scratchFolder = await mkdtemp(path.join(data.path, 'verify-'));
  try {
    const onBlock = (phase: string, done: number, total: number) => onProgress({ phase, done, total });
    const ledger = await (scope === 'ledger' ? verifyStoredLedger : verifyStoredChains)({
      ...stored,
      scratchFolder,
      onBlock,
    });
    const hasReadModels = mongodbUri !== undefined || (await exists(data.documents));
    if (scope === 'chains' || !hasReadModels || ledger.some(({ broken }) => broken)) return { ledger };
    const servers: DocumentsServer[] = [];
    const serve = async (dataDir: string) => {
      const server = await startDocuments({ dataDir });
      servers.push(server);
      return server.uri;
    };
    try {
      const kept = mongodbUri ?? (await serve(data.documents));
      const rebuilt = await serve(path.join(scratchFolder, 'documents'));
      const readModels = await verifyReadModels({
        stored,
        network: await loadConnectionProfile(path.join(data.network, 'connection.json')),
        kept,
        rebuilt,
        catchUp: true,
        onSubgraph: (_, done, total) => onProgress({ phase: 'read models', done, total }),
      });
      if (scope !== 'data') return { ledger, readModels };
      const onFile = (done: number, total: number) => onProgress({ phase: 'files', done, total });
      return { ledger, readModels, files: await verifyFiles({ kept, rebuilt, onFile }) };
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  } finally {
    await rm(scratchFolder, { recursive: true, force: true });
  }
}

async function storedLedgerOf(data: DataFolder): Promise<StoredLedger> {
  const platform = await readRunFile(data.path);
  const network = await readNetworkRun(data.path);
  const pid = platform?.pid ?? (network && alive(network.pid) ? network.pid : undefined);
  if (pid !== undefined) {
    throw new CommandError(
      'ALREADY_RUNNING',
      `Process ${pid} runs on ${data.path}. Stop it first (Ctrl-C, or network down), or verify a copy of the folder`,
    );
  }
  const file = ledgerFileIn(data.network);
  if (!(await exists(file))) {
    throw new CommandError('NO_LEDGER', `There is no embedded ledger in ${data.path}`);
  }
  return { network: await readLedgerNetwork(file), dataFolder: data.ledger };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
