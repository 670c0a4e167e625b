/** A network of its own for the tests of DApps: it has them as everywhere, and is gone after the tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { networkVariable } from '@medigraph/dapp/integration';
import { DAppFolder, packDApp } from '@medigraph/dapp-cli';
import { encodeCursor } from '@medigraph/platform/projection';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { CommandError } from '../../errors.js';
import { type Medigraph, startMedigraph } from '../../start.js';
import { type As, openHome } from '../development/home.js';
import { install, institutions, registerInstitutions } from '../development/people.js';
import { publishHere } from '../development/publication.js';
import { PeopleService } from './people-service.js';

/** @see IntegrationNetwork.start */
export interface IntegrationOptions {
  /** Of the DApps. */
  readonly folders: readonly string[];
  readonly signal: AbortSignal;
  readonly onPhase: (what: string) => void;
  readonly onNotice: (message: string) => void;
}

/** A running network with DApps on it. */
export class IntegrationNetwork {
  readonly #data: string;
  readonly #medigraph: Medigraph;
  readonly #people: PeopleService;
  /** What tests are told where it is with. */
  readonly environment: Readonly<Record<string, string>>;

  private constructor(data: string, medigraph: Medigraph, people: PeopleService, channel: string) {
    this.#data = data;
    this.#medigraph = medigraph;
    this.#people = people;
    const begin = encodeCursor(new Map([[channel, { channel, block: 0, transaction: -1, index: -1 }]]));
    const { url: service, secret } = people;
    this.environment = {
      [networkVariable]: JSON.stringify({ graph: medigraph.url, service, secret, begin }),
    };
  }

  /**
   * Starts a platform, and has the DApps published, reviewed, approved, run, and installed by an institution of every organisation.
   * @throws `BUILD_FAILED`, `MANIFEST_INVALID`, `RELEASE_REFUSED` with what is wrong.
   */
  static async start(options: IntegrationOptions): Promise<IntegrationNetwork> {
    const data = await mkdtemp(path.join(tmpdir(), 'medigraph-dapp-test-'));
    try {
      // Whatever cannot be packed is told before anything starts.
      const packed = await Promise.all(
        options.folders.map((folder) => packDApp(new DAppFolder(folder).path)),
      );
      const medigraph = await startMedigraph({ ...options, data, port: 0, reset: false });
      try {
        const home = await openHome(data);
        const { as, token } = home;
        await registerInstitutions(as);
        for (const each of packed) {
          options.onPhase(`Publishing ${each.manifest.id} ${each.manifest.version}`);
          await publishHere(home, each);
          await installEverywhere(as, each.manifest);
        }
        const dapps = packed.map(({ manifest }) => manifest);
        const people = await PeopleService.listen({ as, token, dapps });
        return new IntegrationNetwork(data, medigraph, people, dapps[0]?.channel ?? 'care');
      } catch (error) {
        await medigraph.stop();
        throw error;
      }
    } catch (error) {
      // Of what did not come to an end, the logs say why: the error names them.
      const isStalled = error instanceof CommandError && error.code === 'DEVELOPMENT_STALLED';
      if (!isStalled) await rm(data, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#people.close();
    await this.#medigraph.stop();
    await rm(this.#data, { recursive: true, force: true });
  }
}

async function installEverywhere(as: As, manifest: DAppManifest): Promise<void> {
  for (const institution of Object.keys(institutions)) await install(as, manifest, { institution });
}
