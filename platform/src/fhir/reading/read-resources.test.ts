import { PlatformError } from '../../errors/index.js';
import { FhirInvalidError } from '../errors.js';
import { maxResourceBytes } from '../validate-resource.js';
import { maxEnvelopeBytes } from './bundle-slices.js';
import { ImportUnreadableError } from './errors.js';
import { type ImportFormat, type ReadEntry, readResources } from './read-resources.js';

const patient = { resourceType: 'Patient', id: 'p', name: [{ text: 'Zoë "the \\ great" [{,}] 漢字' }] };
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(
  document: string | Uint8Array,
  format: ImportFormat,
  size = 1 << 16,
): Promise<ReadEntry[]> {
  const bytes = typeof document === 'string' ? new TextEncoder().encode(document) : document;
  const entries: ReadEntry[] = [];
  for await (const entry of readResources(inChunks(bytes, size), format)) entries.push(entry);
  return entries;
}

const bundleOf = (...entry: object[]) =>
  JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }, undefined, 1);

describe('a bundle', () => {
  const document = bundleOf(
    { fullUrl: 'urn:uuid:1', resource: patient, request: { method: 'POST', url: 'Patient' } },
    { resource: { ...observation, component: [{ code: {} }, { code: { text: ',]}' } }] } },
  );

  test.each([1, 2, 3, 7, 64, 1 << 16])('is read in chunks of %d bytes', async (size) => {
    expect(await read(document, 'bundle', size)).toEqual([
      { location: 'Bundle.entry[0]', fullUrl: 'urn:uuid:1', resource: patient },
      {
        location: 'Bundle.entry[1]',
        fullUrl: undefined,
        resource: { ...observation, component: [{ code: {} }, { code: { text: ',]}' } }] },
      },
    ]);
  });

  test('without entries has none', async () => {
    expect(await read('{"resourceType":"Bundle","type":"collection"}', 'bundle')).toEqual([]);
    expect(await read(bundleOf(), 'bundle')).toEqual([]);
  });

  test('may have a list called entry elsewhere', async () => {
    const text = `{"resourceType":"Bundle","type":"batch","extension":[{"url":"x","entry":[{}]}],"entry":[{"resource":{}}]}`;
    expect(await read(text, 'bundle')).toEqual([{ location: 'Bundle.entry[0]', resource: {} }]);
  });

  test.each<[string, string | Uint8Array]>([
    ['is empty', ''],
    ['is no JSON', 'resourceType: Bundle'],
    ['is a list', '[{"resourceType":"Bundle"}]'],
    ['is cut off in its entries', document.slice(0, -40)],
    ['is cut off at its end', document.slice(0, -1)],
    ['goes on after its end', `${document}{}`],
    [
      'is no bundle',
      '{"resourceType":"List","status":"current","mode":"working","entry":[{"item":{"display":"x"}}]}',
    ],
    ['is a history', '{"resourceType":"Bundle","type":"history","entry":[]}'],
    [
      'says only after its entries what it is',
      '{"resourceType":"Bundle","entry":[{"resource":{}}],"type":"collection"}',
    ],
    ['has its entries twice', '{"resourceType":"Bundle","type":"batch","entry":[{}],"entry":[{}]}'],
    ['has its type twice', '{"resourceType":"Bundle","type":"batch","type":"collection","entry":[]}'],
    ['has entries that are no objects', '{"resourceType":"Bundle","type":"batch","entry":[1]}'],
    ['has no list of entries', '{"resourceType":"Bundle","type":"batch","entry":{}}'],
    [
      'is not UTF-8',
      Buffer.from('{"resourceType":"Bundle","type":"batch","id":"\u00ff","entry":[]}', 'latin1'),
    ],
    [
      'is large beside its entries',
      `{"resourceType":"Bundle","id":"${'x'.repeat(maxEnvelopeBytes)}","type":"batch","entry":[]}`,
    ],
    ['is nothing but depth', '{"a":'.repeat(600_000)],
  ])('that %s is refused as a whole', async (_what, text) => {
    await expect(read(text, 'bundle')).rejects.toThrow(ImportUnreadableError);
  });

  test('tells what is wrong with an entry in its place, and reads on', async () => {
    const large = { resource: { ...observation, note: [{ text: 'x'.repeat(2 * maxResourceBytes) }] } };
    const entries = await read(
      bundleOf(
        { resource: patient },
        { fullUrl: 'x' },
        { request: { method: 'DELETE', url: 'x' }, resource: {} },
        { resource: patient, mood: 1 },
        large,
        { resource: patient },
      ),
      'bundle',
    );
    expect(entries.map(faultOf)).toEqual([
      undefined,
      'Bundle.entry[1].resource',
      'Bundle.entry[2].request.method',
      'Bundle.entry[3].mood',
      'FHIR_TOO_LARGE',
      undefined,
    ]);
  });

  test('a member twice is named', async () => {
    const [entry] = await read(
      '{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"a":{"b":1,"b":2}}}]}',
      'bundle',
    );
    expect(faultOf(entry)).toBe('Bundle.entry[0].resource.a.b');
  });
});

function faultOf(entry: ReadEntry | undefined): string | undefined {
  const error = entry?.error;
  return error instanceof FhirInvalidError
    ? error.issues[0]?.path
    : error instanceof PlatformError
      ? error.code
      : undefined;
}

describe('NDJSON', () => {
  test.each([1, 5, 1 << 16])('is read in chunks of %d bytes', async (size) => {
    const text = `${JSON.stringify(patient)}\r\n\n${JSON.stringify(observation)}`;
    expect(await read(text, 'ndjson', size)).toEqual([
      { location: 'line 1', resource: patient },
      { location: 'line 3', resource: observation },
    ]);
  });

  test('tells what is wrong with a line, and reads on', async () => {
    const lines = [
      JSON.stringify(patient),
      '{"resourceType":',
      '{"a":1,"a":1}',
      'x'.repeat(maxResourceBytes + 1),
      '{}',
    ];
    const entries = await read(lines.join('\n'), 'ndjson');
    expect(entries.map(({ location }) => location)).toEqual([
      'line 1',
      'line 2',
      'line 3',
      'line 4',
      'line 5',
    ]);
    expect(entries.map(faultOf)).toEqual([undefined, 'Resource', 'Resource.a', 'FHIR_TOO_LARGE', undefined]);
  });
});

test.each<[string, ImportFormat, string, string]>([
  ['a line without an end', 'ndjson', '', 'x'],
  [
    'an entry without an end',
    'bundle',
    '{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"a":"',
    'x',
  ],
  [
    'entries without an end',
    'bundle',
    '{"resourceType":"Bundle","type":"batch","entry":[',
    `{"resource":{"a":"${'x'.repeat(20_000)}"}},`,
  ],
])(
  '%s takes no more memory as it goes on',
  async (_what, format, begin, repeated) => {
    const chunk = Buffer.from(repeated.repeat(Math.ceil((1 << 16) / repeated.length)));
    const rounds = Math.ceil((128 << 20) / chunk.length);
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(begin));
      for (let round = 0; round < rounds; round++) yield chunk;
    }
    const before = process.memoryUsage.rss();
    let most = before;
    const reading = async () => {
      let count = 0;
      for await (const _entry of readResources(endless(), format)) {
        if (count++ % 1000 === 0) most = Math.max(most, process.memoryUsage.rss());
      }
      return count;
    };
    await reading().catch((error: unknown) => expect(error).toBeInstanceOf(ImportUnreadableError));
    expect(Math.max(most, process.memoryUsage.rss()) - before).toBeLessThan(96 << 20);
  },
  120_000,
);
