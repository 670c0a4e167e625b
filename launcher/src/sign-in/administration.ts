import { administrationSecretOf } from '@medigraph/embedded-identity/administration';
import { loadConfiguration } from '@medigraph/platform/config';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { requireRunning } from '../run-file.js';

const refused = z.object({ code: z.string(), message: z.string() });

/** @throws `KEY_FILE_UNREADABLE`. */
async function keyIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CommandError('KEY_FILE_UNREADABLE', `${file} cannot be read`, { cause: error });
  }
}

/**
 * The administration of the embedded provider, opened with the master key of the data folder; in the provider's own
 * container with the key that the provider has there.
 */
export class Administration {
  readonly #issuer: string;
  readonly #secret: string;

  private constructor(issuer: string, secret: string) {
    this.#issuer = issuer;
    this.#secret = secret;
  }

  /** @throws `NOT_RUNNING`. */
  static async open(folder: string): Promise<Administration> {
    const own = process.env['MEDIGRAPH_IDENTITY_KEY_FILE'];
    if (own) {
      const port = process.env['MEDIGRAPH_IDENTITY_PORT'] ?? '';
      return new Administration(`http://127.0.0.1:${port}`, administrationSecretOf(await keyIn(own)));
    }
    const data = new DataFolder(folder);
    const { issuer } = await requireRunning(data.path);
    const { openSealedStore, providerKeyOf } = await import('../platform/identity.js');
    const configuration = loadConfiguration({ ...process.env, MEDIGRAPH_DATA: data.path });
    const key = providerKeyOf(await openSealedStore(configuration));
    return new Administration(issuer, administrationSecretOf(key));
  }

  /** @throws {@link CommandError} with the code with which the provider refuses. */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#issuer}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch((error: unknown) => {
      throw new CommandError('SIGN_IN_UNAVAILABLE', `${this.#issuer} does not answer`, { cause: error });
    });
    const told = (await answer.json()) as Record<string, unknown>;
    if (answer.ok) return told;
    const { code, message } = refused.parse(told);
    throw new CommandError(code, message);
  }
}
