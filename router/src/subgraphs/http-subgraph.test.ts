import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { HttpSubgraph } from './http-subgraph.js';

describe('HttpSubgraph', () => {
  let server: Server;
  let opened: number;
  let closed: Promise<void>;

  beforeEach(async () => {
    opened = 0;
    // It never closes a connection itself.
    server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      request.resume().on('end', () => response.end('{"data":{"done":true}}'));
    });
    closed = new Promise((resolve) => {
      server.on('connection', (socket) => {
        opened += 1;
        socket.once('close', () => resolve());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = (idleConnectionMs: number) =>
    new HttpSubgraph('claims', `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, {
      timeoutMs: 5_000,
      maxResponseBytes: 1_000,
      maxConnections: 8,
      idleConnectionMs,
    });
  const mutation = () => ({
    subgraph: 'claims',
    operation: 'mutation' as const,
    query: 'mutation { done }',
    requestId: 'test',
    signal: new AbortController().signal,
  });

  it('sends one after the other on a connection that it keeps', async () => {
    const subgraph = open(5_000);
    for (let count = 0; count < 3; count += 1)
      expect(await subgraph.request(mutation())).toEqual({ data: { done: true } });
    expect(opened).toBe(1);
    subgraph.dispose();
  });

  it('is the first to close a connection that is idle, so that none closes under a mutation', async () => {
    const subgraph = open(50);
    expect(await subgraph.request(mutation())).toEqual({ data: { done: true } });
    await closed;
    expect(await subgraph.request(mutation())).toEqual({ data: { done: true } });
    expect(opened).toBe(2);
    subgraph.dispose();
  });
});
