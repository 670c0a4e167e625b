import { status } from '@grpc/grpc-js';
import { prepareEmbedded } from '@medigraph/network';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Log } from '../log.js';
import { readLedgerNetwork } from '../network.js';
import { startLedger } from '../ledger.js';
import { tlsCertificate } from '../testing/certificates.js';
import { RawClient } from '../testing/raw-client.js';
import { plainText, tlsSecurity, type Security } from '../testing/security.js';
import { testDescription, testDomains, TestNetwork } from '../testing/test-network.js';
import { status as ledgerStatus } from '../wire/common.js';
import { validationCode } from '../wire/transaction.js';

const newest = { newest: {}, oldest: undefined, specified: undefined, nextCommit: undefined };
const seekNewest = { start: newest, stop: newest };

const authorities = (network: TestNetwork): Promise<Buffer[]> =>
  Promise.all([
    ...Object.values(testDomains).map((domain) =>
      readFile(network.material(`organizations/peerOrganizations/${domain}/msp/tlscacerts/tlsca.pem`)),
    ),
    readFile(network.material('organizations/ordererOrganizations/orderer.example/msp/tlscacerts/tlsca.pem')),
  ]);

async function memberSecurity(network: TestNetwork, mspId: string): Promise<Security> {
  const domain = testDomains[mspId] ?? '';
  const folder = network.material(`organizations/peerOrganizations/${domain}/users/User1@${domain}/tls`);
  const [certificate, key] = await Promise.all([
    readFile(path.join(folder, 'client.crt')),
    readFile(path.join(folder, 'client.key')),
  ]);
  return tlsSecurity(await authorities(network), { certificate, key });
}

describe.each(['mutual', true] as const)('a network with TLS: %s', (tls) => {
  let network: TestNetwork;
  const warnings: { event: string; details: Record<string, unknown> | undefined }[] = [];
  const log: Log = { info: () => undefined, warn: (event, details) => warnings.push({ event, details }) };

  beforeAll(async () => {
    network = await TestNetwork.start({
      changes: { tls },
      prepare: async (folder) => (await prepareEmbedded({ ...testDescription, tls }, folder)).ledgerFile,
      security: memberSecurity,
      ledger: { log },
    });
  });
  afterAll(() => network.close());

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  test('takes transactions, and delivers blocks and events', async () => {
    const client = await network.raw();
    expect(await client.transact('main', 'sample', ['put', 'tls', '1'])).toBe(validationCode.VALID);
    expect(await client.deliver('main', seekNewest)).toHaveLength(2);
    expect(await client.deliver('main', seekNewest, 'orderer')).toHaveLength(2);
    const { gateway } = await network.client('BetaMSP');
    const blocks = await gateway.getNetwork('main').getBlockEvents({ startBlock: 0n });
    const { value } = (await blocks[Symbol.asyncIterator]().next()) as { value: object };
    expect(value).toBeDefined();
    blocks.close();
  });

  test('does not understand plain text', async () => {
    const client = network.rawAt(
      network.ledger.peers['AlphaMSP'] ?? '',
      await network.user('AlphaMSP'),
      plainText,
    );
    const evaluating = client.evaluate(await client.propose('main', 'sample', ['get', 'tls']));
    expect(await failure(evaluating)).toMatchObject({ code: status.UNAVAILABLE });
    expect(warnings.at(-1)).toMatchObject({ event: 'tls-handshake-failed' });
  });

  test('is not believed by a client that does not know its authority', async () => {
    const security = tlsSecurity([(await tlsCertificate()).certificate]);
    const client = network.rawAt(
      network.ledger.peers['AlphaMSP'] ?? '',
      await network.user('AlphaMSP'),
      security,
    );
    const evaluating = client.evaluate(await client.propose('main', 'sample', ['get', 'tls']));
    expect(await failure(evaluating)).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(/self-signed certificate|unable to verify/) as string,
    });
  });

  test('asks clients for a certificate, and insists with mutual TLS', async () => {
    const roots = await authorities(network);
    for (const security of [tlsSecurity(roots), tlsSecurity(roots, await tlsCertificate())]) {
      const client = network.rawAt(
        network.ledger.peers['AlphaMSP'] ?? '',
        await network.user('AlphaMSP'),
        security,
      );
      const evaluating = client.evaluate(await client.propose('main', 'sample', ['get', 'tls']));
      if (tls === true) expect(await evaluating).toBe('1');
      else expect(await failure(evaluating)).toMatchObject({ code: status.UNAVAILABLE });
    }
  });

  test('binds requests for blocks to the connection, with mutual TLS', async () => {
    const client = await network.raw();
    for (const tlsCertHash of [Buffer.alloc(0), Buffer.alloc(32, 1)])
      for (const at of ['peer', 'filtered', 'orderer'] as const) {
        const answers = await client.deliver('main', seekNewest, at, { tlsCertHash });
        expect(answers.at(-1)?.status).toBe(tls === true ? ledgerStatus.success : ledgerStatus.badRequest);
      }
  });
});

describe('TLS material', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.prepare({
      changes: { tls: true },
      prepare: async (folder) =>
        (await prepareEmbedded({ ...testDescription, tls: true }, folder)).ledgerFile,
    });
  });
  afterAll(() => network.close());

  const tlsFolder = () =>
    network.material('organizations/peerOrganizations/alpha.example/peers/peer0.alpha.example/tls');
  const start = async () =>
    startLedger({
      network: await readLedgerNetwork(network.description),
      dataFolder: network.dataFolder,
      chaincodes: network.chaincodes,
    });

  test('that has expired is not believed', async () => {
    const tlsca = network.material('organizations/peerOrganizations/alpha.example/tlsca');
    const authority = {
      certificate: await readFile(path.join(tlsca, 'tlsca.alpha.example-cert.pem')),
      key: await readFile(path.join(tlsca, 'priv_sk')),
    };
    const expired = await tlsCertificate(authority, new Date(Date.now() - 1_000));
    await writeFile(path.join(tlsFolder(), 'server.crt'), expired.certificate);
    await writeFile(path.join(tlsFolder(), 'server.key'), expired.key);
    const ledger = await start();
    const security = tlsSecurity([authority.certificate]);
    const client = new RawClient(
      await network.user('AlphaMSP'),
      ledger.peers['AlphaMSP'] ?? '',
      ledger.orderer,
      security,
    );
    const evaluating = client.evaluate(await client.propose('main', 'sample', ['get', 'tls']));
    await expect(evaluating).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('certificate has expired') as string,
    });
    client.close();
    await ledger.close();
  });

  test('that does not belong together stops the start', async () => {
    const { key } = await tlsCertificate();
    const file = path.join(tlsFolder(), 'server.key');
    const right = await readFile(file);
    await writeFile(file, key);
    await expect(start()).rejects.toMatchObject({
      code: 'LEDGER_CONFIGURATION',
      message: expect.stringContaining('cannot use the TLS certificate') as string,
    });
    await writeFile(file, right);
    await writeFile(path.join(tlsFolder(), 'server.crt'), 'nothing');
    await expect(start()).rejects.toMatchObject({ code: 'LEDGER_CONFIGURATION' });
  });
});
