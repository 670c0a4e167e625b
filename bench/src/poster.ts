import { type Agent, request as httpRequest } from 'node:http';

/** Posts a body of JSON and gives the answer's text. */
export type Post = (url: string, body: string, authorization: string) => Promise<string>;

/** Posts on kept connections as cheaply as Node can: what a load generator spends is taken from what it measures. */
export function poster(agent: Agent): Post {
  return (url, body, authorization) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization,
      };
      const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
}
