import { fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from '@medigraph/launcher';
import { createEnvelopeService, type Recipient } from '@medigraph/platform/envelope';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { withPlatform } from '../running-platform.js';
import { type StreamRates } from './file-streams.js';
import { transfer } from './file-transfer.js';
import { opensslSpeed } from './openssl-speed.js';
import { clockRate, processorRate } from './rates.js';
import { rewrapRate } from './rewrap.js';

const bench = 'encryption';
const mebibyte = 1 << 20;

/** As `openssl speed` does it. */
const peerOf = (algorithms: string): string =>
  `openssl speed -evp ${algorithms}, one thread, blocks of 1 MiB, same run`;

function recipient(id: string): Recipient {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { id, key: { kty: 'EC', crv: 'P-256', x, y, kid: id } };
}

const envelopes = createEnvelopeService();

/** Bytes a second of bodies of entries, sealed in this thread. */
async function envelopeRate(count: number): Promise<number> {
  const recipients = [recipient('patient'), recipient('holder')];
  const body = randomBytes(1_000_000);
  const seal = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await envelopes.seal('entry', body, recipients);
  };
  await seal(20);
  return processorRate(count * body.length, () => seal(count));
}

async function streamsInTheirProcess(bytes: number): Promise<StreamRates> {
  const program = fileURLToPath(new URL('file-streams-process.js', import.meta.url));
  const child = fork(program, [String(bytes)], { execArgv: [...nodeArguments] });
  const [[rates]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [StreamRates],
    unknown,
  ];
  return rates;
}

/** Keys a second by the clock, wrapped in this thread. */
function wrapRate(keys: number): Promise<number> {
  const one = recipient('patient');
  const key = randomBytes(32);
  return clockRate(keys, async () => {
    for (let count = 0; count < keys; count += 1) await envelopes.wrap(key, one);
  });
}

async function ciphers({ quick, say }: BenchOptions): Promise<Figure[]> {
  const mebibytes = quick ? 200 : 1_000;
  const seconds = quick ? 1 : 3;
  const gcm = await opensslSpeed('aes-256-gcm', mebibyte, seconds);
  const sha256 = await opensslSpeed('sha256', mebibyte, seconds);
  const both = 1 / (1 / gcm + 1 / sha256);
  const envelope = await envelopeRate(mebibytes);
  const { seal, open, upload, download } = await streamsInTheirProcess(mebibytes * mebibyte);
  say(`openssl: AES-256-GCM ${(gcm / 1e6).toFixed(0)} MB/s, SHA-256 ${(sha256 / 1e6).toFixed(0)} MB/s`);
  const against =
    (algorithms: string, speed: number) =>
    (figure: string, value: number): Figure => ({
      bench,
      figure,
      value: value / 1e6,
      unit: 'MB/s',
      peer: peerOf(algorithms),
      ratio: value / speed,
      n: mebibytes,
    });
  const cipher = against('aes-256-gcm', gcm);
  const hashed = against('aes-256-gcm and -evp sha256, one after the other', both);
  return [
    cipher('envelope', envelope),
    cipher('stream sealed', seal),
    cipher('stream opened', open),
    hashed('stream of an upload', upload),
    hashed('stream of a download', download),
  ];
}

async function transfers(options: BenchOptions): Promise<Figure[]> {
  const size = options.quick ? 100_000_000 : 1_000_000_000;
  const sent = await withPlatform(options, (platform) =>
    transfer(platform, size, 64 * mebibyte, options.say),
  );
  options.say(
    `${size / 1e6} MB: sent in ${sent.sendSeconds.toFixed(1)} s, made an entry in ${sent.completeSeconds.toFixed(1)} s, read in ${sent.readSeconds.toFixed(1)} s`,
  );
  const whole = { bench, unit: 'MB/s', n: size } as const;
  return [
    { ...whole, figure: 'upload', value: size / 1e6 / (sent.sendSeconds + sent.completeSeconds) },
    { ...whole, figure: 'download', value: size / 1e6 / sent.readSeconds },
    { bench, figure: 'platform at rest', value: sent.restingMegabytes, unit: 'MB', n: size },
    { bench, figure: 'platform at its peak', value: sent.peakMegabytes, unit: 'MB', n: size },
  ];
}

async function rewrap(options: BenchOptions): Promise<Figure[]> {
  const entries = options.quick ? 1_000 : 10_000;
  // Before and after, so that both meet the same load.
  const before = await wrapRate(500);
  const value = await withPlatform(options, (platform) => rewrapRate(platform, entries, options.say));
  const wrapped = (before + (await wrapRate(500))) / 2;
  return [
    { bench, figure: 'keys wrapped', value: wrapped, unit: 'keys/s', n: 1_000 },
    {
      bench,
      figure: 'rewrap',
      value,
      unit: 'keys/s',
      n: entries,
      peer: 'keys wrapped, one thread, nothing read or written, by the clock as well, same run',
      ratio: value / wrapped,
    },
  ];
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  return [...(await ciphers(options)), ...(await transfers(options)), ...(await rewrap(options))];
}

/**
 * Envelopes and the streams of files in one thread against `openssl speed`; a file of a gigabyte sent through the router, made an
 * entry of and read back, with the memory of the process of router and subgraphs; and how fast keys follow a rotation.
 */
export const encryptionBench: Bench = {
  summary: 'sealing of entries and files against openssl speed; a gigabyte uploaded and read back',
  run,
};
