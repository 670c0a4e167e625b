/** A file of many bytes on its way through the router and back, and what it costs in memory. */
import { createHash } from 'node:crypto';
import { type BenchOptions } from '../bench.js';
import { residentMegabytes } from '../resident-memory.js';
import { type RunningPlatform } from '../running-platform.js';

const mutations = {
  registerInstitution:
    'mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }',
  registerPatient: 'mutation { registerPatient(input: { identifier: "bench" }) { patient { id } } }',
  begin: 'mutation($input: BeginUploadInput!) { beginUpload(input: $input) { upload { id url } } }',
  complete:
    'mutation($input: CompleteUploadInput!) { completeUpload(input: $input) { entry { attachment { url } } } }',
};

/** What a transfer came to. Megabytes are those of the platform's process. */
export interface Transfer {
  readonly sendSeconds: number;
  readonly completeSeconds: number;
  readonly readSeconds: number;
  readonly restingMegabytes: number;
  readonly peakMegabytes: number;
}

/** Bytes that are not stored by anybody: the same block over and over. */
async function* bytesOf(size: number, block: Buffer): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < size; sent += block.length) {
    await Promise.resolve();
    yield block.subarray(0, size - sent);
  }
}

const tellEveryBytes = 100_000_000;

const told = (done: number, of: number): string =>
  `${(done / 1e6).toFixed(0)} of ${(of / 1e6).toFixed(0)} MB`;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
};

/** Sends a file of that size in parts, makes an entry of it, and reads it back. */
export async function transfer(
  platform: RunningPlatform,
  size: number,
  partBytes: number,
  say: BenchOptions['say'],
): Promise<Transfer> {
  const operator = await platform.as('operator:hospital-a');
  await operator.request(mutations.registerInstitution);
  const { registerPatient } = await (
    await platform.as('hospital-a')
  ).request<{ registerPatient: { patient: { id: string } } }>(mutations.registerPatient);
  const role = `patient:${registerPatient.patient.id}`;
  const patient = await platform.as(role);
  const authorization = `Bearer ${await platform.tokenFor(role)}`;
  const at = (path: string) => new URL(path, platform.medigraph.url);
  const pid = platform.medigraph.parts().find(({ name }) => name === 'platform')?.pid;
  if (pid === undefined) throw new Error('the platform does not run');

  const restingMegabytes = await residentMegabytes([pid]);
  let peakMegabytes = restingMegabytes;
  let watching = true;
  const watch = (async () => {
    while (watching) peakMegabytes = Math.max(peakMegabytes, await residentMegabytes([pid]));
  })();
  try {
    const input = {
      name: 'scan',
      contentType: 'application/dicom',
      date: '2026-01-01',
      size,
      category: 'IMAGING',
    };
    const { beginUpload } = await patient.request<{ beginUpload: { upload: { id: string; url: string } } }>(
      mutations.begin,
      { input },
    );
    const { id, url } = beginUpload.upload;
    const block = Buffer.alloc(1 << 20, 'an image, as far as a bench can tell ');
    const sent = createHash('sha256');
    const sendSeconds = await seconds(async () => {
      for (let from = 0; from < size; from += partBytes) {
        const length = Math.min(partBytes, size - from);
        const response = await fetch(at(url), {
          method: 'PATCH',
          headers: {
            authorization,
            'tus-resumable': '1.0.0',
            'upload-offset': String(from),
            'content-type': 'application/offset+octet-stream',
            'content-length': String(length),
          },
          body: bytesOf(length, block),
          duplex: 'half',
        } as unknown as RequestInit);
        if (response.status !== 204)
          throw new Error(`sending answered ${response.status}: ${await response.text()}`);
        for await (const part of bytesOf(length, block)) sent.update(part);
        say(`sent ${told(from + length, size)}, the platform at ${peakMegabytes.toFixed(0)} MB at most`);
      }
    });
    let path = '';
    const completeSeconds = await seconds(async () => {
      const { completeUpload } = await patient.request<{
        completeUpload: { entry: { attachment: { url: string } } };
      }>(mutations.complete, { input: { upload: id } });
      path = completeUpload.entry.attachment.url;
    });
    const received = createHash('sha256');
    let read = 0;
    const readSeconds = await seconds(async () => {
      const { body } = await fetch(at(path), { headers: { authorization } });
      const reader = body?.getReader();
      for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
        received.update(part.value);
        const before = read;
        read += part.value.byteLength;
        if (Math.floor(before / tellEveryBytes) < Math.floor(read / tellEveryBytes))
          say(`read ${told(read, size)}`);
      }
    });
    if (received.digest('hex') !== sent.digest('hex')) throw new Error('What was read is not what was sent.');
    return { sendSeconds, completeSeconds, readSeconds, restingMegabytes, peakMegabytes };
  } finally {
    watching = false;
    await watch;
  }
}
