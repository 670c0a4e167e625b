import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type TokenVerifier } from '@medigraph/platform/identity';
import { startRouter } from '@medigraph/router';
import { Clinic } from '@medigraph/router/testing';
import { type Figure } from './figure.js';
import { alternate, measure } from './measure.js';

const connections = 32;
const query = '{ claims(first: 20) { id status patient { name home { name } } } }';

interface Answer {
  readonly data: Record<string, Record<string, unknown>[]>;
}

/** Posts JSON on kept connections, as cheaply as Node can. */
function poster(agent: Agent): (url: string, body: object, authorization: string) => Promise<Answer> {
  return (url, body, authorization) =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        authorization,
      };
      const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Answer));
      });
      request.on('error', reject);
      request.end(text);
    });
}

/** A server written by hand for this one query: the same three calls, nothing checked but the token. */
async function handWritten(
  clinic: Clinic,
  verifier: TokenVerifier,
): Promise<{ server: Server; url: string }> {
  const post = poster(new Agent({ keepAlive: true, maxSockets: 128 }));
  const { claims, patients, institutions } = clinic;
  const entities = async (url: string, keys: object[], fields: string, authorization: string) => {
    const text = `query($r: [_Any!]!) { _entities(representations: $r) { ${fields} } }`;
    return (await post(url, { query: text, variables: { r: keys } }, authorization)).data._entities ?? [];
  };
  const answer = async (authorization: string): Promise<object> => {
    await verifier.verify(authorization.slice('Bearer '.length));
    const first = { query: '{ claims(first: 20) { id status patient { __typename id } } }' };
    const found = (await post(claims.url, first, authorization)).data.claims ?? [];
    const ids = [...new Set(found.map(({ patient }) => (patient as { id: string }).id))];
    const people = await entities(
      patients.url,
      ids.map((id) => ({ __typename: 'Patient', id })),
      '... on Patient { name home { __typename id } }',
      authorization,
    );
    const homes = [...new Set(people.map(({ home }) => (home as { id: string }).id))];
    const names = await entities(
      institutions.url,
      homes.map((id) => ({ __typename: 'Institution', id })),
      '... on Institution { name }',
      authorization,
    );
    const patientOf = (id: string): object => {
      const person = people[ids.indexOf(id)];
      return { name: person?.name, home: names[homes.indexOf((person?.home as { id: string }).id)] };
    };
    return {
      data: {
        claims: found.map(({ id, status, patient }) => ({
          id,
          status,
          patient: patientOf((patient as { id: string }).id),
        })),
      },
    };
  };
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      void answer(request.headers.authorization ?? '').then((result) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(result));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

/**
 * A query over entities of three subgraphs (20 claims, 32 connections), through the router and through a server written by
 * hand that makes the same calls. Both share a process with the subgraphs and the client, whose work falls on both alike, so the
 * ratio flatters the router; it is the one to watch from run to run.
 */
export async function runRouterBench({ quick }: { quick: boolean }): Promise<Figure[]> {
  const clinic = await new Clinic().start();
  const expiresAt = Date.now() / 1000 + 3_600;
  const verifier: TokenVerifier = {
    verify: () =>
      Promise.resolve({
        subject: 'bench',
        role: 'insurer',
        mspId: 'InsurerAMSP',
        scopes: new Set(),
        expiresAt,
      }),
  };
  const router = await startRouter({ supergraph: clinic.supergraph, subgraphs: clinic.endpoints, verifier });
  const peer = await handWritten(clinic, verifier);
  const post = poster(new Agent({ keepAlive: true, maxSockets: connections }));
  const total = quick ? 300 : 3_000;
  const ask = (url: string) => () => post(url, { query }, 'Bearer bench');
  try {
    const [routed, written] = await Promise.all([ask(router.url)(), ask(peer.url)()]);
    if (JSON.stringify(routed) !== JSON.stringify(written)) throw new Error('The two answers differ.');
    const round = (url: string) => () => measure(total, connections, ask(url));
    await alternate(1, round(router.url), round(peer.url));
    const measured = await alternate(quick ? 3 : 5, round(router.url), round(peer.url));
    return [
      {
        bench: 'router',
        figure: 'three-hop',
        value: measured.ours.throughput,
        unit: 'requests/s',
        peer: 'hand-written on node:http',
        ratio: measured.ours.throughput / measured.peer.throughput,
        n: total,
      },
      {
        bench: 'router',
        figure: 'three-hop-p99',
        value: measured.ours.p99,
        unit: 'ms',
        peer: 'hand-written on node:http',
        ratio: measured.peer.p99 / measured.ours.p99,
        n: total,
      },
    ];
  } finally {
    await router.close(1_000);
    peer.server.close();
    peer.server.closeAllConnections();
    await clinic.stop();
  }
}
