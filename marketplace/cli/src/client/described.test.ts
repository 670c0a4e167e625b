import { expect, test } from '@jest/globals';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { buildSchema } from 'graphql';
import { dappSchemaOf } from './dapp-schema.js';
import { generateClient } from './generate-client.js';
import { referenceOf } from './reference.js';

const schema = dappSchemaOf(
  buildSchema(`
    type Query {
      """
      Reads */ it.

      As it was kept.
      """
      notes_read: Notes_Note @deprecated(reason: "Use all.")
    }
    type Notes_Note {
      """Its words."""
      words: String @deprecated(reason: "It has a text.")
    }
  `),
  'notes',
);

test('what is deprecated is so in the client', () => {
  const client = generateClient(schema);
  expect(client).toContain('  /** Reads *\\/ it. As it was kept. @deprecated Use all. */\n  async read(');
  expect(client).toContain('  /** Its words. @deprecated It has a text. */\n  readonly words');
});

test('what is deprecated is so in the reference', () => {
  const manifest = {
    id: 'notes',
    name: 'Notes',
    version: '1.0.0',
    summary: 'Notes.',
    scopes: { required: [], optional: [] },
  } as unknown as DAppManifest;
  const reference = referenceOf(manifest, schema);
  expect(reference).toContain('### notes_read\n\nReads */ it.\n\nAs it was kept.\n\nDeprecated: Use all.\n');
  expect(reference).toContain('| `words` | `String` | Its words. Deprecated: It has a text. |');
});
