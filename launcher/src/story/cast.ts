import { GraphClient, GraphRefusal } from '../graph-client.js';
import { institutionExists, registerInstitution } from './operations.js';

export const institutions = [
  { id: 'hospital-a', name: 'Hospital A', kind: 'HOSPITAL' },
  { id: 'insurer-a', name: 'Insurer A', kind: 'INSURER' },
  { id: 'insurer-b', name: 'Insurer B', kind: 'INSURER' },
] as const;

/** Who plays: a client of the graph for each role, made when it is first needed. */
export class Cast {
  readonly #url: string;
  readonly #tokenFor: (role: string) => Promise<string>;
  readonly #clients = new Map<string, GraphClient>();

  constructor(url: string, tokenFor: (role: string) => Promise<string>) {
    this.#url = url;
    this.#tokenFor = tokenFor;
  }

  async as(role: string): Promise<GraphClient> {
    const known = this.#clients.get(role);
    if (known) return known;
    const client = await this.another(role);
    this.#clients.set(role, client);
    return client;
  }

  /** A client of its own, such as one that will be cut off. */
  async another(role: string): Promise<GraphClient> {
    return new GraphClient(this.#url, await this.#tokenFor(role));
  }

  /** Registers the institutions of the story, unless a population brought them. */
  async registerInstitutions(): Promise<void> {
    for (const institution of institutions) {
      const operator = await this.as(`operator:${institution.id}`);
      const { institution: found } = await operator.request<{ institution: object | null }>(
        institutionExists,
        {
          id: institution.id,
        },
      );
      if (found) continue;
      await operator.request(registerInstitution, { input: institution }).catch((error: unknown) => {
        if (!(error instanceof GraphRefusal && error.code === 'INSTITUTION_EXISTS')) throw error;
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}
