import { ExtendedKeyUsage, KeyUsageFlags } from '@peculiar/x509';

/** What certificates are for. */
export interface Profile {
  readonly keyUsage: KeyUsageFlags;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  /** Milliseconds. */
  readonly lifetime: number;
}

const hour = 3_600_000;

/** Without a name: identities. There is none for authorities: the tree ends with those that are served. */
export const profiles: ReadonlyMap<string, Profile> = new Map<string, Profile>([
  ['', { keyUsage: KeyUsageFlags.digitalSignature, extendedKeyUsage: [], lifetime: 8760 * hour }],
  [
    'tls',
    {
      keyUsage: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyAgreement,
      extendedKeyUsage: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
      lifetime: 8760 * hour,
    },
  ],
]);
