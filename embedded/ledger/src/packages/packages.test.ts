import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { InstalledPackages } from './installed-packages.js';

async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const serving = { address: '127.0.0.1:9999', dial_timeout: '10s', tls_required: false };

async function packageOf(connection: unknown = serving, more: Readonly<Record<string, string>> = {}) {
  return archive({
    'metadata.json': JSON.stringify({ type: 'ccaas', label: 'good' }),
    'code.tar.gz': await archive({ 'connection.json': JSON.stringify(connection) }),
    ...more,
  });
}

describe('installed packages', () => {
  let folder: string;
  let packages: InstalledPackages;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-packages-'));
    packages = await InstalledPackages.open(path.join(folder, 'packages'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const files = () => readdir(path.join(folder, 'packages'));
  const refusal = (content: Buffer) =>
    packages.install(content).then(String, (error: unknown) => (error as Error).message);

  test('are found again, with where they serve', async () => {
    const content = await packageOf({ ...serving, dial_timeout: '1.5s' });
    const { packageId } = await packages.install(content);
    const again = await InstalledPackages.open(path.join(folder, 'packages'));
    const found = again.get(packageId);
    expect(found?.service).toEqual({ address: '127.0.0.1:9999', dialTimeoutMs: 1_500 });
    expect(found && (await again.content(found)).equals(content)).toBe(true);
    await expect(again.install(content)).rejects.toThrow(/already successfully installed/);
  });

  test('are installed once, however many ask at a time', async () => {
    const content = await packageOf();
    const outcomes = await Promise.allSettled([packages.install(content), packages.install(content)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await files()).toHaveLength(1);
  });

  test('what an interrupted installation left is removed', async () => {
    await writeFile(path.join(folder, 'packages', '.good.0000.tar.gz.part'), 'half');
    await InstalledPackages.open(path.join(folder, 'packages'));
    expect(await files()).toEqual([]);
  });

  test('one that was damaged since is told of, and not run', async () => {
    const { packageId } = await packages.install(await packageOf());
    const [name = ''] = await files();
    await writeFile(path.join(folder, 'packages', name), await packageOf({ ...serving, address: 'evil:1' }));
    await expect(InstalledPackages.open(path.join(folder, 'packages'))).rejects.toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining(name) as string,
    });
    expect(packageId).toMatch(/^good:/);
  });

  test('an archive names no file outside of itself: what it holds is never unpacked', async () => {
    await packages.install(await packageOf(serving, { '../../escaped': 'x', '/etc/escaped': 'x' }));
    expect(await files()).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['packages']);
  });

  test('an archive that unpacks to more than may be is refused, however small it is', async () => {
    const bomb = gzipSync(Buffer.alloc(150 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(200_000);
    expect(await refusal(bomb)).toMatch(/unpacks to more than 104857600 bytes/);
    const inside = await archive({
      'metadata.json': JSON.stringify({ type: 'ccaas', label: 'bomb' }),
      'code.tar.gz': bomb,
    });
    expect(await refusal(inside)).toMatch(/unpacks to more than 104857600 bytes/);
    expect(await files()).toEqual([]);
  });

  test.each([
    ['a cut archive', async () => (await packageOf()).subarray(0, 200), /error reading as gzip stream/],
    [
      'metadata that are no JSON',
      () => archive({ 'metadata.json': '{' }),
      /could not unmarshal metadata.json as json/,
    ],
    [
      'no connection.json',
      async () =>
        archive({
          'metadata.json': JSON.stringify({ type: 'ccaas', label: 'good' }),
          'code.tar.gz': await archive({ 'main.go': 'package main' }),
        }),
      /could not build chaincode: connection.json not found/,
    ],
    [
      'no address',
      () => packageOf({ dial_timeout: '10s' }),
      /could not build chaincode: malformed connection.json: address/,
    ],
    [
      'TLS without an authority',
      () => packageOf({ ...serving, tls_required: true }),
      /tls_required needs a root_cert/,
    ],
  ])('with %s are refused', async (_, make, reason) => {
    expect(await refusal(await make())).toMatch(reason);
    expect(await files()).toEqual([]);
  });
});
