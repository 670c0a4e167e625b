import { generateMaterial, type NetworkDescription, prepareAuthorities } from '@medigraph/network';
import { sampleDescription } from '@medigraph/network/testing';
import { type CaEndpoint, CaClient, type CaIdentity } from '@medigraph/platform/ca';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CaServer, startCaServer } from '../ca-server.js';
import { readCaDescription } from '../description.js';
import { silentLog } from '../log.js';

const description: NetworkDescription = {
  ...sampleDescription,
  certificateAuthorities: { tls: true, affiliations: ['ward.day', 'office'] },
};

/** The hospital's authorities, served in this process from a folder that is removed at the end. */
export class TestAuthorities {
  readonly folder: string;
  #server: CaServer;

  private constructor(folder: string, server: CaServer) {
    this.folder = folder;
    this.#server = server;
  }

  static async start(): Promise<TestAuthorities> {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ca-'));
    await generateMaterial(description, path.join(folder, 'organizations'));
    return new TestAuthorities(folder, await TestAuthorities.#serve(folder));
  }

  static async #serve(folder: string): Promise<CaServer> {
    const file = await prepareAuthorities(description, folder);
    return startCaServer({
      description: await readCaDescription(file ?? ''),
      dataFolder: path.join(folder, 'data'),
      log: silentLog,
    });
  }

  /** In the organisation's material. */
  read(...parts: readonly string[]): Promise<string> {
    return readFile(
      path.join(this.folder, 'organizations/peerOrganizations/hospital-a.example', ...parts),
      'utf8',
    );
  }

  async endpoint(name = 'ca.hospital-a.example'): Promise<CaEndpoint> {
    const url = this.#server.urls['HospitalAMSP'] ?? '';
    return { url, name, tlsCaCertificate: await this.read('ca/tls/ca.crt') };
  }

  async client(name?: string): Promise<CaClient> {
    return new CaClient(await this.endpoint(name));
  }

  async registrar(): Promise<CaIdentity> {
    return (await this.client()).enroll('admin', await this.read('ca/registrar.secret'));
  }

  /** Closes the data and opens it again. */
  async restart(): Promise<void> {
    await this.#server.close();
    this.#server = await TestAuthorities.#serve(this.folder);
  }

  async stop(): Promise<void> {
    await this.#server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
