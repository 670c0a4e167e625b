import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js';
import { type Consortium } from '../consortium.js';
import { group, scenario } from '../scenario.js';

/** Milliseconds until a connection that does not come about counts as refused. */
const patience = 2_000;

/** Whether a client that connects like this gets through to the hospital's peer. */
async function reaches(
  { profile }: Consortium,
  security: (authority: Buffer) => ChannelCredentials,
): Promise<string> {
  const [peer] = profile.organizations['HospitalAMSP']?.peers ?? [];
  const client = new Client(peer?.address ?? '', security(Buffer.from(peer?.tlsCaCertificate ?? '')), {
    ...(peer?.serverNameOverride !== undefined && {
      'grpc.ssl_target_name_override': peer.serverNameOverride,
    }),
  });
  try {
    return await new Promise((resolve) => {
      client.waitForReady(Date.now() + patience, (error) => resolve(error ? 'refused' : 'connected'));
    });
  } finally {
    client.close();
  }
}

const authorityOf = ({ profile }: Consortium, mspId: string): Buffer =>
  Buffer.from(profile.organizations[mspId]?.peers[0]?.tlsCaCertificate ?? '');

export const tls = group('tls', [
  scenario(
    'who trusts the authority of the peer gets through',
    (consortium) => reaches(consortium, (authority) => credentials.createSsl(authority)),
    'connected',
  ),
  scenario(
    'plain text does not get through',
    (consortium) => reaches(consortium, () => credentials.createInsecure()),
    'refused',
  ),
  scenario(
    'who trusts the authority of another organisation alone does not get through',
    (consortium) => reaches(consortium, () => credentials.createSsl(authorityOf(consortium, 'InsurerAMSP'))),
    'refused',
  ),
  scenario(
    'a client may show a certificate, whoever issued it',
    async (consortium) => {
      const { certificate, key } = await consortium.insurerA.issue({ foreign: true });
      return reaches(consortium, (authority) =>
        credentials.createSsl(
          authority,
          Buffer.from(key.export({ format: 'pem', type: 'pkcs8' })),
          Buffer.from(certificate),
        ),
      );
    },
    'connected',
  ),
]);
