import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TestBench, until } from '../testing/test-bench.js';

const changes = 'subscription { claimEvents { cursor claim { id } } }';

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: {
    readonly data?: { readonly claimEvents: { readonly claim: { readonly id: string } } };
    readonly errors?: readonly { readonly extensions: Record<string, unknown> }[];
    readonly expiresAt?: number;
  };
}

/** A client that speaks the WebSocket protocol by hand, and keeps what it was told. */
class PlainClient {
  readonly received: Message[] = [];
  readonly socket: WebSocket;

  constructor(url: string) {
    this.socket = new WebSocket(url, 'graphql-transport-ws');
    this.socket.on('message', (data: Buffer) => this.received.push(JSON.parse(data.toString()) as Message));
  }

  async subscribe(authorization: string): Promise<this> {
    await once(this.socket, 'open');
    this.send({ type: 'connection_init', payload: { authorization } });
    await this.first('connection_ack');
    this.send({ type: 'subscribe', id: 'one', payload: { query: changes } });
    return this;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async first(type: string, index = 0): Promise<Message> {
    let found: Message | undefined;
    await until(
      () => (found = this.received.filter((message) => message.type === type)[index]) !== undefined,
    );
    return found ?? { type };
  }

  renew(authorization: unknown): void {
    this.send({ type: 'ping', payload: { authorization } });
  }
}

describe('renewal in place', () => {
  let bench: TestBench;
  const clients: PlainClient[] = [];

  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.terminate();
    await until(() => bench.clinic.claimEvents.readers === 0);
  });
  afterAll(() => bench.stop());

  async function subscriber(authorization: string): Promise<PlainClient> {
    const client = new PlainClient(bench.router.wsUrl);
    clients.push(client);
    await client.subscribe(authorization);
    await until(() => bench.clinic.claimEvents.readers > 0);
    return client;
  }

  const until2s = async (client: PlainClient): Promise<Message> => {
    // The first token has run out by then: its stream would have ended.
    await bench.tokens.expiry(2);
    bench.clinic.claimEvents.append({ id: '7' });
    return client.first('next');
  };

  it('goes on over a WebSocket with the token of a ping, upstream too', async () => {
    const client = await subscriber(await bench.tokens.issue(2));
    client.renew(await bench.tokens.issue(300));
    const pong = await client.first('pong');
    expect(pong.payload?.expiresAt).toBeGreaterThan(Date.now() / 1000 + 200);
    const next = await until2s(client);
    expect(next.payload?.data?.claimEvents.claim.id).toBe('7');
    client.send({ type: 'subscribe', id: 'two', payload: { query: '{ claim(id: "1") { id } }' } });
    const answer = await client.first('next', 1);
    expect(answer.payload?.data).toEqual({ claim: { id: '1' } });
  });

  it('goes on after a step-up, with what the new sign-in is given upstream', async () => {
    const signedIn = Math.floor(Date.now() / 1000) - 600;
    const weak = { acr: 'urn:medigraph:acr:pwd', amr: ['pwd'], auth_time: signedIn };
    const sure = { acr: 'urn:medigraph:acr:mfa', amr: ['pwd', 'hwk'], auth_time: signedIn + 590 };
    const first = await subscriber(await bench.tokens.issue(300, weak));
    const second = await subscriber(await bench.tokens.issue(300, weak));
    await until(() => bench.clinic.claimEvents.readers === 1);
    first.renew(await bench.tokens.issue(300, sure));
    expect((await first.first('pong')).payload?.errors).toBeUndefined();
    // What was shared is no longer: each sign-in has an upstream of its own.
    await until(() => bench.clinic.claimEvents.readers === 2);
    bench.clinic.claimEvents.append({ id: '9' });
    for (const client of [first, second])
      expect((await client.first('next')).payload?.data?.claimEvents.claim.id).toBe('9');
    first.renew(await bench.tokens.issue(300, weak));
    const pong = await first.first('pong', 1);
    expect(pong.payload?.errors?.map(({ extensions }) => extensions['code'])).toEqual(['RENEWAL_REFUSED']);
  });

