import { z } from 'zod';

/**
 * How to reach a network: what `network/` writes for the embedded one and what an operator writes for a real one.
 * `MEDIGRAPH_CONNECTION_PROFILE` names the file; relative paths in it are relative to it.
 */
export const connectionProfile = z.strictObject({
  organizations: z.record(
    z.string(),
    z.strictObject({
      /** Peers with the Gateway service, `host:port`. */
      peers: z
        .array(
          z.strictObject({
            address: z.string(),
            /** PEM of the CA of the peer's TLS certificate; absent for a plaintext loopback connection. */
            tlsCaCertificate: z.string().optional(),
            serverNameOverride: z.string().optional(),
          }),
        )
        .min(1),
      /** The identity with which the platform reads blocks and acts for the organisation. */
      client: z.strictObject({
        certificate: z.string(),
        privateKey: z.string(),
        /** What the platform shows peers that want a TLS certificate of their clients. */
        tls: z.strictObject({ certificate: z.string(), privateKey: z.string() }).optional(),
      }),
      /** Whom the organisation enrols beside its own people. */
      enrols: z.literal('patients').optional(),
      /** Certificate and key of the organisation's CA, with which its clients are enrolled where no authority is served. */
      ca: z.strictObject({ certificate: z.string(), privateKey: z.string() }).optional(),
    }),
  ),
  channels: z.record(
    z.string(),
    z.strictObject({
      organizations: z.array(z.string()).min(1),
      /** Contract suite to chaincode name on this channel. */
      suites: z.record(z.string(), z.string()),
      /** For a claims channel: the organisation of the insurer it belongs to. */
      insurer: z.string().optional(),
    }),
  ),
  /** Authorities that are served, by name; none where nobody is to be enrolled. */
  certificateAuthorities: z
    .record(
      z.string(),
      z.strictObject({
        /** The organisation whose members it makes. */
        mspId: z.string(),
        /** `https://host:port`, with Fabric CA's interface. */
        url: z.string(),
        /** PEM of the authority of the server's TLS certificate. */
        tlsCaCertificate: z.string().optional(),
        /** The identity that may register others, where the profile's reader is trusted with it. */
        registrar: z.strictObject({ name: z.string(), secret: z.string() }).optional(),
      }),
    )
    .optional(),
});
/** Organisations are keyed by MSP id, channels by name. */
export type ConnectionProfile = z.infer<typeof connectionProfile>;
