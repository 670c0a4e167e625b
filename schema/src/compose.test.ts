import { expect, test } from '@jest/globals';
import { buildSchema, isObjectType, parse } from 'graphql';
import { composedFiles, staleFiles } from './compose.js';
import { compose, placeholderUrl } from './composition.js';

const files = await composedFiles();
const subgraphs = new Map(
  [...files].flatMap(([file, sdl]): [string, string][] => {
    const name = /^subgraphs\/(\w+)\.graphql$/.exec(file)?.[1];
    return name === undefined ? [] : [[name, sdl]];
  }),
);

test('what is checked in is what the subgraphs compose to', async () => {
  expect(await staleFiles(files)).toEqual([]);
  expect([...subgraphs.keys()]).toEqual(['claims', 'consent', 'dapps', 'patients', 'records']);
});

test('a file that differs is stale', async () => {
  expect(await staleFiles(new Map([['supergraph.graphql', 'type Query { other: Int }']]))).toEqual([
    'supergraph.graphql',
  ]);
});

test('every subgraph has its placeholder address in the supergraph', () => {
  const supergraph = files.get('supergraph.graphql') ?? '';
  for (const name of subgraphs.keys())
    expect(supergraph).toContain(`@join__graph(name: "${name}", url: "${placeholderUrl(name)}")`);
});

test('entities meet: a patient has fields of all subgraphs that know it', () => {
  const supergraph = buildSchema(files.get('supergraph.graphql') ?? '', { assumeValid: true });
  const patient = supergraph.getType('Patient');
  if (!isObjectType(patient)) throw new Error('Patient is no object type');
  expect(Object.keys(patient.getFields())).toEqual(
    expect.arrayContaining([
      'id',
      'active',
      'name',
      'entries',
      'consents',
      'openings',
      'claims',
      'coverages',
    ]),
  );
});

test('every type, field and argument says what it is', () => {
  const undocumented: string[] = [];
  for (const [name, sdl] of subgraphs) {
    for (const definition of parse(sdl).definitions) {
      if (!('fields' in definition) || !('name' in definition)) continue;
      for (const field of definition.fields ?? []) {
        const place = `${name}: ${definition.name.value}.${field.name.value}`;
        if ((field.description?.value ?? '') === '') undocumented.push(place);
        if ('arguments' in field)
          for (const argument of field.arguments ?? [])
            if ((argument.description?.value ?? '') === '')
              undocumented.push(`${place}(${argument.name.value}:)`);
      }
    }
  }
  expect(undocumented).toEqual([]);
});

test('subgraphs that do not fit are refused with every problem', () => {
  const broken = new Map(subgraphs);
  broken.set(
    'records',
    (subgraphs.get('records') ?? '')
      .replace('value: Decimal', 'value: Int')
      .replace('size: Int!', 'size: Missing!'),
  );
  expect(() => compose(broken)).toThrow(/do not compose:\n- .*Missing/);
});
