import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { type Refusal } from '../refusal.js';

/** A result that is a list of any length, sent as it is read. */
export class Streamed {
  constructor(
    /** Name of the list in the result. */
    readonly name: string,
    readonly items: AsyncIterable<unknown>,
    /** What else is in the result. */
    readonly rest: Readonly<Record<string, unknown>>,
  ) {}
}

const end = (refusal?: Refusal): string => {
  const errors = refusal === undefined ? [] : [{ code: refusal.code, message: refusal.message }];
  return `,"errors":${JSON.stringify(errors)},"messages":[],"success":${String(refusal === undefined)}}`;
};

function writeHead(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
}

/** Waits where the other side reads slower than the list grows. */
async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text)) return;
  if (response.destroyed) throw new Error('the connection is closed');
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

async function writeStreamed(response: ServerResponse, { name, items, rest }: Streamed): Promise<void> {
  await write(response, `{"result":{${JSON.stringify(name)}:[`);
  let first = true;
  for await (const item of items) {
    if (response.destroyed) return;
    await write(response, `${first ? '' : ','}${JSON.stringify(item)}`);
    first = false;
  }
  const more = Object.entries(rest).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
  response.end(`]${more.join('')}}${end()}`);
}

/** Sends a status alone, as `HEAD` wants it. */
export function answerHead(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 }).end();
}

/** Sends a result in Fabric CA's envelope. */
export async function answer(response: ServerResponse, status: number, result: unknown): Promise<void> {
  writeHead(response, status);
  if (result instanceof Streamed) {
    await writeStreamed(response, result);
    return;
  }
  response.end(`{"result":${JSON.stringify(result)}${end()}`);
}

/** Sends a refusal in Fabric CA's envelope. */
export function refuse(response: ServerResponse, refusal: Refusal): void {
  writeHead(response, refusal.status);
  response.end(`{"result":""${end(refusal)}`);
}
