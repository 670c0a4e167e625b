import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createEnvelopeService, type Recipient } from '@medigraph/platform/envelope';
import { decryptStream, encryptStream } from '@medigraph/platform/files';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { withPlatform } from '../running-platform.js';
import { transfer } from './file-transfer.js';
import { opensslGcm } from './openssl-speed.js';
import { rewrapRate } from './rewrap.js';

const bench = 'encryption';
const mebibyte = 1 << 20;

/** As `openssl speed` seals. */
const peer = 'openssl speed -evp aes-256-gcm, one thread, blocks of 1 MiB, same run';

function recipient(id: string): Recipient {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { id, key: { kty: 'EC', crv: 'P-256', x, y, kid: id } };
}

/** By the processor's time and not the clock's, as `openssl speed` counts. */
const rate = async (bytes: number, work: () => Promise<unknown>): Promise<number> => {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return bytes / ((user + system) / 1e6);
};

/** Sealing and opening in this thread, in bytes a second, and how many keys are wrapped in one. */
async function inThisThread(
  mebibytes: number,
): Promise<Record<'envelope' | 'stream' | 'open' | 'wrap', number>> {
  const envelopes = createEnvelopeService();
  const one = recipient('patient');
  const recipients = [one, recipient('holder')];
  const body = randomBytes(1_000_000);
  const seal = async (times: number) => {
    for (let count = 0; count < times; count += 1) await envelopes.seal('entry', body, recipients);
  };
  const key = { key: randomBytes(32), associatedData: Buffer.from('entry') };
  const block = randomBytes(mebibyte);
  const plaintext = function* (blocks: number) {
    for (let count = 0; count < blocks; count += 1) yield block;
  };
  const encrypt = async (blocks: number) => {
    let bytes = 0;
    for await (const segment of encryptStream(plaintext(blocks), key)) bytes += segment.byteLength;
    return bytes;
  };
  await seal(20);
  await encrypt(20);
  const envelope = await rate(mebibytes * body.length, () => seal(mebibytes));
  const stream = await rate(mebibytes * mebibyte, () => encrypt(mebibytes));
  const ciphertext: Buffer[] = [];
  for await (const segment of encryptStream(plaintext(mebibytes), key)) ciphertext.push(segment);
  const open = await rate(mebibytes * mebibyte, async () => {
    for await (const segment of decryptStream(ciphertext, key)) if (segment.byteLength > mebibyte) return;
  });
  const keys = 500;
  const wrap = await rate(keys, async () => {
    for (let count = 0; count < keys; count += 1) await envelopes.wrap(key.key, one);
  });
  return { envelope, stream, open, wrap };
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const { quick, say } = options;
  const mebibytes = quick ? 200 : 1_000;
  const bare = await opensslGcm(mebibyte, quick ? 1 : 3);
  const { envelope, stream, open, wrap } = await inThisThread(mebibytes);
  say(`openssl ${(bare / 1e6).toFixed(0)} MB/s; stream ${(stream / 1e6).toFixed(0)} MB/s`);
  const common = { bench, unit: 'MB/s', n: mebibytes } as const;
  const against = (figure: string, value: number): Figure => ({
    ...common,
    figure,
    value: value / 1e6,
    peer,
    ratio: value / bare,
  });
  const size = quick ? 100_000_000 : 1_000_000_000;
  const sent = await withPlatform(options, (platform) => transfer(platform, size, 64 * mebibyte));
  say(
    `${size / 1e6} MB: sent in ${sent.sendSeconds.toFixed(1)} s, made an entry in ${sent.completeSeconds.toFixed(1)} s, read in ${sent.readSeconds.toFixed(1)} s`,
  );
  const entries = quick ? 1_000 : 10_000;
  const rewrapped = await withPlatform(options, (platform) => rewrapRate(platform, entries, say));
  const whole = { bench, unit: 'MB/s', n: size } as const;
  return [
    against('envelope', envelope),
    against('stream', stream),
    against('stream opened', open),
    { bench, figure: 'keys wrapped', value: wrap, unit: 'keys/s', n: 500 },
    {
      bench,
      figure: 'rewrap',
      value: rewrapped,
      unit: 'keys/s',
      n: entries,
      peer: 'keys wrapped, one thread, nothing read or written, same run',
      ratio: rewrapped / wrap,
    },
    { ...whole, figure: 'upload', value: size / 1e6 / (sent.sendSeconds + sent.completeSeconds) },
    { ...whole, figure: 'download', value: size / 1e6 / sent.readSeconds },
    { bench, figure: 'platform at rest', value: sent.restingMegabytes, unit: 'MB', n: size },
    { bench, figure: 'platform at its peak', value: sent.peakMegabytes, unit: 'MB', n: size },
  ];
}

/**
 * Envelopes and streams sealed in one thread against `openssl speed`; a file of a gigabyte sent through the router, made an
 * entry of and read back, with the memory of the process of router and subgraphs; and how fast keys follow a rotation.
 */
export const encryptionBench: Bench = {
  summary: 'sealing of entries and files against openssl speed; a gigabyte uploaded and read back',
  run,
};
