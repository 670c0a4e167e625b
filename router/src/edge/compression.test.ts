import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { TestBench } from '../testing/test-bench.js';

describe('compression of answers', () => {
  let bench: TestBench;
  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench.stop());

  /** Asks without a client that would undo the compression. */
  async function ask(first: number, acceptEncoding?: string) {
    const authorization = await bench.tokens.issue();
    return new Promise<{ coding: string | undefined; vary: string | undefined; body: Buffer }>(
      (resolve, reject) => {
        const headers = {
          'content-type': 'application/json',
          authorization,
          ...(acceptEncoding !== undefined && { 'accept-encoding': acceptEncoding }),
        };
        request(bench.router.url, { method: 'POST', headers }, (response) => {
          const { 'content-encoding': coding, vary } = response.headers;
          buffer(response).then((body) => resolve({ coding, vary, body }), reject);
        })
          .on('error', reject)
          .end(JSON.stringify({ query: `{ claims(first: ${first}) { id status amount } }` }));
      },
    );
  }

  it.each([
    ['gzip', 'gzip, deflate', gunzipSync],
    ['br', 'gzip, deflate, br', brotliDecompressSync],
    ['gzip', 'br;q=0, gzip;q=0.5', gunzipSync],
  ])('is %s for a client that says "%s"', async (expected, acceptEncoding, decompress) => {
    const plain = await ask(200);
    const { coding, vary, body } = await ask(200, acceptEncoding);
    expect(coding).toBe(expected);
    expect(vary).toContain('Accept-Encoding');
    expect(body.length).toBeLessThan(plain.body.length / 3);
    expect(decompress(body).toString()).toBe(plain.body.toString());
  });

  it.each([
    ['a client that does not ask for it', 200, undefined],
    ['a client that takes none that there is', 200, 'zstd, gzip;q=0'],
    ['a short answer', 1, 'gzip'],
  ])('is left out for %s', async (_whom, first, acceptEncoding) => {
    const { coding, body } = await ask(first, acceptEncoding);
    expect(coding).toBeUndefined();
    expect(JSON.parse(body.toString())).toHaveProperty('data.claims.length', first);
  });
});
