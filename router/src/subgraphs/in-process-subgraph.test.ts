import { GraphStopped, StreamRefused, type InProcessGraph } from '@medigraph/platform/in-process-graph';
import { type SubgraphRequest } from './subgraph-client.js';
import { InProcessSubgraph } from './in-process-subgraph.js';

const request = (over: Partial<SubgraphRequest> = {}): SubgraphRequest => ({
  subgraph: 'claims',
  operation: 'query',
  query: '{ done }',
  requestId: 'test',
  signal: new AbortController().signal,
  ...over,
});

/** A graph of which a test says what it does. */
const subgraph = (graph: Partial<InProcessGraph>, timeoutMs = 5_000) =>
  new InProcessSubgraph(
    'claims',
    {
      execute: () => Promise.resolve({ data: { done: true } }),
      subscribe: () => {
        throw new Error('not asked for');
      },
      ...graph,
    },
    { timeoutMs },
  );

const failing = (error: Error): AsyncIterableIterator<never> => ({
  next: () => Promise.reject(error),
  [Symbol.asyncIterator]() {
    return this;
  },
});

const never = new Promise<never>(() => undefined);

describe('InProcessSubgraph', () => {
  it('hands on what is asked, and the answer', async () => {
    const asked: unknown[] = [];
    const claims = subgraph({
      execute: (operation) => {
        asked.push(operation);
        return Promise.resolve({
          errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }],
          data: null,
        });
      },
    });
    const result = await claims.request(request({ authorization: 'Bearer a', variables: { id: '1' } }));
    expect(asked).toMatchObject([{ query: '{ done }', authorization: 'Bearer a', variables: { id: '1' } }]);
    expect(result.data).toBeNull();
    expect(result.errors).toMatchObject([{ message: 'No.', extensions: { code: 'FORBIDDEN' } }]);
  });
  it('waits no longer than its deadline', async () => {
    const { errors } = await subgraph({ execute: () => never }, 20).request(request());
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_TIMEOUT', subgraph: 'claims' } }]);
  });
  it('waits no longer than its client', async () => {
    const client = new AbortController();
    const answered = subgraph({ execute: () => never }).request(request({ signal: client.signal }));
    client.abort();
    expect((await answered).errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });
  it('is unavailable once it has stopped', async () => {
    const stopped = subgraph({
      execute: () => Promise.reject(new GraphStopped()),
      subscribe: () => failing(new GraphStopped()),
    });
    expect((await stopped.request(request())).errors).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } },
    ]);
    await expect(stopped.subscribe(request()).next()).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(await stopped.answers()).toBe(false);
    expect(await subgraph({}).answers()).toBe(true);
  });
  it('says with which code a stream was refused', async () => {
    const refused = new StreamRefused([{ message: 'Too old.', extensions: { code: 'TOKEN_EXPIRED' } }]);
    const events = subgraph({ subscribe: () => failing(refused) }).subscribe(request());
    await expect(events.next()).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  });
  it('takes of the extensions of an event the cursor alone', async () => {
    async function* one() {
      await Promise.resolve();
      yield { data: { changed: 1 }, extensions: { cursor: 'c1', debug: 'secret' } };
    }
    const events = subgraph({ subscribe: one }).subscribe(request());
    expect(await events.next()).toEqual({
      done: false,
      value: { data: { changed: 1 }, extensions: { cursor: 'c1' } },
    });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});
