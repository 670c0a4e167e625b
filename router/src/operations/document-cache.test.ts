import { buildSchema } from 'graphql';
import { defaultOperationLimits } from './operation-limits.js';
import { DocumentCache } from './document-cache.js';

const sdl = 'type Query { a: A } type A { b: Int }';
const schema = buildSchema(sdl);
const kibibyte = 1024;

/** A document of so many fields, each a token of two characters with the space before it. */
const wide = (name: string, fields: number): string => `query ${name} { a {${' b'.repeat(fields)} } }`;

describe('the cache of documents', () => {
  it('parses and validates a text once', () => {
    const documents = new DocumentCache(defaultOperationLimits);
    const first = documents.get(schema, '{ a { b } }', undefined);
    expect(documents.get(schema, '{ a { b } }', undefined)).toBe(first);
    expect(documents.get(buildSchema(sdl), '{ a { b } }', undefined)).not.toBe(first);
  });

  it('is bounded by what the trees take, not by the length of the texts', () => {
    const documents = new DocumentCache(defaultOperationLimits, { maxBytes: 384 * kibibyte });
    const names = ['one', 'two', 'three'];
    const [first, second, third] = names.map((name) => documents.get(schema, wide(name, 300), undefined));
    expect(documents.get(schema, wide('three', 300), undefined)).toBe(third);
    expect(documents.get(schema, wide('two', 300), undefined)).toBe(second);
    expect(documents.get(schema, wide('one', 300), undefined)).not.toBe(first);
  });

  it('keeps nothing that is larger than all of it', () => {
    const documents = new DocumentCache(defaultOperationLimits, { maxBytes: 64 * kibibyte });
    const small = documents.get(schema, '{ a { b } }', undefined);
    const large = documents.get(schema, wide('large', 300), undefined);
    expect(documents.get(schema, wide('large', 300), undefined)).not.toBe(large);
    expect(documents.get(schema, '{ a { b } }', undefined)).toBe(small);
  });
});
