import { prepareEmbedded } from '@medigraph/network';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { Block } from '../wire/common.js';

const base = '/participation/v1/channels';
const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('the channel participation API', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await TestNetwork.start({ prepare });
  });
  afterAll(() => network.close());

  /** What `osnadmin` does: HTTP over mutual TLS. */
  async function call(
    method: string,
    resource = '',
    { contentType = '', body = Buffer.alloc(0), anonymous = false } = {},
  ): Promise<Answer> {
    const domain = 'organizations/ordererOrganizations/orderer.example';
    const tls = network.material(domain, 'users', 'Admin@orderer.example', 'tls');
    const [ca, cert, key] = await Promise.all([
      readFile(network.material(domain, 'msp', 'tlscacerts', 'tlsca.pem')),
      readFile(`${tls}/client.crt`),
      readFile(`${tls}/client.key`),
    ]);
    const [host = '', port = ''] = (network.ledger.admin ?? '').split(':');
    const outgoing = request({
      host,
      port,
      method,
      path: `${base}${resource}`,
      headers: contentType === '' ? {} : { 'content-type': contentType },
      ca,
      agent: false,
      ...(anonymous ? {} : { cert, key }),
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body: await buffer(incoming),
    };
  }

  const json = ({ body }: Answer): unknown => JSON.parse(body.toString());

  async function join(block: Uint8Array, part = 'config-block'): Promise<Answer> {
    const form = new FormData();
    form.set(part, new Blob([Buffer.from(block)]), 'config.block');
    const encoded = new Response(form);
    return call('POST', '', {
      contentType: encoded.headers.get('content-type') ?? '',
      body: Buffer.from(await encoded.arrayBuffer()),
    });
  }

  const firstBlock = async (channel: string) => (await call('GET', `/${channel}/blocks/oldest`)).body;

  test('lists the channels that are ordered, and tells of each', async () => {
    expect(json(await call('GET'))).toEqual({
      systemChannel: null,
      channels: ['main', 'narrow'].map((name) => ({ name, url: `${base}/${name}` })),
    });
    expect(json(await call('GET', '/narrow'))).toEqual({
      name: 'narrow',
      url: `${base}/narrow`,
      consensusRelation: 'consenter',
      status: 'active',
      height: network.ledger.heights()['narrow'],
    });
    expect(await call('GET', '/nowhere')).toMatchObject({ status: 404 });
  });

  test('is for those alone who show a certificate of its TLS authority', async () => {
    await expect(call('GET', '', { anonymous: true })).rejects.toThrow(/alert|ECONNRESET|socket/);
  });

  test('gives blocks by number and by name, and refuses what is neither', async () => {
    const height = network.ledger.heights()['main'] ?? 0;
    const number = ({ body }: Answer) => Block.decode(body).header?.number;
    expect(number(await call('GET', '/main/blocks/newest'))).toBe(height - 1);
    expect(number(await call('GET', '/main/blocks/config'))).toBe(0);
    expect(number(await call('GET', '/main/blocks/1'))).toBe(1);
    expect((await call('GET', `/main/blocks/${height}`)).status).toBe(404);
    expect((await call('GET', '/nowhere/blocks/0')).status).toBe(404);
    const wrong = await call('GET', '/main/blocks/first');
    expect([wrong.status, json(wrong)]).toEqual([
      400,
      { error: "'first' not equal <newest|oldest|config|(number)>" },
    ]);
  });

  test('refuses methods and forms that it does not know', async () => {
    const put = await call('PUT');
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, POST']);
    expect((await call('GET', '/a/b/c')).status).toBe(404);
    const plain = await call('POST', '', { contentType: 'text/plain', body: Buffer.from('x') });
    expect([plain.status, json(plain)]).toEqual([400, { error: 'unsupported Content-Type: [text/plain]' }]);
    const other = await join(await firstBlock('narrow'), 'block');
    expect([other.status, json(other)]).toEqual([
      400,
      { error: 'form does not contains part key: config-block' },
    ]);
    expect((await join(Buffer.from('rubbish'))).status).toBe(400);
    const large = await join(Buffer.alloc(2 * 1024 * 1024));
    expect([large.status, json(large)]).toEqual([
      400,
      { error: 'cannot read form from request body: http: request body too large' },
    ]);
  });

  test('joins a channel once', async () => {
    const again = await join(await firstBlock('narrow'));
    expect([again.status, json(again)]).toEqual([405, { error: 'cannot join: channel already exists' }]);
  });

  test('leaves a channel, of which it is so after a restart too, and joins it again where it was', async () => {
    const block = await firstBlock('narrow');
    expect((await call('DELETE', '/nowhere')).status).toBe(404);
    expect((await call('DELETE', '/narrow')).status).toBe(204);
    const client = await network.raw();
    const proposal = await client.propose('narrow', 'sample', ['put', 'unordered', '1']);
    const envelope = await client.signEnvelope(await client.endorse(proposal));
    expect(await client.broadcast(envelope)).toEqual({ status: 400, info: 'channel does not exist' });

    await network.stopLedger();
    await network.reopenLedger();
    expect((await call('GET', '/narrow')).status).toBe(404);
    expect(network.ledger.heights()['narrow']).toBeGreaterThan(1);

    const joined = await join(block);
    expect([joined.status, joined.headers.location]).toEqual([201, `${base}/narrow`]);
    expect(json(joined)).toMatchObject({ height: network.ledger.heights()['narrow'] });
    const reconnected = await network.raw();
    expect(await reconnected.transact('narrow', 'sample', ['put', 'ordered', '1'])).toBe(0);
  });
});
