import { type IncomingMessage, type ServerResponse } from 'node:http';
import { JoinRefusedError, type ChannelRegistry } from '../channels/channel-registry.js';
import { configurationIn } from '../config/config-block.js';
import { reasonOf } from '../errors.js';
import { decodeBlock, encodeBlock } from '../store/channel-store.js';
import { type LedgerBlock } from '../store/block.js';
import { type OrderingService } from './ordering-service.js';

const base = '/participation/v1/channels';
const largestBody = 1024 * 1024;
const blockPart = 'config-block';

/** A request that is refused, with the status of its answer. */
class RequestRefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Methods that would be allowed. */
    readonly allow?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const badRequest = (message: string, cause?: unknown) =>
  new RequestRefusedError(400, message, undefined, { cause });

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** The channel participation API of the orderers: which channels they order, and what has them join or leave one. */
export class ChannelParticipation {
  readonly #registry: ChannelRegistry;
  readonly #ordering: OrderingService;

  constructor(registry: ChannelRegistry, ordering: OrderingService) {
    this.#registry = registry;
    this.#ordering = ordering;
  }

  /** Answers one request; never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request).catch((error: unknown): Answer => {
      const body = { error: reasonOf(error) };
      if (!(error instanceof RequestRefusedError)) return { status: 500, body };
      return { status: error.status, body, ...(error.allow && { headers: { allow: error.allow } }) };
    });
    const { status, headers, body } = answer;
    const binary = Buffer.isBuffer(body);
    const type = binary ? 'application/octet-stream' : 'application/json';
    response.writeHead(status, { 'cache-control': 'no-store', 'content-type': type, ...headers });
    response.end(body === undefined || binary ? body : `${JSON.stringify(body)}\n`);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', 'http://orderer');
    const match = /^\/participation\/v1\/channels(?:\/([^/]+)(?:\/blocks\/([^/]+))?)?$/.exec(pathname);
    if (match === null) throw new RequestRefusedError(404, '404 page not found');
    const [, channel, block] = match.map((part: string | undefined) => part && decodeURIComponent(part));
    if (block !== undefined && channel !== undefined)
      return this.#allowing(request, { GET: () => this.#block(channel, block) });
    if (channel !== undefined)
      return this.#allowing(request, {
        GET: () => Promise.resolve(this.#one(channel)),
        DELETE: () => this.#remove(channel),
      });
    return this.#allowing(request, {
      GET: () => Promise.resolve(this.#all()),
      POST: () => this.#join(request),
    });
  }

  #allowing(
    { method = '' }: IncomingMessage,
    methods: Readonly<Record<string, () => Promise<Answer>>>,
  ): Promise<Answer> {
    const handle = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handle !== undefined) return handle();
    const allow = Object.keys(methods).join(', ');
    return Promise.reject(new RequestRefusedError(405, `invalid request method: ${method}`, allow));
  }

  #all(): Answer {
    const channels = this.#ordering.values().map(({ name }) => ({ name, url: `${base}/${name}` }));
    return { status: 200, body: { systemChannel: null, channels: channels.length === 0 ? null : channels } };
  }

  #one(name: string): Answer {
    return { status: 200, body: this.#information(name) };
  }

  #information(name: string) {
    const channel = this.#ordering.get(name);
    if (channel === undefined) throw new RequestRefusedError(404, 'channel does not exist');
    const { height } = channel.store;
    return { name, url: `${base}/${name}`, consensusRelation: 'consenter', status: 'active', height };
  }

  async #join(request: IncomingMessage): Promise<Answer> {
    const block = await readBlock(request);
    try {
      this.#ordering.add(await this.#registry.joinOrderers(block));
    } catch (error) {
      const reason = `cannot join: ${reasonOf(error)}`;
      if (error instanceof JoinRefusedError && error.message === 'channel already exists')
        throw new RequestRefusedError(405, reason, 'GET, DELETE', { cause: error });
      throw badRequest(reason, error);
    }
    const information = this.#information(configurationIn(block).channel);
    return { status: 201, headers: { location: information.url }, body: information };
  }

  async #remove(name: string): Promise<Answer> {
    if (!this.#ordering.has(name))
      throw new RequestRefusedError(404, 'cannot remove: channel does not exist');
    await this.#ordering.remove(name);
    await this.#registry.leaveOrderers(name);
    return { status: 204 };
  }

  async #block(name: string, which: string): Promise<Answer> {
    if (!/^(newest|oldest|config|\d+)$/.test(which))
      throw badRequest(`'${which}' not equal <newest|oldest|config|(number)>`);
    const channel = this.#ordering.get(name);
    if (channel === undefined) throw new RequestRefusedError(404, 'channel does not exist');
    const { store, lastConfigBlock } = channel;
    const named: Record<string, number> = { newest: store.height - 1, oldest: 0, config: lastConfigBlock };
    const number = named[which] ?? Number(which);
    if (number >= store.height) throw new RequestRefusedError(404, 'block not found');
    return { status: 200, body: encodeBlock(await store.block(number)) };
  }
}

async function readBlock(request: IncomingMessage): Promise<LedgerBlock> {
  const contentType = request.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data'))
    throw badRequest(`unsupported Content-Type: [${contentType}]`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody)
      throw badRequest('cannot read form from request body: http: request body too large');
    chunks.push(chunk);
  }
  let part: FormDataEntryValue | null;
  try {
    const body = new Response(Buffer.concat(chunks), { headers: { 'content-type': contentType } });
    part = (await body.formData()).get(blockPart);
  } catch (error) {
    throw badRequest(`cannot read form from request body: ${reasonOf(error)}`, error);
  }
  if (part === null || typeof part === 'string')
    throw badRequest(`form does not contains part key: ${blockPart}`);
  try {
    return decodeBlock(Buffer.from(await part.arrayBuffer()));
  } catch (error) {
    throw badRequest(`cannot unmarshal file part ${blockPart} into a block: ${reasonOf(error)}`, error);
  }
}
