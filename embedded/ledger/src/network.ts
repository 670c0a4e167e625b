import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConfigurationError, reasonOf } from './errors.js';

const tls = z.strictObject({
  /** What the node shows who connects: certificate (and intermediates) and key, PEM files. */
  certificate: z.string(),
  key: z.string(),
  /** Authorities of the node's own certificate, PEM files: whom its clients should trust. */
  rootCertificates: z.array(z.string()).default([]),
  /** Mutual TLS: who connects must show a certificate of an authority known here. */
  clientAuthRequired: z.boolean().default(false),
  /** Authorities of clients, PEM files, besides the TLS authorities of the organisations themselves. */
  clientRootCertificates: z.array(z.string()).default([]),
});
export type TlsSettings = z.infer<typeof tls>;

const node = z.strictObject({
  /** Local MSP folder of the node: `signcerts`, `keystore`. */
  msp: z.string(),
  /** Address to serve on; port 0 takes a free one. */
  address: z.string().default('127.0.0.1:0'),
  /** `host:port` that others are told: in discovery and the details of errors. Absent: the one that it serves on. */
  advertised: z
    .string()
    .regex(/^.+:\d+$/, 'is no host:port')
    .optional(),
  /** Absent: plain text. */
  tls: tls.optional(),
});
export type NodeSettings = z.infer<typeof node>;

const admin = z.strictObject({
  /** Address of the channel participation API; port 0 takes a free one. */
  address: z.string().default('127.0.0.1:0'),
  /** Absent: plain text. */
  tls: tls.optional(),
});

/** By host name, such as `peer0.hospital-a.example`; the first is whom an organisation's clients ask first. */
const nodes = z
  .record(z.string(), node)
  .refine((named) => Object.keys(named).length > 0, 'names no node at all');

/** The embedded network: its organisations, orderer and channels. Relative paths are relative to the file. */
export const ledgerNetwork = z.strictObject({
  organizations: z.record(z.string(), z.strictObject({ msp: z.string(), peers: nodes })),
  orderer: z.strictObject({
    mspId: z.string(),
    msp: z.string(),
    nodes,
    /** Where the orderers are administered; absent: nowhere. */
    admin: admin.optional(),
    /** Time that a block waits to fill, where the channel allows more; 0 cuts as soon as the block before is written. */
    mostBatchTimeoutMs: z.number().nonnegative().optional(),
  }),
  channels: z.record(
    z.string().regex(/^[a-z][a-z0-9.-]*$/),
    z.strictObject({
      organizations: z.array(z.string()).min(1),
      /** First block of the channel: a `common.Block` with its configuration. */
      genesis: z.string(),
    }),
  ),
});
export type LedgerNetwork = z.infer<typeof ledgerNetwork>;

/** @throws {@link ConfigurationError} saying what is wrong where. */
export async function readLedgerNetwork(file: string): Promise<LedgerNetwork> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ConfigurationError(`cannot read the network description ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const parsed = ledgerNetwork.safeParse(content);
  if (!parsed.success)
    throw new ConfigurationError(
      `the network description ${file} is wrong: ${z.prettifyError(parsed.error)}`,
    );
  const base = path.dirname(path.resolve(file));
  const absolute = (relative: string) => path.resolve(base, relative);
  const { organizations, orderer, channels } = parsed.data;
  const known = new Set(Object.keys(organizations));
  for (const [name, channel] of Object.entries(channels))
    for (const mspId of channel.organizations)
      if (!known.has(mspId))
        throw new ConfigurationError(`channel ${name} names the unknown organisation ${mspId}`);
  const located = (named: Record<string, NodeSettings>) =>
    Object.fromEntries(Object.entries(named).map(([name, settings]) => [name, locate(settings, absolute)]));
  return {
    organizations: Object.fromEntries(
      Object.entries(organizations).map(([mspId, organization]) => [
        mspId,
        {
          msp: absolute(organization.msp),
          peers: located(organization.peers),
        },
      ]),
    ),
    orderer: {
      ...orderer,
      msp: absolute(orderer.msp),
      nodes: located(orderer.nodes),
      ...(orderer.admin && { admin: { ...orderer.admin, ...locateTls(orderer.admin.tls, absolute) } }),
    },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => [
        name,
        { ...channel, genesis: absolute(channel.genesis) },
      ]),
    ),
  };
}

function locate({ tls: settings, ...rest }: NodeSettings, absolute: (file: string) => string): NodeSettings {
  return { ...rest, msp: absolute(rest.msp), ...locateTls(settings, absolute) };
}

function locateTls(
  settings: TlsSettings | undefined,
  absolute: (file: string) => string,
): { readonly tls?: TlsSettings } {
  return {
    ...(settings !== undefined && {
      tls: {
        ...settings,
        certificate: absolute(settings.certificate),
        key: absolute(settings.key),
        rootCertificates: settings.rootCertificates.map(absolute),
        clientRootCertificates: settings.clientRootCertificates.map(absolute),
      },
    }),
  };
}
