import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { grant, registerInstitutions, registerPatient } from './case.js';
import { eventually } from './eventually.js';
import {
  addFile,
  atFiles,
  beginUpload,
  beginUploadMutation,
  codeOf,
  completeUpload,
  completeUploadMutation,
  type FileInput,
  sendBytes,
} from './files.js';
import { codesOf, RunningSystem } from './running-system.js';

let system: RunningSystem;
let patient: string;
let other: string;
let self: string;

const scan: Omit<FileInput, 'size'> = {
  name: 'scan "ä".dcm',
  contentType: 'application/dicom',
  date: '2026-05-04',
  category: 'IMAGING',
};

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  patient = await registerPatient(system);
  other = await registerPatient(system);
  self = `patient:${patient}`;
}, 120_000);

afterAll(() => system.close());

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

async function requestImaging(grantee: string): Promise<string> {
  const { requestAccess } = await system.data<{ requestAccess: { consent: { id: string } } }>(
    grantee,
    'mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id } } }',
    { input: { patient, provision: { purpose: ['COVAUTH'], category: ['IMAGING'] } } },
  );
  return requestAccess.consent.id;
}

test('a patient’s own file comes back as it was sent, with what it is', async () => {
  const bytes = randomBytes(3_000_000);
  const entry = await addFile(system, self, scan, bytes);
  expect(entry).toMatchObject({ status: 'FINAL', class: 'PERSONAL', category: 'IMAGING' });
  expect(entry.attachment).toMatchObject({ url: `/files/${entry.id}`, size: bytes.length });
  const read = await atFiles(system, self, entry.attachment.url);
  expect(read.status).toBe(200);
  expect(Object.fromEntries(read.headers)).toMatchObject({
    'content-type': 'application/dicom',
    'content-length': String(bytes.length),
    'content-disposition': `attachment; filename="scan ___.dcm"; filename*=UTF-8''scan%20%22%C3%A4%22.dcm`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect((await bytesOf(read)).equals(bytes)).toBe(true);
  const { entry: described } = await system.data<{ entry: { resource: object } }>(
    self,
    'query($id: ID!) { entry(id: $id) { resource } }',
    { id: entry.id },
  );
  expect(described.resource).toMatchObject({
    resourceType: 'DocumentReference',
    content: [{ attachment: { contentType: scan.contentType, title: scan.name, size: bytes.length } }],
  });
});

test.each([
  ['bytes=0-9', 0, 10],
  ['bytes=1048500-1048600', 1_048_500, 1_048_601],
  ['bytes=2999990-', 2_999_990, 3_000_000],
  ['bytes=-5', 2_999_995, 3_000_000],
  ['bytes=2999000-9999999', 2_999_000, 3_000_000],
])('part of a file: %s', async (range, from, to) => {
  const bytes = randomBytes(3_000_000);
  const entry = await addFile(system, self, scan, bytes);
  const read = await atFiles(system, self, entry.attachment.url, { headers: { range } });
  expect(read.status).toBe(206);
  expect(read.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${bytes.length}`);
  expect((await bytesOf(read)).equals(bytes.subarray(from, to))).toBe(true);
  const beyond = await atFiles(system, self, entry.attachment.url, { headers: { range: 'bytes=3000000-' } });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */3000000']);
});

test('an institution’s file is preliminary, then the patient’s, then whoever’s it is granted to, and nobody else’s', async () => {
  const bytes = randomBytes(1_200_000);
  const entry = await addFile(system, 'hospital-a', { ...scan, patient }, bytes);
  expect(entry).toMatchObject({ status: 'PRELIMINARY', class: 'CLINICAL' });
  const consent = await requestImaging('insurer-a');
  await grant(system, patient, consent);
  const { url } = entry.attachment;
  // Not authorised yet: the grantee does not even learn that it is there.
  expect((await atFiles(system, 'insurer-a', url)).status).toBe(404);
  await system.data(
    self,
    'mutation($input: AuthorizeEntriesInput!) { authorizeEntries(input: $input) { entries { id } } }',
    { input: { entries: [entry.id] } },
  );
  for (const reader of [self, 'hospital-a', 'insurer-a']) {
    const read = await atFiles(system, reader, url);
    expect({ reader, right: (await bytesOf(read)).equals(bytes) }).toEqual({ reader, right: true });
  }
  for (const stranger of [
    'insurer-b',
    'hospital-b',
    'regulator',
    `patient:${other}`,
    'operator:hospital-b',
  ]) {
    const refused = await atFiles(system, stranger, url);
    const absent = await atFiles(system, stranger, `/files/${patient}:nothing`);
    expect({ stranger, status: refused.status, code: await codeOf(refused) }).toEqual({
      stranger,
      status: absent.status,
      code: await codeOf(absent),
    });
    expect(refused.status).toBe(404);
  }
  // For another purpose than was granted it is not there either.
  expect((await atFiles(system, 'insurer-a', `${url}?purpose=HRESCH`)).status).toBe(404);
  expect((await atFiles(system, 'insurer-a', `${url}?purpose=whatever`)).status).toBe(400);
  await system.data(
    self,
    'mutation($input: EndConsentInput!) { revokeAccess(input: $input) { consent { id } } }',
    { input: { consent } },
  );
  expect((await atFiles(system, 'insurer-a', url)).status).toBe(404);
  const { patient: audited } = await system.data<{ patient: { openings: { nodes: { purpose: string }[] } } }>(
    self,
    'query($id: ID!) { patient(id: $id) { openings(first: 50) { nodes { purpose } } } }',
    { id: patient },
  );
  expect(audited.openings.nodes.map(({ purpose }) => purpose)).toContain('COVAUTH');
});

describe('an upload', () => {
  test('is resumed from wherever it was broken off, also after the platform was killed', async () => {
    const bytes = randomBytes(4_000_000);
    const upload = await beginUpload(system, self, { ...scan, size: bytes.length });
    expect((await sendBytes(system, self, upload.url, 0, bytes.subarray(0, 1_500_000))).status).toBe(204);
    process.kill(system.pid('platform'), 'SIGKILL');
    const state = await eventually(
      'the upload after the kill',
      () =>
        atFiles(system, self, upload.url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } }).catch(
          () => undefined,
        ),
      (answer) => answer?.status === 200,
    );
    if (state === undefined) throw new Error('nothing answered');
    expect(state.headers.get('upload-length')).toBe(String(bytes.length));
    const offset = Number(state.headers.get('upload-offset'));
    expect(offset).toBe(1_500_000);
    const { upload: asked } = await system.data<{ upload: { offset: number } }>(
      self,
      'query($id: ID!) { upload(id: $id) { offset } }',
      { id: upload.id },
    );
    expect(asked.offset).toBe(offset);
    expect(codesOf(await system.ask(self, completeUploadMutation, { input: { upload: upload.id } }))).toEqual(
      ['UPLOAD_INCOMPLETE'],
    );
    const rest = await sendBytes(system, self, upload.url, offset, bytes.subarray(offset));
    expect([rest.status, rest.headers.get('upload-offset')]).toEqual([204, String(bytes.length)]);
    const entry = await completeUpload(system, self, upload.id);
    const read = await bytesOf(await atFiles(system, self, entry.attachment.url));
    expect(createHash('sha256').update(read).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  }, 60_000);

  test('is refused early where it is too large, by what is said and by what is counted', async () => {
    const tooLarge = await system.ask(self, beginUploadMutation, { input: { ...scan, size: 5_000_000_000 } });
    expect(codesOf(tooLarge)).toEqual(['FILE_TOO_LARGE']);
    for (const size of [0, -1, 1.5])
      expect(codesOf(await system.ask(self, beginUploadMutation, { input: { ...scan, size } }))).toEqual([
        'BAD_USER_INPUT',
      ]);
    const upload = await beginUpload(system, self, { ...scan, size: 1000 });
    const declared = await sendBytes(system, self, upload.url, 0, Buffer.alloc(2000));
    expect([declared.status, await codeOf(declared)]).toEqual([413, 'FILE_TOO_LARGE']);
    // Bounded: a client that nobody reads from any more may go on pulling without end.
    let left = 256;
    const endless = new ReadableStream({
      pull: (controller) => {
        if (left <= 0) controller.close();
        else controller.enqueue(new Uint8Array(65_536));
        left -= 1;
      },
    });
    const counted = await fetch(new URL(upload.url, system.url), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${await system.token(self)}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      (response) => response.status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(counted);
    const head = await atFiles(system, self, upload.url, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    });
    expect(head.headers.get('upload-offset')).toBe('0');
  });

  test('that is given up leaves nothing', async () => {
    const upload = await beginUpload(system, self, { ...scan, size: 2_000_000 });
    await sendBytes(system, self, upload.url, 0, randomBytes(1_500_000));
    const gone = await atFiles(system, self, upload.url, {
      method: 'DELETE',
      headers: { 'tus-resumable': '1.0.0' },
    });
    expect(gone.status).toBe(204);
    const head = await atFiles(system, self, upload.url, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    });
    expect(head.status).toBe(404);
    expect(codesOf(await system.ask(self, completeUploadMutation, { input: { upload: upload.id } }))).toEqual(
      ['UPLOAD_NOT_FOUND'],
    );
  });

  test('is nobody else’s, and only begun by who may write', async () => {
    const upload = await beginUpload(system, self, { ...scan, size: 1000 });
    for (const stranger of ['hospital-a', `patient:${other}`]) {
      const sent = await sendBytes(system, stranger, upload.url, 0, Buffer.alloc(10));
      expect([sent.status, await codeOf(sent)]).toEqual([404, 'UPLOAD_NOT_FOUND']);
      expect(
        (await system.data<{ upload: null }>(stranger, `{ upload(id: "${upload.id}") { id } }`)).upload,
      ).toBeNull();
    }
    const input = { ...scan, size: 1000, patient };
    expect(codesOf(await system.ask('insurer-a', beginUploadMutation, { input }))).toEqual(['FORBIDDEN']);
    expect(codesOf(await system.ask('hospital-b', beginUploadMutation, { input }))).toEqual([
      'STORAGE_NOT_AUTHORIZED',
    ]);
  });

  test.each<[string, Record<string, string>, number]>([
    ['another version of the protocol', { 'tus-resumable': '0.2.2' }, 412],
    ['another media type', { 'content-type': 'text/plain' }, 415],
    ['no place', { 'upload-offset': 'somewhere' }, 400],
    ['another place', { 'upload-offset': '7' }, 409],
    ['no token that is good', { authorization: 'Bearer nonsense' }, 401],
  ])('is refused with %s', async (_what, headers, status) => {
    const upload = await beginUpload(system, self, { ...scan, size: 1000 });
    const refused = await sendBytes(system, self, upload.url, 0, Buffer.alloc(10), headers);
    expect(refused.status).toBe(status);
    expect(await codeOf(refused)).toEqual(expect.any(String));
  });
});
