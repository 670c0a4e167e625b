import { CompactEncrypt } from 'jose';
import { Wallet } from './index.js';

const passphrase = 'correct horse battery staple';
const utf8 = (text: string) => new TextEncoder().encode(text);

const sealed = (content: unknown, header: Record<string, string> = {}) =>
  new CompactEncrypt(utf8(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', cty: 'medigraph-wallet', ...header })
    .setKeyManagementParameters({ p2c: 1_000 })
    .encrypt(utf8(passphrase));

test('a wallet that is exported and imported is the same', async () => {
  const wallet = await Wallet.create();
  const file = await wallet.export(passphrase);
  const again = await Wallet.import(`${file}\n`, passphrase);
  expect([again.address, again.signer]).toEqual([wallet.address, wallet.signer]);
  expect(file).not.toContain(wallet.address);
});

test('a wallet does not open with another passphrase, altered, or if it is none', async () => {
  const file = await (await Wallet.create()).export(passphrase);
  const altered = `${file.slice(0, -5)}${file.at(-5) === 'A' ? 'B' : 'A'}${file.slice(-4)}`;
  for (const [text, secret] of [
    [file, 'another'],
    [altered, passphrase],
    [file.slice(0, 100), passphrase],
    ['', passphrase],
    ['a.b.c.d.e', passphrase],
  ] as const)
    await expect(Wallet.import(text, secret)).rejects.toMatchObject({ code: 'WALLET_UNREADABLE' });
});

test('a wallet of another version, or something else under the passphrase, is no wallet', async () => {
  for (const file of [
    await sealed({ version: 2 }),
    await sealed({ version: 1, address: 'x' }),
    await sealed({ version: 1 }, { cty: 'text' }),
    await sealed('text'),
  ])
    await expect(Wallet.import(file, passphrase)).rejects.toMatchObject({ code: 'WALLET_UNREADABLE' });
});

test('a file that asks for endless rounds is refused before they are done', async () => {
  const [, ...rest] = (await (await Wallet.create()).export(passphrase)).split('.');
  const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31, p2s: 'AAAAAAAAAAAAAAAAAAAAAA' };
  const file = [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.');
  const start = performance.now();
  await expect(Wallet.import(file, passphrase)).rejects.toMatchObject({ code: 'WALLET_UNREADABLE' });
  expect(performance.now() - start).toBeLessThan(1_000);
});
