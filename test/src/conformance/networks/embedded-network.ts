import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CaServer, readCaDescription, silentLog, startCaServer } from '@medigraph/embedded-ca';
import {
  chaincodeId,
  connectionProfileOf,
  deployEmbedded,
  embeddedEndpoints,
  prepareAuthorities,
  prepareEmbedded,
} from '@medigraph/network';
import { sampleChaincodes, sampleDescription } from '@medigraph/network/testing';
import { connectionProfile } from '@medigraph/platform/ledger';
import { z } from 'zod';
import { type NetworkUnderTest } from './network-under-test.js';

const ledgerReady = z.object({ nodes: z.record(z.string(), z.string()) });

const serverFile = fileURLToPath(import.meta.resolve('@medigraph/embedded-ledger/server'));

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return `127.0.0.1:${address.port}`;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** The sample chaincodes as processes; the ledger connects to them when it first needs to. */
async function startChaincodes(): Promise<{ readonly addresses: string; readonly children: ChildProcess[] }> {
  const children: ChildProcess[] = [];
  const addresses: string[] = [];
  for (const [suite, { command, args, env }] of Object.entries(sampleChaincodes)) {
    const address = await freeAddress();
    addresses.push(`${suite}=${address}`);
    children.push(
      spawn(command, [...args], {
        env: {
          ...process.env,
          ...env,
          CHAINCODE_SERVER_ADDRESS: address,
          CHAINCODE_ID: await chaincodeId(suite),
        },
        stdio: 'ignore',
      }),
    );
  }
  return { addresses: addresses.join(','), children };
}

async function startLedger(env: Record<string, string>) {
  const child = fork(serverFile, [], {
    env: { ...process.env, ...env },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4_000)));
  const ready = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) =>
      reject(new Error(`the ledger ended with ${String(code ?? 'a signal')}: ${said}`)),
    );
  });
  return { child, ready: ledgerReady.parse(ready) };
}

async function startAuthorities(folder: string): Promise<CaServer> {
  const file = await prepareAuthorities(sampleDescription, path.join(folder, 'network'));
  if (file === undefined) throw new Error('the sample network has no authorities');
  const description = await readCaDescription(file);
  return startCaServer({ description, dataFolder: path.join(folder, 'ca'), log: silentLog });
}

/** The embedded ledger in a process of its own, and the embedded CA in this one. */
export async function startEmbeddedNetwork(folder: string): Promise<NetworkUnderTest> {
  const prepare = (addresses?: z.infer<typeof ledgerReady>) =>
    prepareEmbedded(sampleDescription, path.join(folder, 'network'), addresses);
  const chaincodes = await startChaincodes();
  const { ledgerFile, material } = await prepare();
  const env = {
    MEDIGRAPH_LEDGER_NETWORK: ledgerFile,
    MEDIGRAPH_LEDGER_DATA: path.join(folder, 'ledger'),
    MEDIGRAPH_LEDGER_CHAINCODES: chaincodes.addresses,
  };
  let ledger = await startLedger(env);
  const first = ledger.ready;
  const endpoints = await embeddedEndpoints(sampleDescription, material, first.nodes);
  await deployEmbedded(sampleDescription, material, endpoints);
  const authorities = await startAuthorities(folder);
  const profile = await connectionProfileOf(sampleDescription, material, endpoints, authorities.urls);
  return {
    profile: connectionProfile.parse(profile),
    material,
    async restart() {
      await end(ledger.child, 'SIGKILL');
      await prepare(first);
      ledger = await startLedger(env);
    },
    async stop() {
      await end(ledger.child, 'SIGTERM');
      await authorities.close();
      await Promise.all(chaincodes.children.map((child) => end(child, 'SIGTERM')));
    },
  };
}
