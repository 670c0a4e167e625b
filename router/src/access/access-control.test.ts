import { OperationTypeNode, type ExecutionResult, type FormattedExecutionResult } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { StitchingEngine } from '../engine/stitching-engine.js';
import { startRouter, type RouterOptions, type RunningRouter } from '../start-router.js';
import { ProtectedGraph } from '../testing/protected-graph.js';
import { codesOf, until } from '../testing/test-bench.js';
import { TestTokens } from '../testing/test-tokens.js';
import { mfaContext } from './policies.js';

const denied = 'UNAUTHORIZED_FIELD_OR_TYPE';
const seconds = (): number => Math.floor(Date.now() / 1000);

describe.each<[string, RouterOptions['engine']]>([
  ['the query planner', undefined],
  ['stitching', (supergraph, client) => StitchingEngine.create(supergraph, client)],
])('access control before %s', (_name, engine) => {
  let graph: ProtectedGraph;
  let tokens: TestTokens;
  let router: RunningRouter;

  const serve = async (options: Partial<RouterOptions> = {}): Promise<void> => {
    router = await startRouter({
      supergraph: graph.supergraph(),
      subgraphs: graph.endpoints,
      verifier: tokens,
      anonymous: true,
      engine,
      ...options,
    });
  };
  beforeAll(async () => {
    tokens = await TestTokens.create();
  });
  beforeEach(async () => {
    graph = await new ProtectedGraph().start();
  });
  afterEach(async () => {
    await router.close(500);
    await graph.stop();
  });

  type Claims = Readonly<Record<string, unknown>> | 'nobody';
  const authorizationOf = async (claims: Claims): Promise<string | undefined> =>
    claims === 'nobody' ? undefined : tokens.issue(300, claims);
  const send = async (claims: Claims, query: string, variables: Record<string, unknown> = {}) => {
    const authorization = await authorizationOf(claims);
    const response = await fetch(router.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(authorization && { authorization }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as ExecutionResult;
    return { status: response.status, challenge: response.headers.get('www-authenticate'), body };
  };
  const someone = { scope: 'other' };
  const mfa = { ...someone, acr: mfaContext, auth_time: seconds() };

  describe('withholds', () => {
    beforeEach(() => serve());

    it.each<
      [what: string, Claims, query: string, data: object, errors: [path: (string | number)[], code: string][]]
    >([
      [
        'nothing of what is open',
        'nobody',
        '{ motto person(id: "1") { name } }',
        { motto: 'semper', person: { name: 'P1' } },
        [],
      ],
      [
        'a root field',
        'nobody',
        '{ motto me { id } }',
        { motto: 'semper', me: null },
        [[['me'], 'UNAUTHENTICATED']],
      ],
      ['nothing of it from a caller', someone, '{ me { id } }', { me: { id: '1' } }, []],
      [
        'a nested field',
        someone,
        '{ me { id boss { name email } } }',
        { me: { id: '1', boss: { name: 'P9', email: null } } },
        [[['me', 'boss', 'email'], denied]],
      ],
      [
        'a field under an alias',
        someone,
        '{ me { mail: email } }',
        { me: { mail: null } },
        [[['me', 'mail'], denied]],
      ],
      [
        'a field with half of its scopes',
        { scope: 'read:email' },
        '{ me { email } }',
        { me: { email: null } },
        [[['me', 'email'], denied]],
      ],
      [
        'nothing from all scopes of one set',
        { scope: 'read:person read:email' },
        '{ me { email } }',
        { me: { email: '1@x' } },
        [],
      ],
      [
        'nothing from those of another set',
        { scope: 'admin' },
        '{ me { email } }',
        { me: { email: '1@x' } },
        [],
      ],
      [
        'a field of another subgraph',
        'nobody',
        '{ person(id: "1") { name age } }',
        { person: { name: 'P1', age: null } },
        [[['person', 'age'], 'UNAUTHENTICATED']],
      ],
      [
        'a field inside a fragment',
        someone,
        '{ me { ...F } } fragment F on Person { name ...G } fragment G on Person { email }',
        { me: { name: 'P1', email: null } },
        [[['me', 'email'], denied]],
      ],
      [
        'a fragment of nothing else',
        someone,
        '{ me { id ...F } } fragment F on Person { email }',
        { me: { id: '1', email: null } },
        [[['me', 'email'], denied]],
      ],
      [
        'a field inside an inline fragment',
        someone,
        '{ me { ... { ... on Person { email id } } } }',
        { me: { email: null, id: '1' } },
        [[['me', 'email'], denied]],
      ],
      [
        'all that was asked of an object, but whether it is there',
        someone,
        '{ me { email } nobody: person(id: "0") { email } }',
        { me: { email: null }, nobody: null },
        [[['me', 'email'], denied]],
      ],
      [
        'values of a scalar type',
        someone,
        '{ motto diagnosis me { diagnosis } }',
        { motto: 'semper', diagnosis: null, me: { diagnosis: null } },
        [
          [['diagnosis'], denied],
          [['me', 'diagnosis'], denied],
        ],
      ],
      [
        'objects of a type',
        someone,
        '{ me { id sealed { text } } }',
        { me: { id: '1', sealed: null } },
        [[['me', 'sealed'], 'STEP_UP_REQUIRED']],
      ],
      [
        'a field that cannot be null with its object',
        someone,
        '{ motto me { id salary } }',
        { motto: 'semper', me: null },
        [[['me', 'salary'], denied]],
      ],
      [
        'what cannot be null up to the root',
        someone,
        '{ people { id salary } }',
        null as never,
        [[['people', 0, 'salary'], denied]],
      ],
      [
        'a field of every item, told once',
        someone,
        '{ people { id email } }',
        { people: ['1', '2', '3'].map((id) => ({ id, email: null })) },
        [[['people', 0, 'email'], denied]],
      ],
      [
        'a field under each of its aliases',
        someone,
        '{ me { one: email two: email } }',
        { me: { one: null, two: null } },
        [
          [['me', 'one'], denied],
          [['me', 'two'], denied],
        ],
      ],
      [
        'a field of some objects behind an interface',
        { scope: 'memos' },
        '{ maybeNotes { text } }',
        { maybeNotes: [null, { text: 'call' }, { text: 'memo' }] },
        [[['maybeNotes', 0, 'text'], denied]],
      ],
      [
        'objects of a type behind an interface',
        { scope: 'letters' },
        '{ maybeNotes { text } }',
        { maybeNotes: [{ text: 'letter' }, { text: 'call' }, null] },
        [[['maybeNotes', 2], denied]],
      ],
      [
        'nothing behind an interface from who may have all',
        { scope: 'letters memos' },
        '{ notes { text } }',
        { notes: [{ text: 'letter' }, { text: 'call' }, { text: 'memo' }] },
        [],
      ],
      [
        'what is asked by the name of a type behind an interface',
        someone,
        '{ maybeNotes { ... on Letter { text } ... on Call { text } ... on Memo { text } } }',
        { maybeNotes: [null, { text: 'call' }, null] },
        [
          [['maybeNotes', 0, 'text'], denied],
          [['maybeNotes', 2], denied],
        ],
      ],
      [
        'fields of a union',
        someone,
        '{ found { __typename ... on Person { email } ... on Letter { text } ... on Memo { text } } }',
        { found: [{ __typename: 'Person', email: null }, null, null] },
        [
          [['found', 0, 'email'], denied],
          [['found', 1, 'text'], denied],
          [['found', 2], denied],
        ],
      ],
      [
        'a field by a policy',
        someone,
        '{ me { badge } }',
        { me: { badge: null } },
        [[['me', 'badge'], 'STEP_UP_REQUIRED']],
      ],
      [
        'nothing by a policy that is satisfied',
        mfa,
        '{ me { badge } sealed { text } }',
        { me: { badge: 'gold' }, sealed: { text: 'hush' } },
        [],
      ],
      [
        'what a policy asks for that nobody knows',
        mfa,
        '{ me { id unheard } }',
        { me: { id: '1', unheard: null } },
        [[['me', 'unheard'], denied]],
      ],
      [
        'a root field of a mutation, beside others',
        { scope: 'write' },
        'mutation { rename(id: "1") { id } wipe }',
        { rename: { id: '1' }, wipe: null },
        [[['wipe'], 'STEP_UP_REQUIRED']],
      ],
    ])('%s', async (_what, claims, query, data, errors) => {
      const { status, body } = await send(claims, query);
      expect(status).toBe(200);
      expect(body.data).toEqual(data);
      expect((body.errors ?? []).map(({ path, extensions }) => [path, extensions.code])).toEqual(errors);
      if (errors.length === 0) return;
      for (const [path, code] of errors) {
        const field = path.filter((step) => typeof step === 'string').at(-1) ?? '';
        if (code === denied && ['email', 'salary', 'diagnosis', 'unheard'].includes(field))
          expect(graph.asked).not.toContain(field);
      }
    });

    it('what a condition leaves in, and says nothing of what it leaves out', async () => {
      const query =
        'query ($no: Boolean = false) { me { id email @include(if: $no) ...F @skip(if: $no) } } fragment F on Person { name }';
      expect((await send(someone, query)).body).toEqual({ data: { me: { id: '1', name: 'P1' } } });
      const asked = await send(someone, query, { no: true });
      expect(asked.body.data).toEqual({ me: { id: '1', email: null } });
      expect(codesOf(asked.body)).toEqual([denied]);
    });

    it('by what each caller may, from one document', async () => {
      const query = '{ me { email salary } }';
      const both = { scope: 'admin payroll' };
      for (let round = 0; round < 2; round += 1) {
        expect((await send(both, query)).body).toEqual({ data: { me: { email: '1@x', salary: 7 } } });
        expect((await send({ scope: 'payroll' }, query)).body.data).toEqual({
          me: { email: null, salary: 7 },
        });
        expect((await send({ scope: 'admin' }, query)).body.data).toEqual({ me: null });
      }
    });

    it('fields by name in every spelling of a nested condition', async () => {
      const nested = Array.from({ length: 7 }, (_, index) => `... @include(if: $c${index}) {`).join(' ');
      const declared = Array.from({ length: 7 }, (_, index) => `$c${index}: Boolean!`).join(' ');
      const query = `query (${declared}) { me { id ${nested} email ${'}'.repeat(7)} } }`;
      const given = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`c${index}`, true]));
      const { body } = await send(someone, query, given);
      expect(body.data).toEqual({ me: { id: '1', email: null } });
      expect(graph.asked).not.toContain('email');
    });

    it('shows no directive in the schema, and all of its fields', async () => {
      const { body } = await send(
        'nobody',
        '{ __schema { directives { name } } __type(name: "Person") { fields { name } } }',
      );
      expect(JSON.stringify(body.data)).not.toMatch(/policy|authenticated|requiresScopes/);
      expect(JSON.stringify(body.data)).toContain('salary');
    });
  });

  describe('refuses', () => {
    it('an operation of which nothing is left, by a status and a challenge of its own', async () => {
      await serve();
      const anonymous = await send('nobody', '{ me { id } }');
      expect([anonymous.status, codesOf(anonymous.body)]).toEqual([401, ['UNAUTHENTICATED']]);
      expect(anonymous.challenge).toBe('Bearer realm="medigraph"');
      const scope = await send(someone, 'mutation { rename(id: "1") { id } }');
      expect([scope.status, codesOf(scope.body)]).toEqual([403, [denied]]);
      expect(scope.challenge).toBe('Bearer realm="medigraph", error="insufficient_scope", scope="write"');
      expect(graph.asked).toBe('');
    });

    it('with a challenge to sign in more surely (RFC 9470)', async () => {
      await serve({ stepUpMaxAgeSeconds: 900 });
      const { status, challenge, body } = await send(someone, 'mutation { wipe }');
      expect(status).toBe(401);
      expect(body.errors?.[0]?.extensions).toEqual({
        code: 'STEP_UP_REQUIRED',
        acrValues: [mfaContext],
        maxAge: 900,
      });
      expect(challenge).toContain('error="insufficient_user_authentication"');
      expect(challenge).toContain(`acr_values="${mfaContext}", max_age="900"`);
      const old = { ...mfa, auth_time: seconds() - 901 };
      expect(codesOf((await send(old, 'mutation { wipe }')).body)).toEqual(['STEP_UP_REQUIRED']);
      const undated = { ...mfa, auth_time: undefined };
      expect(codesOf((await send(undated, 'mutation { wipe }')).body)).toEqual(['STEP_UP_REQUIRED']);
      const first = { ...mfa, acr: 'urn:medigraph:acr:pwd' };
      expect(codesOf((await send(first, 'mutation { wipe }')).body)).toEqual(['STEP_UP_REQUIRED']);
      expect((await send(mfa, 'mutation { wipe }')).body).toEqual({ data: { wipe: 'wiped' } });
    });

    it('an operation with any part that is not given, if told to', async () => {
      await serve({ unauthorized: 'refuse' });
      const { status, body } = await send(someone, '{ motto me { email } }');
      expect([status, codesOf(body)]).toEqual([403, [denied]]);
      expect(graph.asked).toBe('');
      const skipped = '{ motto me { id email @skip(if: true) } }';
      expect((await send(someone, skipped)).status).toBe(200);
    });

    it('clients without a token, unless told otherwise', async () => {
      await serve({ anonymous: false });
      expect((await send('nobody', '{ motto }')).status).toBe(401);
      expect((await send('nobody', '{ __typename }')).status).toBe(200);
    });

    it('a supergraph that is protected by what it does not know', async () => {
      await serve();
      const unknown = graph
        .supergraph()
        .replace(
          'schema @link',
          'schema @link(url: "https://specs.example.org/vault/v1.0", for: SECURITY) @link',
        );
      await expect(router.graph.change(unknown)).rejects.toMatchObject({ code: 'SUPERGRAPH_REFUSED' });
    });
  });

  it('asks policies of others, which may wait, refuse or fail', async () => {
    await serve({
      policies: {
        vip: ({ caller }) => Promise.resolve({ allowed: caller?.subject === 'hospital-a/dr-test' }),
        member: ({ operation }) => ({ allowed: operation.type === OperationTypeNode.QUERY }),
        unheard: () => Promise.reject(new Error('password=hunter2')),
      },
    });
    expect((await send(someone, '{ me { badge } }')).body).toEqual({ data: { me: { badge: 'gold' } } });
    const failed = await send(someone, '{ me { unheard } }');
    expect([failed.status, codesOf(failed.body)]).toEqual([500, ['INTERNAL_SERVER_ERROR']]);
    expect(JSON.stringify(failed.body)).not.toContain('hunter2');
  });

  describe('of streams', () => {
    let client: Client;

    const connect = async (claims: Claims): Promise<void> => {
      const authorization = await authorizationOf(claims);
      client = createClient({
        url: router.wsUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization },
      });
    };
    const received: FormattedExecutionResult[] = [];
    const listen = async (query: string): Promise<void> => {
      received.length = 0;
      for await (const { data, errors } of client.iterate({ query })) received.push({ data, errors });
    };
    afterEach(() => client.dispose());

    it('withholds fields of every event', async () => {
      await serve();
      await connect(someone);
      const done = listen('subscription { moved { id email badge } }');
      await until(() => graph.moved.subscribers === 1);
      graph.moved.publish({ id: '4' });
      await until(() => received.length === 1);
      expect(received[0]).toMatchObject({ data: { moved: { id: '4', email: null, badge: null } } });
      expect(received[0]?.errors?.map(({ extensions }) => extensions?.code)).toEqual([
        denied,
        'STEP_UP_REQUIRED',
      ]);
      await client.dispose();
      await done;
    });

    it.each([
      ['moved', 'nobody', 'UNAUTHENTICATED'],
      ['sealedMoved', someone, 'STEP_UP_REQUIRED'],
    ] as const)('refuses to begin %s', async (field, claims, code) => {
      await serve();
      await connect(claims);
      await expect(listen(`subscription { ${field} { id } }`)).rejects.toMatchObject([
        { extensions: { code } },
      ]);
      expect(graph.moved.subscribers).toBe(0);
    });

    it('refuses over server-sent events with a status and a challenge', async () => {
      await serve();
      await connect(someone);
      const response = await fetch(`${router.url}/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: await tokens.issue(300, someone) },
        body: JSON.stringify({ query: 'subscription { sealedMoved { id } }' }),
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'STEP_UP_REQUIRED' } }] });
    });

    it('ends one at the event after what allowed it has aged', async () => {
      await serve({ stepUpMaxAgeSeconds: 2 });
      await connect({ ...mfa, auth_time: seconds() });
      const began = Date.now();
      const done = listen('subscription { sealedMoved { id } }');
      await until(() => graph.moved.subscribers === 1);
      graph.moved.publish({ id: '1' });
      await until(() => received.length === 1);
      await until(() => Date.now() - began > 2_100);
      graph.moved.publish({ id: '2' });
      await done;
      expect(received).toMatchObject([
        { data: { sealedMoved: { id: '1' } } },
        { errors: [{ extensions: { code: 'STEP_UP_REQUIRED', acrValues: [mfaContext] } }] },
      ]);
    });

    it('ends those that a new graph no longer allows as they are, and only those', async () => {
      await serve();
      await connect(someone);
      const done = listen('subscription { moved { id name } }');
      await until(() => graph.moved.subscribers === 1);
      await router.graph.change(graph.tightened('motto: String', '@authenticated'));
      graph.moved.publish({ id: '1' });
      await until(() => received.length === 1);
      await router.graph.change(graph.tightened('name: String', '@requiresScopes(scopes: [["names"]])'));
      await done;
      expect(received).toMatchObject([
        { data: { moved: { id: '1', name: 'P1' } } },
        { errors: [{ extensions: { code: 'SCHEMA_CHANGED' } }] },
      ]);
    });
  });
});
