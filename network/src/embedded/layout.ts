import path from 'node:path';

// Where things are in the folder of an embedded network, relative to it.

/** What `generateMaterial` makes. */
export const materialFolder = 'organizations';

/** First block of a channel. */
export const genesisFile = (channel: string): string => path.join('channel-artifacts', `${channel}.block`);

/** What the embedded ledger reads. */
export const ledgerFile = 'embedded-ledger.json';

export const organizationFolder = (kind: 'peer' | 'orderer', domain: string): string =>
  path.join(materialFolder, `${kind}Organizations`, domain);
