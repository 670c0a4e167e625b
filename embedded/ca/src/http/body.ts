import { type IncomingMessage } from 'node:http';
import { Refusal, refusalCode } from '../refusal.js';

/** Bytes of a request: a certificate request with every attribute that one could ask for is a hundredth of it. */
const largestBody = 512 * 1024;

/** Reads a request's body. @throws {@link Refusal} 413 as soon as it is too large; 400 if it ends early. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () =>
    new Refusal(413, refusalCode.readingBody, `Failed reading request body: more than ${largestBody} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > largestBody) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > largestBody) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      400,
      refusalCode.readingBody,
      `Failed reading request body: ${(error as Error).message}`,
    );
  }
  return Buffer.concat(chunks);
}
