import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstQuery } from '@medigraph/launcher';
import { buildSchema, parse, validate, type GraphQLSchema } from 'graphql';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Everything in a page that is a query: blocks of GraphQL, and bodies that commands send. */
function queriesIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query]) => query ?? '');
  const bodies = [...markdown.matchAll(/-d '(\{.*\})'/g)].map(([, body]) => {
    const { query } = JSON.parse(body ?? '') as { query: string };
    return query;
  });
  return [...blocks, ...bodies];
}

async function pages(): Promise<string[]> {
  const docs = await readdir(path.join(root, 'docs'), { recursive: true });
  return ['README.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => path.join('docs', file))];
}

describe('what the documentation says', () => {
  let schema: GraphQLSchema;
  let documented: { page: string; query: string }[];

  beforeAll(async () => {
    // The supergraph without its join directives is the graph that clients see.
    const supergraph = await readFile(path.join(root, 'schema/supergraph.graphql'), 'utf8');
    schema = buildSchema(supergraph, { assumeValidSDL: true });
    const texts = await Promise.all(
      (await pages()).map(async (page) => ({ page, text: await readFile(path.join(root, page), 'utf8') })),
    );
    for (const role of ['patient', 'hospital-a'] as const) {
      texts.push({
        page: 'npm start',
        text: firstQuery('http://127.0.0.1:4000/graphql', '.medigraph', role),
      });
    }
    documented = texts.flatMap(({ page, text }) => queriesIn(text).map((query) => ({ page, query })));
  });

  it('has only queries that the graph answers', () => {
    expect(documented.map(({ page }) => page)).toEqual(expect.arrayContaining(['README.md', 'npm start']));
    for (const { page, query } of documented) {
      const messages = validate(schema, parse(query)).map(({ message }) => message);
      expect({ page, query, messages }).toEqual({ page, query, messages: [] });
    }
  });

  it('names only files that are there', async () => {
    for (const page of await pages()) {
      const text = await readFile(path.join(root, page), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        const target = path.join(root, path.dirname(page), link);
        const found = await readdir(target).catch(() => readFile(target).catch(() => undefined));
        expect({ page, link, exists: found !== undefined }).toEqual({ page, link, exists: true });
      }
    }
  });
});
