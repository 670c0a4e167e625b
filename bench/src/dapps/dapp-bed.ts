import {
  contractMetadata,
  type ChaincodeMetadata,
  DAppGraphs,
  type GraphManifest,
} from '@medigraph/dapp-graph';
import { startDocuments } from '@medigraph/embedded-documents';
import { connectDocuments } from '@medigraph/platform/documents';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type SubgraphServices } from '@medigraph/platform/graph';
import { openKeyCustody, SealedStore } from '@medigraph/platform/identity';
import { connectLedger, type LedgerClient } from '@medigraph/platform/ledger';
import { silentLogger } from '@medigraph/platform/telemetry';
import { type RunningRouter, startRouter } from '@medigraph/router';
import { EventLog, TestTokens } from '@medigraph/router/testing';
import { compose } from '@medigraph/schema/composition';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchOptions } from '../bench.js';
import { withPlatform } from '../running-platform.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { handWrittenGraph, handWrittenSdl } from './hand-written.js';

const core = ['patients', 'records', 'consent', 'claims'] as const;
const place = { channel: 'care', chaincode: 'care' };
const institution = 'insurer-a';

/** Transactions that a DApp of the bench shows: as many as a small DApp has. */
const shown = 12;

/** What the bench works with. */
export interface DAppBed {
  readonly router: RunningRouter;
  readonly dapps: DAppGraphs;
  readonly metadata: ChaincodeMetadata;
  /** What is appended reaches every subscriber. */
  readonly ticks: EventLog<string>;
  /** Access token of a caller who has every DApp installed. */
  readonly token: string;
  /** A DApp of that number; every one has the same contracts. */
  manifest(number: number, version?: string): GraphManifest;
}

/** Name of a DApp's field that asks the same as the hand-written one. */
export const resolveField = (number: number): string => `bench${number}_resolve`;

/**
 * A router before the core's schemas, a subgraph written by hand, and as many DApps as are put in, all on the ledger of a running
 * platform. The DApps' contracts are those of the care suite, whose chaincode answers for theirs.
 */
export function withDAppBed<T>(options: BenchOptions, work: (bed: DAppBed) => Promise<T>): Promise<T> {
  return withPlatform(options, (platform) =>
    withTemporaryFolder(async (folder) => {
      const operator = await platform.as(`operator:${institution}`);
      await operator.request(
        'mutation ($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
        { input: { id: institution, name: 'Insurer A', kind: 'INSURER' } },
      );
      const server = await startDocuments({ dataDir: path.join(folder, 'documents') });
      const documents = await connectDocuments(server.uri, 'bench_dapp_graphs');
      const ledger = connectLedger(platform.profile);
      const tokens = await TestTokens.create();
      const store = await SealedStore.open({ folder: path.join(folder, 'custody') });
      const services: SubgraphServices = {
        ledger: answeringFor(ledger),
        custody: openKeyCustody({ store, profile: platform.profile }),
        envelopes: createEnvelopeService(),
        tokens,
        documents,
        network: platform.profile,
        logger: silentLogger,
      };
      const ticks = new EventLog<string>();
      const handWritten = await handWrittenGraph(services, place, ticks);
      const subgraphs = new Map([...(await coreSchemas()), ['handwritten', handWrittenSdl] as const]);
      const endpoints = {
        ...Object.fromEntries(core.map((name) => [name, { url: `http://${name}.subgraph.invalid/graphql` }])),
        handwritten: {
          url: 'http://handwritten.subgraph.invalid/graphql',
          inProcess: handWritten.graph,
        },
      };
      const router = await startRouter({
        supergraph: compose(subgraphs),
        subgraphs: endpoints,
        verifier: tokens,
      });
      const dapps = await DAppGraphs.open({
        core: { subgraphs, endpoints },
        router: router.graph,
        services,
        installations: { active: () => Promise.resolve(true) },
      });
      try {
        const signer = await services.custody.organization('InsurerAMSP');
        const metadata = await contractMetadata(ledger, place, signer);
        const names = metadata.transactions.map(({ contract, name }) => `${contract}:${name}`);
        const kept = new Set(['Registration:Resolve', ...names.slice(0, shown)]);
        const manifest = (number: number, version = '1.0.0'): GraphManifest => ({
          id: `bench${number}`,
          version,
          channel: 'care',
          contracts: { names: [...metadata.contracts] },
          graph: { hidden: names.filter((name) => !kept.has(name)) },
        });
        const claims = { role: 'insurer', msp_id: 'InsurerAMSP', institution, sub: `${institution}/bench` };
        const token = (await tokens.issue(3_600, claims)).slice('Bearer '.length);
        return await work({ router, dapps, metadata, ticks, token, manifest });
      } finally {
        await dapps.close();
        await router.close(1_000);
        await handWritten.stop();
        await ledger.close();
        await documents.close();
        await server.close();
      }
    }),
  );
}

/** The ledger, on which every DApp's chaincode is the care suite's. */
function answeringFor(ledger: LedgerClient): LedgerClient {
  return {
    offline: ledger.offline,
    evaluate: (request) => ledger.evaluate({ ...request, ...place }),
    submit: (request) => ledger.submit({ ...request, ...place }),
    blocks: (channel, start, signal) => ledger.blocks(channel, start, signal),
    healthy: () => ledger.healthy(),
    close: () => ledger.close(),
  };
}

async function coreSchemas(): Promise<readonly (readonly [string, string])[]> {
  const folder = path.dirname(fileURLToPath(import.meta.resolve('@medigraph/schema/supergraph.graphql')));
  return Promise.all(
    core.map(
      async (name) =>
        [name, await readFile(path.join(folder, 'subgraphs', `${name}.graphql`), 'utf8')] as const,
    ),
  );
}
