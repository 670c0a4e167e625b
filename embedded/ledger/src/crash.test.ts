import { prepareEmbedded } from '@medigraph/network';
import { readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { ConfigurationError, LedgerCorruptError, readLedgerNetwork, startLedger } from './index.js';
import { ReadyProcess } from './testing/processes.js';
import { testDescription, TestNetwork } from './testing/test-network.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

interface Ready {
  peers: Record<string, string>;
}

describe('a ledger that is killed', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    await network.stopLedger();
  });
  afterAll(() => network.close());

  const serve = () =>
    ReadyProcess.start<Ready>('server.js', [
      ...['--network', network.description, '--data', network.dataFolder],
      ...Object.entries(network.chaincodes).flatMap(([suite, address]) => [
        '--chaincode',
        `${suite}=${address}`,
      ]),
    ]);
  const user = () =>
    network.material('organizations/peerOrganizations/alpha.example/users/User1@alpha.example/msp');

  test('has everything that was answered VALID, and a whole chain, each time it comes back', async () => {
    const valid: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const server = await serve();
      const address = server.ready.peers['AlphaMSP'] ?? '';
      const writer = await ReadyProcess.start('testing/crash-writer.js', [address, user(), `round-${round}`]);
      // At a point of its own each round: after this many answers, in the middle of whatever is going on.
      const enough = 5 + Math.floor(Math.random() * 60);
      await new Promise<void>((resolve, reject) => {
        let seen = 0;
        writer.child.on('message', (message: { key: string }) => {
          valid.push(message.key);
          seen += 1;
          if (seen === enough) resolve();
        });
        writer.child.once('exit', () => reject(new Error('the writer stopped too early')));
      });
      await server.kill('SIGKILL');
      await writer.kill('SIGKILL');
    }

    await network.startLedger();
    expect(await network.ledger.verify()).toEqual([
      { channel: 'main', blocks: network.ledger.heights()['main'] },
      { channel: 'narrow', blocks: network.ledger.heights()['narrow'] },
    ]);
    const contract = (await network.client()).gateway.getNetwork('main').getContract('sample');
    expect(valid.length).toBeGreaterThanOrEqual(30);
    for (const key of valid)
      expect(Buffer.from(await contract.evaluateTransaction('get', key)).toString()).toBe(key);
    await network.stopLedger();
  });

  test('says so when the end of its data is lost', async () => {
    const store = path.join(network.dataFolder, 'main', 'store');
    // LevelDB writes what is new to its log: without it, blocks that were committed are gone.
    await network.startLedger();
    const contract = (await network.client()).gateway.getNetwork('main').getContract('sample');
    await contract.submitTransaction('put', 'last', '1');
    await network.stopLedger();
    const [log = ''] = (await readdir(store)).filter((name) => name.endsWith('.log'));
    const { size } = await stat(path.join(store, log));
    expect(size).toBeGreaterThan(0);
    await truncate(path.join(store, log), Math.floor(size / 2));
    await expect(network.startLedger()).rejects.toThrow(LedgerCorruptError);
    await expect(network.startLedger()).rejects.toThrow(/its end is lost or damaged/);
  });

  test('refuses a ledger of another network', async () => {
    const other = await TestNetwork.prepare({ prepare });
    try {
      await other.startLedger();
      await other.stopLedger();
      const description = await prepareEmbedded(testDescription, path.join(other.folder, 'second'));
      const starting = startLedger({
        network: await readLedgerNetwork(description.ledgerFile),
        dataFolder: other.dataFolder,
        chaincodes: other.chaincodes,
      });
      await expect(starting).rejects.toThrow(ConfigurationError);
    } finally {
      await other.close();
    }
  });

  test('is not served by two processes at a time', async () => {
    const other = await TestNetwork.start({ prepare });
    try {
      const second = startLedger({
        network: await readLedgerNetwork(other.description),
        dataFolder: other.dataFolder,
        chaincodes: other.chaincodes,
      });
      await expect(second).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    } finally {
      await other.close();
    }
  });
});
