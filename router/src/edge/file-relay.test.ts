/** What the subgraph that keeps files is told of who asks. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  assertedPage,
  assertionHeader,
  assertionKeys,
  AssertionSigner,
  AssertionVerifier,
} from '@medigraph/platform/identity';
import { Authenticator } from '../authentication.js';
import { TestTokens } from '../testing/test-tokens.js';
import { filePaths, FileRelay } from './file-relay.js';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the relay of files, with a key', () => {
  const received: IncomingMessage[] = [];
  const keeper = createServer((request, response) => {
    received.push(request);
    if (request.url === '/files/small' && Number(request.headers['content-length']) > 1_000)
      response.writeHead(413, { connection: 'close' }).end('too large');
    else request.resume().once('end', () => response.end('kept'));
  });
  let edge: Server;
  let at: string;
  let tokens: TestTokens;
  let signer: AssertionSigner;
  let relay: FileRelay;

  beforeAll(async () => {
    tokens = await TestTokens.create();
    signer = await AssertionSigner.create(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    relay = new FileRelay({
      authenticator: new Authenticator(tokens),
      subgraph: 'records',
      paths: filePaths,
      url: `${await listening(keeper)}/graphql`,
      stallMs: 5_000,
      assertions: signer,
    });
    edge = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://router');
      relay.serve(request, response, url, 'request-1').catch((error: unknown) => {
        request.resume();
        response.writeHead(500).end(String(error));
      });
    });
    at = await listening(edge);
  });
  afterAll(async () => {
    relay.dispose();
    for (const server of [edge, keeper]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('passes on the method that is meant, asserted as such, and none that it does not know', async () => {
    const send = async (meant: string, path: string): Promise<Response> => {
      const headers = { authorization: await tokens.issue(), 'x-http-method-override': meant };
      return fetch(at + path, { method: 'POST', headers, body: 'bytes' });
    };
    expect(await (await send('DELETE', '/uploads/a')).text()).toBe('kept');
    const deleted = received.at(-1);
    expect([deleted?.method, deleted?.headers['x-http-method-override']]).toEqual(['DELETE', undefined]);
    const verifier = new AssertionVerifier('records', await assertionKeys(signer.jwks));
    const assertion = String(deleted?.headers[assertionHeader]);
    expect(() => verifier.verify(assertion, assertedPage('POST', '/uploads/a'))).toThrow('another request');
    expect(verifier.verify(assertion, assertedPage('DELETE', '/uploads/a'))?.subject).toBe(
      'hospital-a/dr-test',
    );
    const before = received.length;
    expect((await send('TRACE', '/uploads/a')).status).toBe(500);
    expect(received).toHaveLength(before);
    await send('DELETE', '/imports/a');
    expect(received.at(-1)?.method).toBe('POST');
  });

  it('asks before anything of a body has come, and passes on a refusal then', async () => {
    const headers = { authorization: await tokens.issue(), 'content-length': 2 * 1024 ** 3 };
    const sent = send(`${at}/files/small`, { method: 'PUT', headers });
    sent.flushHeaders();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([413, 'too large']);
    sent.on('error', () => undefined).destroy();
  });

  it.each([
    ['GET', undefined],
    ['PATCH', 'bytes'],
    ['POST', 'bytes'],
    ['PUT', 'bytes'],
  ])(
    'asserts the caller of a %s, for its path and query and once, whatever the client sends',
    async (method, body) => {
      const target = '/files/a%20b?part=1';
      const headers = { authorization: await tokens.issue(), [assertionHeader]: 'of the client' };
      expect(await (await fetch(at + target, { method, headers, body })).text()).toBe('kept');
      const request = received.at(-1);
      expect(request?.url).toBe(target);
      const assertion = String(request?.headers[assertionHeader]);
      const verifier = new AssertionVerifier('records', await assertionKeys(signer.jwks));
      const verify = (page: string) => verifier.verify(assertion, page);
      expect(() => verify(assertedPage(method, '/files/other?part=1'))).toThrow('another request');
      expect(() => verify(assertedPage('DELETE', target))).toThrow('another request');
      expect(verify(assertedPage(method, target))?.subject).toBe('hospital-a/dr-test');
      expect(() => verify(assertedPage(method, target))).toThrow('used before');
    },
  );

  it('carries what is below its own paths and nothing else', () => {
    expect(['/files/a', '/uploads/a', '/imports/a'].every((path) => relay.carries(path))).toBe(true);
    expect(['/files', '/packages/a', '/graphql', '/x/files/a'].some((path) => relay.carries(path))).toBe(
      false,
    );
  });
});
