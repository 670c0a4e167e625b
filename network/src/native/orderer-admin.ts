import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { AdministrationRefusedError } from './errors.js';

/** Where an ordering node is administered, and with which TLS client certificate (PEM files). */
export interface OrdererAdminOptions {
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

/** The channel participation API of one ordering node, over mutual TLS. */
export class OrdererAdmin {
  readonly #port: number;
  readonly #agent: Agent;

  private constructor(port: number, agent: Agent) {
    this.#port = port;
    this.#agent = agent;
  }

  static async open(options: OrdererAdminOptions): Promise<OrdererAdmin> {
    const [ca, cert, key] = await Promise.all([
      readFile(options.tlsCaCertificate),
      readFile(options.certificate),
      readFile(options.privateKey),
    ]);
    return new OrdererAdmin(options.port, new Agent({ ca, cert, key, keepAlive: true }));
  }

  async channels(): Promise<string[]> {
    const { channels } = channelList.parse(JSON.parse(await this.#call('GET', 200)));
    return (channels ?? []).map(({ name }) => name);
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
    content?: Readonly<{ contentType: string; body: Buffer }>,
  ): Promise<string> {
    const call = request({
      host: '127.0.0.1',
      port: this.#port,
      path: '/participation/v1/channels',
      method,
      agent: this.#agent,
      headers: content && { 'content-type': content.contentType, 'content-length': content.body.length },
    });
    call.end(content?.body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const answer = await text(response);
    if (response.statusCode === expected) return answer;
    throw new AdministrationRefusedError(
      `The ordering node on port ${this.#port} refused to ${method === 'GET' ? 'list its channels' : 'join a channel'}: ${String(response.statusCode)} ${answer.trim()}`,
    );
  }
}
