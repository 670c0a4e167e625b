import { ServerCredentials } from '@grpc/grpc-js';
import { silentLog } from '../log.js';
import { type ServiceAddress } from '../packages/service-address.js';
import { tlsCertificate, type PemPair } from '../testing/certificates.js';
import { freeAddress } from '../testing/processes.js';
import { RawChaincode } from '../testing/raw-chaincode.js';
import { ChaincodeConnection } from './chaincode-connection.js';

const id = 'sample:1.0';

describe('a chaincode that speaks TLS', () => {
  let address: string;
  let server: PemPair;
  let client: PemPair;
  let chaincode: RawChaincode;
  const connections: ChaincodeConnection[] = [];

  beforeAll(async () => {
    address = await freeAddress();
    [server, client] = await Promise.all([tlsCertificate(), tlsCertificate()]);
    const security = ServerCredentials.createSsl(
      client.certificate,
      [{ private_key: server.key, cert_chain: server.certificate }],
      true,
    );
    chaincode = await RawChaincode.start(address, id, security);
  });
  afterEach(() => connections.splice(0).forEach((connection) => connection.close()));
  afterAll(() => chaincode.close());

  const connect = (tls?: ServiceAddress['tls']) => {
    const connection = new ChaincodeConnection({
      service: { address, dialTimeoutMs: 2_000, ...(tls && { tls }) },
      mspId: 'AlphaMSP',
      chaincodeId: id,
      executeTimeoutMs: 1_000,
      startTimeoutMs: 2_000,
      log: silentLog,
    });
    connections.push(connection);
    return connection.launch();
  };
  const pair = ({ certificate, key }: PemPair) => ({
    certificate: certificate.toString(),
    privateKey: key.toString(),
  });
  const rootCertificate = () => server.certificate.toString();

  test('is reached by a peer that it knows', async () => {
    await expect(
      connect({ rootCertificate: rootCertificate(), client: pair(client) }),
    ).resolves.toBeUndefined();
  });

  test('refuses a peer without a certificate, with a stranger’s, or in plain text', async () => {
    const stranger = pair(await tlsCertificate());
    for (const tls of [
      { rootCertificate: rootCertificate() },
      { rootCertificate: rootCertificate(), client: stranger },
      undefined,
    ])
      await expect(connect(tls)).rejects.toThrow(
        `could not launch chaincode ${id}: connection to ${id} failed`,
      );
  });

  test('is not believed if another authority vouches for it', async () => {
    const other = await tlsCertificate();
    const launching = connect({ rootCertificate: other.certificate.toString(), client: pair(client) });
    await expect(launching).rejects.toThrow(/self-signed certificate|unable to verify/);
  });
});
