import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { SealedStore, TransitWrapper } from './index.js';

// Where a server with a transit engine and a token for it are named, it is asked: OpenBao, or HashiCorp Vault.
const url = process.env['MEDIGRAPH_TEST_KMS_URL'];
const token = process.env['MEDIGRAPH_TEST_KMS_TOKEN'] ?? '';

if (url !== undefined) {
  describe('a transit engine', () => {
    const folder = temporaryFolder();
    const keyUrlOf = (name: string) => `${url}/v1/transit/keys/${name}`;
    const ask = async (where: string, body: object = {}) => {
      const init = { method: 'POST', headers: { 'x-vault-token': token }, body: JSON.stringify(body) };
      const { status } = await fetch(`${url}/v1/${where}`, init);
      expect(status).toBeLessThan(300);
    };
    const wrapper = () => new TransitWrapper({ keyUrl: keyUrlOf('medigraph'), token });

    beforeAll(async () => {
      const mounted = await fetch(`${url}/v1/sys/mounts/transit`, { headers: { 'x-vault-token': token } });
      if (!mounted.ok) await ask('sys/mounts/transit', { type: 'transit' });
      await ask('transit/keys/medigraph');
      await ask('transit/keys/other');
    });

    test('wraps and unwraps, also after its key was rotated', async () => {
      const key = randomBytes(32);
      const wrapped = await wrapper().wrap(key);
      expect(wrapped).toMatch(/^vault:v\d+:/);
      await ask('transit/keys/medigraph/rotate');
      expect(Buffer.from(await wrapper().unwrap(wrapped))).toEqual(key);
    });

    test('unwraps nothing of another key, for another purpose, or that was altered', async () => {
      const wrapped = await wrapper().wrap(randomBytes(32));
      const altered = `${wrapped.slice(0, -6)}${wrapped.endsWith('AAAA==') ? 'BBBB==' : 'AAAA=='}`;
      for (const text of [altered, 'nothing', ''])
        await expect(wrapper().unwrap(text)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
      const other = new TransitWrapper({ keyUrl: keyUrlOf('other'), token });
      await expect(other.unwrap(wrapped)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
      const response = await fetch(`${url}/v1/transit/encrypt/medigraph`, {
        method: 'POST',
        headers: { 'x-vault-token': token },
        body: JSON.stringify({ plaintext: randomBytes(32).toString('base64') }),
      });
      const { data } = (await response.json()) as { data: { ciphertext: string } };
      await expect(wrapper().unwrap(data.ciphertext)).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    });

    test('keeps a store whose key is nowhere on disk, and which opens with it alone', async () => {
      const store = await SealedStore.open({ folder, wrapper: wrapper() });
      await store.write('name', Buffer.from('secret'));
      expect(readFileSync(path.join(folder, 'master.wrapped'), 'utf8')).toMatch(/^vault:v/);
      const again = await SealedStore.open({ folder, wrapper: wrapper() });
      expect(await again.read('name')).toEqual(Buffer.from('secret'));
      await expect(SealedStore.open({ folder })).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
    });

    test('refuses a token that it does not know', async () => {
      const stranger = new TransitWrapper({ keyUrl: keyUrlOf('medigraph'), token: 'stranger' });
      await expect(stranger.wrap(randomBytes(32))).rejects.toMatchObject({
        code: 'KMS_UNAVAILABLE',
        status: 403,
      });
    });
  });
}

describe('a service that fails', () => {
  let server: Server;
  let answer: string | undefined;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      if (answer !== undefined) response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = (timeoutMs: number) => {
    const { port } = server.address() as AddressInfo;
    return new TransitWrapper({
      keyUrl: `http://127.0.0.1:${port}/v1/transit/keys/k`,
      token: 't',
      timeoutMs,
    });
  };

  test.each([
    ['answers something else', 'no JSON'],
    ['answers nothing that was asked for', '{"data":{}}'],
    ['never answers', undefined],
  ])('and %s says so', async (_how, text) => {
    answer = text;
    const timeoutMs = text === undefined ? 100 : 10_000;
    for (const failing of [at(timeoutMs).wrap(randomBytes(32)), at(timeoutMs).unwrap('vault:v1:x')])
      await expect(failing).rejects.toMatchObject({ code: 'KMS_UNAVAILABLE' });
  });
});
