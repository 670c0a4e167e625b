import { prepareEmbedded } from '@medigraph/network';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readUser } from './testing/client.js';
import { RawClient } from './testing/raw-client.js';
import { testDescription, TestNetwork } from './testing/test-network.js';
import { validationCode } from './wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;
const server = fileURLToPath(new URL('server.js', import.meta.url));

describe('a ledger whose disk is full', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
    await network.stopLedger();
  });
  afterAll(() => network.close());

  test('answers nothing as VALID that it did not write, says why, and comes back with the rest', async () => {
    // No file of the process may grow beyond 1 MB: a write then fails as on a full disk.
    const script = 'ulimit -f 1024; exec "$@"';
    const child = spawn(
      'bash',
      [
        '-c',
        script,
        'bash',
        process.execPath,
        '--no-warnings',
        server,
        '--network',
        network.description,
      ].concat(
        ['--data', network.dataFolder],
        Object.entries(network.chaincodes).flatMap(([suite, address]) => [
          '--chaincode',
          `${suite}=${address}`,
        ]),
      ),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { peers, orderer } = JSON.parse(line.toString()) as {
      peers: Record<string, string>;
      orderer: string;
    };
    const msp = network.material(
      'organizations/peerOrganizations/alpha.example/users/User1@alpha.example/msp',
    );
    const client = new RawClient(await readUser('AlphaMSP', msp), peers['AlphaMSP'] ?? '', orderer);
    const value = 'x'.repeat(60_000);
    let valid = 0;
    let failure: unknown;
    while (failure === undefined && valid < 100) {
      await client.transact('main', 'sample', ['put', `full-${valid}`, value]).then(
        (code) => {
          expect(code).toBe(validationCode.VALID);
          valid += 1;
        },
        (error: unknown) => (failure = error),
      );
    }
    expect(valid).toBeGreaterThan(1);
    expect(failure).toMatchObject({ message: expect.stringContaining('could not be written') as string });
    // It refuses what comes then, and still reads.
    await expect(client.transact('main', 'sample', ['put', 'more', '1'])).rejects.toMatchObject({ code: 14 });
    const reading = await client.propose('main', 'sample', ['get', 'full-0']);
    expect(await client.evaluate(reading)).toBe(value);
    client.close();
    child.kill('SIGTERM');
    await once(child, 'exit');

    await network.startLedger();
    expect((await network.ledger.verify())[0]?.broken).toBeUndefined();
    const again = await network.raw();
    for (let index = 0; index < valid; index += 1)
      expect(await again.evaluate(await again.propose('main', 'sample', ['get', `full-${index}`]))).toBe(
        value,
      );
    expect(await again.transact('main', 'sample', ['put', 'more', '1'])).toBe(validationCode.VALID);
  });
});
