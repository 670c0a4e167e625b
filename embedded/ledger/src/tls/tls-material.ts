import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigurationError, reasonOf } from '../errors.js';
import { type TlsSettings } from '../network.js';

/** What a node needs to speak TLS. */
export interface TlsMaterial {
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly clientAuthRequired: boolean;
  /** Whose certificates are accepted from clients. */
  readonly clientRoots: readonly Buffer[];
}

/**
 * Reads a node's TLS files.
 * @param known - TLS authorities of the organisations that the node serves: their certificates are accepted from clients.
 * @throws {@link ConfigurationError} naming the file, or that key and certificate do not belong together.
 */
export async function readTlsMaterial(
  settings: TlsSettings,
  known: readonly Buffer[] = [],
): Promise<TlsMaterial> {
  const [certificate, key] = await Promise.all([read(settings.certificate), read(settings.key)]);
  const files = [...settings.clientRootCertificates, ...settings.rootCertificates];
  const clientRoots = [...known, ...(await Promise.all(files.map(read)))];
  try {
    createSecureContext({ cert: certificate, key, ca: clientRoots });
  } catch (error) {
    throw new ConfigurationError(
      `cannot use the TLS certificate ${settings.certificate}: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }
  return { certificate, key, clientRoots, clientAuthRequired: settings.clientAuthRequired };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConfigurationError(`cannot read the TLS file ${file}: ${reasonOf(error)}`, { cause: error });
  }
}
