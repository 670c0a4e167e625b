import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PackedDApp } from '@medigraph/dapp-cli';
import { freeAddress } from '@medigraph/dapp-sandbox/testing';
import { embeddedAdministrators, readNetworkDescription } from '@medigraph/network';
import { deploy, PeerAdmin, packageService } from '@medigraph/network/admin';
import { type ConnectionProfile } from '@medigraph/platform/ledger';

const program = fileURLToPath(new URL('../sandbox/plain-process.js', import.meta.url));
const channel = 'care';

type Administrators = Awaited<ReturnType<typeof embeddedAdministrators>>;

/** The contracts of a DApp on a channel of the platform's network, brought there as Fabric has it: no review, no sandbox, no graph. */
export class LifecycleAlone {
  readonly #administrators: Administrators;
  readonly #bundle: string;
  readonly #children: ChildProcess[] = [];

  private constructor(administrators: Administrators, bundle: string) {
    this.#administrators = administrators;
    this.#bundle = bundle;
  }

  /** @param given - data folder of the platform; the DApp's folder, where its imports are found; what it was packed as */
  static async open(
    profile: ConnectionProfile,
    { data, folder, packed }: { readonly data: string; readonly folder: string; readonly packed: PackedDApp },
  ): Promise<LifecycleAlone> {
    const endpoints = Object.fromEntries(
      Object.entries(profile.organizations).map(([mspId, { peers }]) => [
        mspId,
        peers.map(({ address, tlsCaCertificate, serverNameOverride }) => ({
          address,
          ...(tlsCaCertificate !== undefined && { tlsCaCertificate }),
          ...(serverNameOverride !== undefined && { serverNameOverride }),
        })),
      ]),
    );
    const material = path.join(data, 'network', 'organizations');
    const administrators = await embeddedAdministrators(await readNetworkDescription(), material, endpoints);
    const bundle = path.join(folder, 'plain-contracts.cjs');
    await writeFile(bundle, packed.files.get(packed.manifest.contracts.entry) ?? '');
    const members = profile.channels[channel]?.organizations ?? [];
    return new LifecycleAlone(
      administrators.filter(({ mspId }) => members.includes(mspId)),
      bundle,
    );
  }

  /** Milliseconds from the start of the contracts' process to their first answer. */
  async bring(version: string): Promise<number> {
    const begin = performance.now();
    const address = await freeAddress();
    const made = await packageService(`plain_${version}`, address);
    const child = fork(program, [this.#bundle], {
      env: { ...process.env, CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: made.id },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#children.push(child);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`The contracts' process ended with ${String(code)}.`);
      }),
    ]);
    await Promise.all(
      this.#administrators.map(({ connection }) => new PeerAdmin(connection).install(made.content)),
    );
    const chaincode = `plain-${version.replaceAll('.', '-')}`;
    const first = [...new Map(this.#administrators.map((each) => [each.mspId, each])).values()];
    const endorsementPolicy = `OR(${first.map(({ mspId }) => `'${mspId}.peer'`).join(', ')})`;
    await deploy({ channel, chaincode, endorsementPolicy, package: made }, first);
    const contract = first[0]?.connection.gateway.getNetwork(channel).getContract(chaincode);
    await contract?.evaluateTransaction('org.hyperledger.fabric:GetMetadata');
    return performance.now() - begin;
  }

  async close(): Promise<void> {
    for (const { connection } of this.#administrators) connection.close();
    await Promise.all(
      this.#children.map(async (child) => {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      }),
    );
  }
}
