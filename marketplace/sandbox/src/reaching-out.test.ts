import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Contract } from '@hyperledger/fabric-gateway';
import { refusalOf } from './testing/refusal-of.js';
import { sampleBundle, SandboxNetwork } from './testing/sandbox-network.js';

describe('a DApp that reaches out', () => {
  let network: SandboxNetwork;
  let reach: Contract;
  let outside: Server;
  let heard = 0;

  beforeAll(async () => {
    outside = createServer((_, answer) => {
      heard += 1;
      answer.end();
    }).listen(0, '127.0.0.1');
    await once(outside, 'listening');
    network = await SandboxNetwork.start();
    reach = await network.deploy('reach', await sampleBundle('hostile/reach'), ['Reach']);
  });
  afterAll(async () => {
    await network.close();
    outside.close();
  });

  test.each([
    ['file', 'FORBIDDEN_MODULE'],
    ['socket', 'FORBIDDEN_GLOBAL'],
    ['timer', 'FORBIDDEN_GLOBAL'],
    ['exit', 'FORBIDDEN_GLOBAL'],
    ['abort', 'FORBIDDEN_GLOBAL'],
    ['signal', 'FORBIDDEN_GLOBAL'],
    ['binding', 'FORBIDDEN_GLOBAL'],
    ['builtin', 'FORBIDDEN_GLOBAL'],
    ['environment', 'FORBIDDEN_GLOBAL'],
    ['secret', 'FORBIDDEN_GLOBAL'],
  ])('%s is refused with %s, which its author reads', async (name, code) => {
    expect(await refusalOf(reach.evaluateTransaction(`Reach:${name}`))).toContain(code);
    expect(network.host.logs('reach').map(({ report }) => report?.code)).toContain(code);
  });

  test('the network is refused', async () => {
    const { port } = outside.address() as AddressInfo;
    expect(await refusalOf(reach.evaluateTransaction('Reach:fetch', `http://127.0.0.1:${port}/`))).toContain(
      'FORBIDDEN_GLOBAL',
    );
    expect(heard).toBe(0);
  });

  test.each(['importing', 'code', 'evaluated', 'otherRealm', 'otherRealmAsync', 'bufferRealm'])(
    '%s fails',
    async (name) => {
      expect(await refusalOf(reach.evaluateTransaction(`Reach:${name}`))).not.toBe('');
    },
  );

  test.each(['everyModule', 'globals', 'handles'])('%s finds nothing', async (name) => {
    expect(Buffer.from(await reach.evaluateTransaction(`Reach:${name}`)).toString()).toBe('');
  });

  test('stacks hold no functions', async () => {
    for (const name of ['stack', 'otherError'])
      expect(await refusalOf(reach.evaluateTransaction(`Reach:${name}`))).toMatch(
        /read only|not extensible|Cannot assign/,
      );
  });
});
