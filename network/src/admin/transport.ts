import * as grpc from '@grpc/grpc-js';
import { type PeerEndpoint } from '../connection-profile.js';

/** A TLS certificate that a client shows, and its key, as PEM. */
export interface ClientTls {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Plain text where the endpoint names no authority of its TLS certificate. */
export function channelCredentials(
  { tlsCaCertificate }: PeerEndpoint,
  tls: ClientTls | undefined,
): grpc.ChannelCredentials {
  if (tlsCaCertificate === undefined) return grpc.credentials.createInsecure();
  return grpc.credentials.createSsl(
    Buffer.from(tlsCaCertificate),
    tls === undefined ? null : Buffer.from(tls.privateKey),
    tls === undefined ? null : Buffer.from(tls.certificate),
  );
}

export const channelOptions = ({ serverNameOverride }: PeerEndpoint): grpc.ChannelOptions => ({
  // Packages and blocks are as large as a node allows.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  ...(serverNameOverride !== undefined && { 'grpc.ssl_target_name_override': serverNameOverride }),
});
