import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { AdministrationRefusedError } from './errors.js';

/** Where an ordering node is administered, and with which TLS client certificate (PEM files). */
export interface OrdererAdminOptions {
  readonly host: string;
  readonly port: number;
  readonly tlsCaCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const channelList = z.object({
  channels: z
    .array(z.object({ name: z.string() }))
    .nullable()
    .default([]),
});

const channelInformation = z.object({ height: z.int() });

/** The channel participation API of one ordering node, over mutual TLS. */
export class OrdererAdmin {
  readonly #host: string;
  readonly #port: number;
  readonly #agent: Agent;

  private constructor({ host, port }: OrdererAdminOptions, agent: Agent) {
    this.#host = host;
    this.#port = port;
    this.#agent = agent;
  }

  static async open(options: OrdererAdminOptions): Promise<OrdererAdmin> {
    const [ca, cert, key] = await Promise.all([
      readFile(options.tlsCaCertificate),
      readFile(options.certificate),
      readFile(options.privateKey),
    ]);
    return new OrdererAdmin(options, new Agent({ ca, cert, key, keepAlive: true }));
  }

  async channels(): Promise<string[]> {
    const { channels } = channelList.parse(JSON.parse(await this.#call('GET', 200)));
    return (channels ?? []).map(({ name }) => name);
  }

  /** How many blocks of the channel the node has. */
  async height(channel: string): Promise<number> {
    const answer = await this.#call('GET', 200, { resource: `/${encodeURIComponent(channel)}` });
    return channelInformation.parse(JSON.parse(answer)).height;
  }

  /** @param genesisBlock - the first block of the channel */
  async join(channel: string, genesisBlock: Uint8Array): Promise<void> {
    if ((await this.channels()).includes(channel)) return;
    const form = new FormData();
    form.set('config-block', new Blob([Buffer.from(genesisBlock)]), 'config.block');
    const encoded = new Response(form);
    await this.#call('POST', 201, {
      contentType: encoded.headers.get('content-type') ?? '',
      body: Buffer.from(await encoded.arrayBuffer()),
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(
    method: string,
    expected: number,
    {
      resource = '',
      contentType = '',
      body,
    }: Readonly<{ resource?: string; contentType?: string; body?: Buffer }> = {},
  ): Promise<string> {
    const call = request({
      host: this.#host,
      port: this.#port,
      path: `/participation/v1/channels${resource}`,
      method,
      agent: this.#agent,
      headers: body && { 'content-type': contentType, 'content-length': body.length },
    });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const answer = await text(response);
    if (response.statusCode === expected) return answer;
    throw new AdministrationRefusedError(
      `The ordering node at ${this.#host}:${this.#port} refused to ${method === 'GET' ? 'list its channels' : 'join a channel'}: ${String(response.statusCode)} ${answer.trim()}`,
    );
  }
}
