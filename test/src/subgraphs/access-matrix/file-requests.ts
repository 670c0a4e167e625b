/** The ways in that are no GraphQL: a file is read, an upload is asked about, sent and given up. */
import { type LiveGraph, type Person } from '../live-graph.js';
import { nothing, shown } from './matrix-page.js';
import { type Things } from './matrix-case.js';

/** One request, as a row of the matrix. */
export interface FileRequest {
  /** `GET /files/ENTRY` */
  readonly name: string;
  readonly method: string;
  path(things: Things): string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const tus = { 'tus-resumable': '1.0.0' };
const path = (folder: string, id: string | undefined): string => `/${folder}/${encodeURIComponent(id ?? '')}`;

/** In an order in which each leaves the next something to do. */
export const fileRequests: readonly FileRequest[] = [
  { name: 'GET /files/ENTRY', method: 'GET', path: ({ File: id }) => path('files', id) },
  {
    name: 'HEAD /uploads/ENTRY',
    method: 'HEAD',
    path: ({ Upload: id }) => path('uploads', id),
    headers: tus,
  },
  {
    name: 'PATCH /uploads/ENTRY',
    method: 'PATCH',
    path: ({ Upload: id }) => path('uploads', id),
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: '0123456789',
  },
  {
    name: 'DELETE /uploads/ENTRY',
    method: 'DELETE',
    path: ({ unwantedUpload: id }) => path('uploads', id),
    headers: tus,
  },
];

/** What is answered, in whole. */
export interface FileAnswer {
  readonly status: number;
  readonly body: string;
}

export async function askForFile(
  graph: LiveGraph,
  person: Person,
  { method, headers, body }: FileRequest,
  at: string,
): Promise<FileAnswer> {
  const response = await fetch(new URL(at, graph.subgraph('records').url), {
    method,
    headers: { authorization: `Bearer ${await graph.token(person)}`, ...headers },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, body: await response.text() };
}

/** What a cell says of it. */
export function outcomeOfFile({ status, body }: FileAnswer): string {
  if (status < 300) return shown;
  if (status === 404) return nothing;
  // What answers HEAD has no body to say it in.
  if (body === '') return status === 403 ? 'FORBIDDEN' : `HTTP ${status}`;
  const { errors } = JSON.parse(body) as { errors: [{ extensions: { code: string } }] };
  return errors[0].extensions.code;
}
