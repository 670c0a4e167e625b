import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { registerInstitutions, registerPatient } from './case.js';
import { atFiles, beginUpload, completeUpload } from './files.js';
import { RunningSystem } from './running-system.js';

let system: RunningSystem;
let self: string;

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  self = `patient:${await registerPatient(system)}`;
}, 120_000);

afterAll(() => system.close());

const begin = (size: number) =>
  beginUpload(system, self, { name: 'scan.dcm', contentType: 'application/dicom', date: '2026-05-04', size });

const optionsFor = async (url: string, more: UploadOptions = {}): Promise<UploadOptions> => ({
  uploadUrl: new URL(url, system.url).href,
  headers: { authorization: `Bearer ${await system.token(self)}` },
  chunkSize: 1_000_000,
  retryDelays: null,
  storeFingerprintForResuming: false,
  ...more,
});

/** Sends until it is done. @returns the places that the client was told of. */
async function send(bytes: Buffer, options: UploadOptions): Promise<number[]> {
  const places: number[] = [];
  await new Promise<void>((resolve, reject) => {
    new Upload(bytes, {
      ...options,
      onChunkComplete: (_length, accepted) => places.push(accepted),
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
  return places;
}

/** Sends, and stops once so much has been accepted. */
async function sendUntil(bytes: Buffer, enough: number, options: UploadOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const upload = new Upload(bytes, {
      ...options,
      onChunkComplete: (_length, accepted) => {
        if (accepted >= enough) upload.abort().then(resolve, reject);
      },
      onSuccess: () => reject(new Error('it was not stopped')),
      onError: reject,
    });
    upload.start();
  });
}

async function offsetOf(url: string): Promise<number> {
  const headers = { 'tus-resumable': '1.0.0' };
  const response = await atFiles(system, self, url, { method: 'HEAD', headers });
  return Number(response.headers.get('upload-offset'));
}

describe('tus-js-client', () => {
  test.each([1_000_000, Number.POSITIVE_INFINITY])(
    'sends a file in parts of %d bytes at most',
    async (chunkSize) => {
      const bytes = randomBytes(3_500_000);
      const upload = await begin(bytes.length);
      const places = await send(bytes, await optionsFor(upload.url, { chunkSize }));
      expect(places.at(-1)).toBe(bytes.length);
      const { attachment } = await completeUpload(system, self, upload.id);
      const read = Buffer.from(await (await atFiles(system, self, attachment.url)).arrayBuffer());
      expect(createHash('sha256').update(read).digest('hex')).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      );
    },
  );

  test('stops, and another goes on where it stopped', async () => {
    const bytes = randomBytes(4_000_000);
    const upload = await begin(bytes.length);
    await sendUntil(bytes, 2_000_000, await optionsFor(upload.url));
    const stopped = await offsetOf(upload.url);
    expect(stopped).toBeGreaterThanOrEqual(2_000_000);
    expect(stopped).toBeLessThan(bytes.length);
    const sent: string[] = [];
    const onBeforeRequest: UploadOptions['onBeforeRequest'] = (request) => {
      if (request.getMethod() === 'PATCH') sent.push(request.getHeader('Upload-Offset') ?? '');
    };
    await send(bytes, await optionsFor(upload.url, { onBeforeRequest }));
    expect(Number(sent[0])).toBeGreaterThanOrEqual(stopped);
    const { attachment } = await completeUpload(system, self, upload.id);
    const read = Buffer.from(await (await atFiles(system, self, attachment.url)).arrayBuffer());
    expect(read.equals(bytes)).toBe(true);
  });

  test('sends through what lets no PATCH pass', async () => {
    const bytes = randomBytes(1_200_000);
    const upload = await begin(bytes.length);
    await send(bytes, await optionsFor(upload.url, { overridePatchMethod: true }));
    expect(await offsetOf(upload.url)).toBe(bytes.length);
  });

  test('gives up an upload', async () => {
    const bytes = randomBytes(2_000_000);
    const upload = await begin(bytes.length);
    const options = await optionsFor(upload.url);
    await sendUntil(bytes, 1_000_000, options);
    await Upload.terminate(new URL(upload.url, system.url).href, options);
    const headers = { 'tus-resumable': '1.0.0' };
    expect((await atFiles(system, self, upload.url, { method: 'HEAD', headers })).status).toBe(404);
  });

  test('is told that an upload is nobody’s', async () => {
    const bytes = randomBytes(1_000);
    const failed = send(bytes, await optionsFor('/uploads/nobody:nothing'));
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const { originalResponse } = error as DetailedError;
    expect(originalResponse?.getStatus()).toBe(404);
  });

  test('can ask what the server speaks', async () => {
    const response = await fetch(new URL('/uploads/', system.url), { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'tus-resumable': '1.0.0',
      'tus-version': '1.0.0',
      'tus-extension': 'termination',
    });
  });
});
