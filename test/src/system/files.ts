/** Files as a client sends and reads them: through the router, with a token. */
import { type RunningSystem } from './running-system.js';

/** What a client says of a file. */
export interface FileInput {
  readonly patient?: string;
  readonly name: string;
  readonly contentType: string;
  readonly date: string;
  readonly size: number;
  readonly category?: string;
  readonly idempotencyKey?: string;
}

export interface BegunUpload {
  readonly id: string;
  readonly url: string;
  readonly offset: number;
}

export const beginUploadMutation =
  'mutation($input: BeginUploadInput!) { beginUpload(input: $input) { upload { id url size offset } } }';
export const completeUploadMutation = `mutation($input: CompleteUploadInput!) {
  completeUpload(input: $input) {
    entry { id status class category attachment { url size sha256 } }
  }
}`;

/** What completing an upload answers. */
export interface CompletedEntry {
  readonly id: string;
  readonly status: string;
  readonly class: string;
  readonly category: string;
  readonly attachment: { readonly url: string; readonly size: number; readonly sha256: string };
}

export async function beginUpload(
  system: RunningSystem,
  role: string,
  input: FileInput,
): Promise<BegunUpload> {
  const { beginUpload: begun } = await system.data<{ beginUpload: { upload: BegunUpload } }>(
    role,
    beginUploadMutation,
    { input },
  );
  return begun.upload;
}

/** A request for a path of files. */
export async function atFiles(
  system: RunningSystem,
  role: string,
  path: string,
  {
    headers,
    ...init
  }: { method?: string; headers?: Record<string, string>; body?: BodyInit; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(new URL(path, system.url), {
    ...init,
    headers: { authorization: `Bearer ${await system.token(role)}`, ...headers },
  });
}

/** Sends bytes to an upload, from some place on. */
export function sendBytes(
  system: RunningSystem,
  role: string,
  url: string,
  offset: number,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return atFiles(system, role, url, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
      ...headers,
    },
    body: Buffer.from(body),
  });
}

export async function completeUpload(
  system: RunningSystem,
  role: string,
  upload: string,
): Promise<CompletedEntry> {
  const data = await system.data<{ completeUpload: { entry: CompletedEntry } }>(
    role,
    completeUploadMutation,
    {
      input: { upload },
    },
  );
  return data.completeUpload.entry;
}

/** The whole way. */
export async function addFile(
  system: RunningSystem,
  role: string,
  input: Omit<FileInput, 'size'>,
  bytes: Uint8Array,
): Promise<CompletedEntry> {
  const upload = await beginUpload(system, role, { ...input, size: bytes.byteLength });
  const sent = await sendBytes(system, role, upload.url, 0, bytes);
  if (sent.status !== 204) throw new Error(`sending answered ${sent.status}: ${await sent.text()}`);
  return completeUpload(system, role, upload.id);
}

/** The code of a refusal. */
export async function codeOf(response: Response): Promise<string | undefined> {
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code;
}
