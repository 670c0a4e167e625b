import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { type ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { CommandError } from '../errors.js';

/** How another command reaches the process that holds a network: loopback, and a secret that only its owner can read. */
export interface ControlAddress {
  readonly url: string;
  readonly secret: string;
}

export interface ControlServer {
  readonly address: ControlAddress;
  /** Tells the command that waits, if one does, why it will not get what it asked for. */
  close(reason: string): Promise<void>;
}

const request = z.object({ network: z.string() });

/** One line of the answer: what is done, that all is, or why it cannot be. */
const line = z.union([
  z.object({ step: z.string() }),
  z.object({ done: z.literal(true) }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
]);
type Line = z.infer<typeof line>;

function failureOf(error: unknown): Line {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'NETWORK_APPLY_FAILED';
  return { error: { code, message: error instanceof Error ? error.message : String(error) } };
}

/**
 * Lets other commands have the network brought to a description, one at a time.
 * @param apply - brings it to the description in a file
 */
export async function serveControl(
  apply: (networkFile: string, onStep: (what: string) => void) => Promise<void>,
): Promise<ControlServer> {
  const secret = randomBytes(32).toString('base64url');
  let end!: (reason: Error) => void;
  const ended = new Promise<never>((_resolve, reject) => (end = reject));
  ended.catch(() => undefined); // Nobody may be waiting.
  let busy = false;
  let said: Promise<void> = Promise.resolve();
  const permitted = ({ headers }: IncomingMessage) => {
    const given = Buffer.from(headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${secret}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const say = (what: Line) => response.write(`${JSON.stringify(what)}\n`);
    if (!permitted(incoming)) return response.writeHead(401).end();
    if (busy) return response.writeHead(409).end();
    busy = true;
    said = finished(response).catch(() => undefined);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    try {
      const { network } = request.parse(JSON.parse(await text(incoming)));
      await Promise.race([apply(network, (step) => say({ step })), ended]);
      say({ done: true });
    } catch (error) {
      say(failureOf(error));
    } finally {
      busy = false;
      response.end();
    }
    return response;
  };
  const server = createServer((incoming, response) => void serve(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { url: `http://127.0.0.1:${port}/`, secret },
    close: async (reason) => {
      const closed = once(server, 'close');
      server.close();
      end(new CommandError('NETWORK_APPLY_FAILED', `The network went away: ${reason}`));
      await said;
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Has a running network brought to the description in a file; answers once all is done.
 * @throws {@link CommandError} `NETWORK_BUSY`, `NETWORK_APPLY_FAILED`, or with the code of what refuses.
 */
export async function askToApply(
  { url, secret }: ControlAddress,
  networkFile: string,
  onStep: (what: string) => void,
): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ network: networkFile }),
  }).catch((error: unknown) => {
    throw new CommandError('NETWORK_APPLY_FAILED', 'The network does not answer', { cause: error });
  });
  if (answer.status === 409)
    throw new CommandError('NETWORK_BUSY', 'The network is being changed by another command');
  if (!answer.ok || answer.body === null)
    throw new CommandError('NETWORK_APPLY_FAILED', `The network answers ${answer.status}`);
  const input = Readable.fromWeb(answer.body as ReadableStream);
  try {
    for await (const each of createInterface({ input })) {
      const said = line.parse(JSON.parse(each));
      if ('error' in said) throw new CommandError(said.error.code, said.error.message);
      if ('done' in said) return;
      onStep(said.step);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('NETWORK_APPLY_FAILED', 'The network went away', { cause: error });
  }
  throw new CommandError('NETWORK_APPLY_FAILED', 'The network went away before all was done; run it again');
}