  it.each([
    [
      "another person's token",
      () => bench.tokens.issue(300, { sub: 'hospital-a/dr-other' }),
      'RENEWAL_REFUSED',
    ],
    [
      'a token with more rights',
      () => bench.tokens.issue(300, { scope: 'openid medigraph' }),
      'RENEWAL_REFUSED',
    ],
    ['an expired one', () => bench.tokens.issue(-10), 'TOKEN_EXPIRED'],
    ['a forged one', () => Promise.resolve('Bearer a.b.c'), 'UNAUTHENTICATED'],
    ['no text', () => Promise.resolve(7), 'UNAUTHENTICATED'],
  ])('refuses %s; the stream ends with its own', async (_what, token, code) => {
    const client = await subscriber(await bench.tokens.issue(2));
    client.renew(await token());
    const pong = await client.first('pong');
    expect(pong.payload?.errors?.map(({ extensions }) => extensions['code'])).toEqual([code]);
    const last = await client.first('next');
    expect(last.payload?.errors?.[0]?.extensions).toMatchObject({ code: 'TOKEN_EXPIRED' });
    expect(typeof last.payload?.errors?.[0]?.extensions['cursor']).toBe('string');
    await client.first('complete');
  });

  it('closes on a client that floods it with renewals', async () => {
    const client = await subscriber(await bench.tokens.issue());
    const fresh = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.tokens.issue(300 + index)),
    );
    for (const token of fresh) client.renew(token);
    const [code] = (await once(client.socket, 'close')) as [number];
    expect(code).toBe(4429);
  });

  it('answers a plain ping as the protocol has it', async () => {
    const client = await subscriber(await bench.tokens.issue());
    client.send({ type: 'ping', payload: { at: 1 } });
    expect(await client.first('pong')).toEqual({ type: 'pong', payload: { at: 1 } });
  });

  describe('of an event stream', () => {
    async function open(
      authorization: string,
    ): Promise<{ id: string; text: () => string; leave: () => void }> {
      const leave = new AbortController();
      const response = await fetch(bench.at('/graphql/stream'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: changes }),
        signal: leave.signal,
      });
      let text = '';
      const read = async (): Promise<void> => {
        const body = response.body as AsyncIterable<Uint8Array> | null;
        for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
      };
      read().catch(() => undefined);
      await until(() => bench.clinic.claimEvents.readers > 0);
      return {
        id: response.headers.get('x-stream-id') ?? '',
        text: () => text,
        leave: () => {
          leave.abort();
        },
      };
    }

    const renew = async (id: string, authorization?: string, method = 'POST'): Promise<[number, unknown]> => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await fetch(bench.at(`/graphql/stream/${id}`), { method, headers });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return [response.status, errors?.[0]?.extensions.code];
    };

    it('is a request that names it', async () => {
      const stream = await open(await bench.tokens.issue(2));
      expect(await renew(stream.id, await bench.tokens.issue(300))).toEqual([200, undefined]);
      await bench.tokens.expiry(2);
      bench.clinic.claimEvents.append({ id: '8' });
      await until(() => stream.text().includes('"id":"8"'));
      expect(stream.text()).toMatch(/^id: at-\d+\nevent: next$/m);
      expect(stream.text()).not.toContain('TOKEN_EXPIRED');
      stream.leave();
    });

    it('is refused to others, and for what is not there', async () => {
      const stream = await open(await bench.tokens.issue());
      const fresh = await bench.tokens.issue(300);
      const other = await bench.tokens.issue(300, { sub: 'hospital-a/dr-other' });
      expect(await renew(stream.id, other)).toEqual([403, 'RENEWAL_REFUSED']);
      expect(await renew(stream.id)).toEqual([401, 'UNAUTHENTICATED']);
      expect(await renew(stream.id, fresh, 'GET')).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(await renew('00000000-0000-0000-0000-000000000000', fresh)).toEqual([404, 'STREAM_NOT_FOUND']);
      stream.leave();
      await until(async () => (await renew(stream.id, fresh))[0] === 404);
    });
  });
});
