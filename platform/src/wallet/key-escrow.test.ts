import { EncryptionKey } from './keys.js';
import { unwrapKey } from './entry-opening.js';
import { openEscrow, passOnShare, sealEscrow } from './key-escrow.js';

const guardians = ['hospital-a', 'insurer-a', 'f'.repeat(40)];
let keys: EncryptionKey[];
let next: EncryptionKey;
let escrow: Awaited<ReturnType<typeof sealEscrow>>;
let lost: EncryptionKey;

beforeAll(async () => {
  keys = await Promise.all(guardians.map(() => EncryptionKey.create()));
  [next, lost] = await Promise.all([EncryptionKey.create(), EncryptionKey.create()]);
  const recipients = guardians.map((id, index) => ({ id, key: publicOf(keys[index]) }));
  escrow = await sealEscrow([await lost.export()], recipients, 2);
});

function publicOf(key: EncryptionKey | undefined) {
  if (!key) throw new Error('There is no key.');
  return key.publicKey;
}

/** What these guardians hand over. */
async function handedBy(...who: number[]) {
  const shares = await Promise.all(
    who.map(async (index) => {
      const guardian = guardians[index] ?? '';
      const kept = escrow.shares[guardian];
      if (!kept) throw new Error('There is no share.');
      const unwrap = (wrapped: string) => unwrapKey(wrapped, keys);
      const share = await passOnShare(guardian, kept, unwrap, { id: 'patient', key: next.publicKey });
      return { guardian, share, sha256: kept.sha256 };
    }),
  );
  return { threshold: 2, keys: escrow.keys, shares };
}
const open = (recovered: Awaited<ReturnType<typeof handedBy>>) =>
  openEscrow(recovered, (wrapped) => unwrapKey(wrapped, [next]));

test.each([[[0, 1]], [[1, 2]], [[2, 0]], [[0, 1, 2]]])(
  'enough guardians bring the keys back: %p',
  async (who) => {
    const [key] = await open(await handedBy(...who));
    expect(key?.d).toBe((await lost.export()).d);
  },
);

test('fewer bring nothing back, whatever they say the threshold is', async () => {
  const one = await handedBy(1);
  await expect(open(one)).rejects.toMatchObject({ code: 'SHARES_INSUFFICIENT' });
  await expect(open({ ...one, shares: [] })).rejects.toMatchObject({ code: 'SHARES_INSUFFICIENT' });
  await expect(open({ ...one, threshold: 1 })).rejects.toMatchObject({ code: 'KEY_UNWRAP_FAILED' });
  const [share] = one.shares;
  if (!share) throw new Error('There is no share.');
  await expect(open({ ...one, shares: [share, share] })).rejects.toMatchObject({
    code: 'KEY_UNWRAP_FAILED',
  });
});

test('a share that is another than was given is told by its guardian, and not used', async () => {
  const handed = await handedBy(0, 1, 2);
  const forgedBy = (index: number) =>
    handed.shares.map((one, at) => (at === index ? { ...one, share: handed.shares[0]?.share ?? '' } : one));
  const two = { ...handed, shares: forgedBy(1).slice(0, 2) };
  await expect(open(two)).rejects.toMatchObject({ code: 'SHARE_FORGED', guardians: ['insurer-a'] });
  const [key] = await open({ ...handed, shares: forgedBy(1) });
  expect(key?.d).toBe((await lost.export()).d);
  const forOthers = { ...handed, shares: handed.shares.slice(0, 2) };
  await expect(openEscrow(forOthers, (wrapped) => unwrapKey(wrapped, keys))).rejects.toMatchObject({
    code: 'SHARE_FORGED',
    guardians: ['hospital-a', 'insurer-a'],
  });
});

test('a guardian passes on nothing that was put in the place of their share', async () => {
  const [one, other] = guardians.map((id) => escrow.shares[id]);
  if (!one || !other) throw new Error('There is no share.');
  const unwrap = (wrapped: string) => unwrapKey(wrapped, keys);
  await expect(
    passOnShare('hospital-a', { ...one, share: other.share }, unwrap, { id: 'p', key: next.publicKey }),
  ).rejects.toMatchObject({ code: 'SHARE_FORGED' });
});

test('keys that were swapped for others do not open with the shares', async () => {
  const recipients = guardians.map((id, index) => ({ id, key: publicOf(keys[index]) }));
  const other = await sealEscrow([await next.export()], recipients, 2);
  await expect(open({ ...(await handedBy(0, 1)), keys: other.keys })).rejects.toMatchObject({
    code: 'KEY_UNWRAP_FAILED',
  });
});
