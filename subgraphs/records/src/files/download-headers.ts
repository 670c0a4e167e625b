import { type ByteRange } from '@medigraph/platform/files';
import { FileRequestError } from './errors.js';

/**
 * The bytes that a `Range` header asks for; undefined for all of them. Several ranges in one request are answered with the
 * whole, as RFC 9110 allows.
 * @throws {@link FileRequestError} 416 if there are none of them.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last)
    throw new FileRequestError(416, `The file has ${size} bytes.`, { 'content-range': `bytes */${size}` });
  return { first, last };
}

/** A file name for every browser (RFC 6266): in ASCII, and as it is. */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
