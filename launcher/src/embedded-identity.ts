import { administrationSecretOf } from '@medigraph/embedded-identity/administration';
import { type Configuration } from '@medigraph/platform/config';
import { z } from 'zod';
import { type PartOptions } from './child-part.js';
import { entryOf } from './contract-suites.js';
import { type DataFolder } from './data-folder.js';
import { type LogFiles } from './log-files.js';
import { openSealedStore, providerKeyOf } from './platform/identity.js';
import { type PartKeeper } from './supervisor.js';

export const identityPart = 'identity';

const providerReady = z.object({ issuer: z.string(), port: z.int() });

/** The provider as others of the platform know it. */
export interface EmbeddedIdentity {
  readonly issuer: string;
  /** Bearer secret of its administration. */
  readonly secret: string;
}

/**
 * Starts the embedded identity provider.
 * @param port - 0 takes a free one
 */
export async function startEmbeddedIdentity(
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
  configuration: Configuration,
  port: number,
): Promise<EmbeddedIdentity> {
  const key = providerKeyOf(await openSealedStore(configuration));
  const part = (wanted: number): PartOptions => ({
    name: identityPart,
    entry: entryOf('@medigraph/embedded-identity/server'),
    env: {
      MEDIGRAPH_IDENTITY_DATA: data.identity,
      MEDIGRAPH_IDENTITY_PORT: String(wanted),
      MEDIGRAPH_IDENTITY_KEY: key,
      MEDIGRAPH_TOKEN_AUDIENCE: configuration.tokenAudience,
    },
    onLog: logs.writer(identityPart),
  });
  const ready = await supervisor.start(part(port), (first) => part(providerReady.parse(first).port));
  return { issuer: providerReady.parse(ready).issuer, secret: administrationSecretOf(key) };
}
