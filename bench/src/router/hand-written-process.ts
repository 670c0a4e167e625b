/** A server written by hand for the one query of the bench: the same three calls, nothing checked but the token. */
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { told } from '../part.js';
import { poster } from '../poster.js';
import { anyToken } from './any-token.js';

type Row = Readonly<Record<string, unknown>>;
type Answer = Readonly<{ data: Readonly<Record<string, readonly Row[]>> }>;
interface Reference {
  readonly id: string;
}

const { claims, patients, institutions } = JSON.parse(told('BENCH_ENDPOINTS')) as Record<
  'claims' | 'patients' | 'institutions',
  { readonly url: string }
>;
const post = poster(new Agent({ keepAlive: true, maxSockets: 128 }));

async function ask(url: string, body: object, authorization: string): Promise<Answer['data']> {
  return (JSON.parse(await post(url, JSON.stringify(body), authorization)) as Answer).data;
}

async function entities(
  url: string,
  typename: string,
  ids: readonly string[],
  fields: string,
  authorization: string,
): Promise<readonly Row[]> {
  const query = `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${fields} } } }`;
  const r = ids.map((id) => ({ __typename: typename, id }));
  return (await ask(url, { query, variables: { r } }, authorization))['_entities'] ?? [];
}

const distinct = (references: readonly unknown[]): string[] => [
  ...new Set(references.map((reference) => (reference as Reference).id)),
];

async function answer(authorization: string): Promise<object> {
  await anyToken.verify(authorization.slice('Bearer '.length));
  const query = '{ claims(first: 20) { id status patient { __typename id } } }';
  const found = (await ask(claims.url, { query }, authorization))['claims'] ?? [];
  const ids = distinct(found.map(({ patient }) => patient));
  const people = await entities(patients.url, 'Patient', ids, 'name home { __typename id }', authorization);
  const homes = distinct(people.map(({ home }) => home));
  const names = await entities(institutions.url, 'Institution', homes, 'name', authorization);
  const patientOf = ({ id }: Reference): object => {
    const person = people[ids.indexOf(id)];
    return { name: person?.['name'], home: names[homes.indexOf((person?.['home'] as Reference).id)] };
  };
  return {
    data: {
      claims: found.map(({ id, status, patient }) => ({
        id,
        status,
        patient: patientOf(patient as Reference),
      })),
    },
  };
}

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    void answer(request.headers.authorization ?? '').then((result) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
    });
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` });
