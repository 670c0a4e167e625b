import { type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { rangesOf } from './media-types.js';

/** Shorter texts would hardly become shorter. */
const worthwhileCharacters = 2_048;

type Compress = (text: string) => Promise<Buffer>;

/** By the name of the content coding. Both are set to be quick: the client waits for the answer. */
const codings: Readonly<Record<string, Compress>> = {
  br: (text) =>
    promisify(brotliCompress)(text, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      },
    }),
  gzip: (text) => promisify(gzip)(text, { level: 4 }),
};

/** The coding that a client takes most gladly of those there are; undefined where it takes the text as it is. */
function codingFor(acceptEncoding: string | string[] | undefined): string | undefined {
  const wanted = rangesOf(acceptEncoding?.toString() ?? '').map(({ type }) => type);
  // Most clients weigh all alike: then the one that makes the least of a text.
  return Object.keys(codings).find((coding) => wanted.includes(coding));
}

/** Ends a response with a text, compressed off the event loop where its client takes that and it is worth it. */
export async function endWith(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<void> {
  response.appendHeader('vary', 'Accept-Encoding');
  const coding =
    text.length < worthwhileCharacters ? undefined : codingFor(response.req.headers['accept-encoding']);
  const compress = coding === undefined ? undefined : codings[coding];
  if (coding === undefined || !compress) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
    return;
  }
  const compressed = await compress(text);
  response
    .writeHead(status, { ...headers, 'content-encoding': coding, 'content-length': compressed.length })
    .end(compressed);
}
