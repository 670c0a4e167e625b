import { describe, expect, test } from '@jest/globals';
import { SourceMap } from 'node:module';
import { documentSource } from './documented-source.js';

const imports =
  "import { DataType, Evaluation, Param, Property, Returns, Transaction } from '@medigraph/dapp';\n";

function documented(text: string): string {
  const result = documentSource('/dapp/src/index.ts', text);
  if ('problems' in result) throw new Error(result.problems.map((each) => each.text).join('\n'));
  return result.text;
}

const problemsOf = (text: string) => {
  const result = documentSource('/dapp/src/index.ts', text);
  return 'problems' in result ? result.problems : [];
};

/** What the property of a type is said to be by a comment. */
const said = (comment: string, decorator = '@Property()'): string =>
  documented(`${imports}/** A. */\n@DataType()\nclass A {\n${comment}\n${decorator}\na!: string;\n}\n`)
    .split('\n')
    .find((line) => line.startsWith('@Property')) ?? '';

test('comments are put into the decorators below them, on the lines where these are', () => {
  const text = `${imports}
/** A time that can be booked. */
@DataType()
export class Slot {
  /** In minutes. */
  @Property({ type: 'integer' })
  duration!: number;
}

export class Slots {
  /**
   * Books a free time.
   *
   * @remarks
   * Once only.
   *
   * @param slotId - Of the slot.
   * @returns the slot, now booked.
   * @throws SLOT_TAKEN
   */
  @Transaction()
  @Returns(Slot)
  book(ctx: Context, @Param('slot') slotId: string, @Param('note', 'Says its own.', { maxLength: 9 }) note: string) {}

  /** @returns all of them. */
  @Evaluation()
  @Returns([Slot])
  all() {}
}
`;
  const expected = text
    .replace('@DataType()', '@DataType("A time that can be booked.")')
    .replace('@Property({', '@Property("In minutes.", {')
    .replace('@Transaction()', '@Transaction("Books a free time.\\n\\nOnce only.")')
    .replace('@Returns(Slot)', '@Returns(Slot, "the slot, now booked.")')
    .replace("@Param('slot')", '@Param(\'slot\', "Of the slot.")')
    .replace('@Evaluation()', '@Evaluation("all of them.")');
  expect(documented(text)).toBe(expected);
  expect(documented(text)).toBe(documented(text));
});

test('decorators are known under whatever name they are imported', () => {
  const text = `import * as kit from '@medigraph/dapp';
import { Property as P, type DAppContext } from '@medigraph/dapp';
import { Property } from './own.js';
/** A. */
@kit.DataType()
class A {
  /** First. */
  @P() a!: string;
  /** Somebody else's. */
  @Property() b!: string;
  /** Not a call. */
  @P c!: string;
}
`;
  expect(documented(text)).toBe(
    text.replace('DataType()', 'DataType("A.")').replace('@P() a', '@P("First.") a'),
  );
});

describe('a decorator that has a text of its own', () => {
  test.each([
    ["@Property('Own.')"],
    ['@Property(`Own.`)'],
    ["@Property('Own.', { optional: true })"],
    ['@Property(`Own ${name}.`)'],
  ])('%s keeps it', (decorator) => {
    expect(said('/** Of the comment. */', decorator)).toBe(decorator);
  });

  test('whose value is known when it runs gets that of the comment before its own', () => {
    expect(said('/** Of the comment. */', '@Property(own)')).toBe('@Property("Of the comment.", own)');
    expect(said('', '@Property(own)')).toBe('@Property(own)');
  });
});

describe('Markdown is made of', () => {
  test.each([
    ['a sentence on two lines', '/**\n * One\n * sentence.\n */', 'One sentence.'],
    [
      'lines that end as on Windows',
      '/**\r\n * One\r\n * sentence.\r\n *\r\n * Two.\r\n */',
      'One sentence.\n\nTwo.',
    ],
    [
      'a list',
      '/**\n * Either\n * - one\n *   of these\n * - `b`\n * 1. two\n */',
      'Either\n- one of these\n- `b`\n1. two',
    ],
    [
      'links',
      '/** {@link Slot.start}, {@link Slot | a slot}, {@link https://a.b/c}, {@link https://a.b | it}. */',
      '`Slot.start`, a slot, <https://a.b/c>, [it](https://a.b).',
    ],
    ['a link that runs something', '/** {@link javascript:alert(1) | here} */', 'javascript:alert(1) | here'],
    ['code with quotes', '/** `"a" + \'b\'` and ${c} */', '`"a" + \'b\'` and ${c}'],
    ['what looks like the end of a comment', '/** a *\\/ b */', 'a */ b'],
    ['separators that end lines', '/** a\u2028b\u2029c */', 'a\u2028b\u2029c'],
    [
      'what no tag is',
      '/** mail a@b.c, {not a tag}, a < b, @nothing more */',
      'mail a@b.c, {not a tag}, a < b, @nothing more',
    ],
    [
      'fenced code',
      '/**\n * Like:\n * ```json\n * { "a": 1 }\n * ```\n */',
      'Like:\n\n```json\n{ "a": 1 }\n```',
    ],
    [
      'what is for readers of the graph',
      '/**\n * Public.\n * @privateRemarks\n * Not for everybody.\n * @example\n * code\n */',
      'Public.',
    ],
    ['the comment that is next', '/** Another. */\n// in between\n/** This. */\n// and', 'This.'],
  ])('%s', (_what, comment, expected) => {
    const decorator = said(comment);
    expect(decorator).toMatch(/^@Property\(".*"\)$/);
    expect(JSON.parse(decorator.slice('@Property('.length, -1))).toBe(expected);
  });
});

test('what is deprecated says why', () => {
  expect(said('/**\n * A.\n * @deprecated Use b.\n */')).toBe('@Property("A.", { deprecated: "Use b." })');
  expect(said('/** @deprecated */', "@Property('A.')")).toBe(
    '@Property({ deprecated: "No longer supported" }, \'A.\')',
  );
  expect(documented(`${imports}/**\n * A.\n * @deprecated Use B.\n */\n@DataType() class A {}`)).toContain(
    '@DataType("A.\\n\\nDeprecated: Use B.") class A',
  );
});

describe('told with its place is', () => {
  test.each([
    ['no comment', '', "A.a has no description: write a comment /** … */ above it, or @Property('…')"],
    ['an empty one', '/** */', 'A.a has no description'],
    ['one of another kind', '/* A. */', 'A.a has no description'],
    ['one that is for others', '/** A. @internal */', 'A.a has a comment that is @internal, and no other'],
    ['one that is taken from elsewhere', '/** {@inheritDoc B.a} */', 'A.a has no description'],
    ['too long a description', `/** ${'a '.repeat(501)} */`, 'A.a has 1001 characters; 1000 at most'],
    ['too long a comment', `/** ${'a '.repeat(10_001)} */`, 'A.a has 20009 characters; 20000 at most'],
  ])('%s', (_what, comment, message) => {
    const lines = comment === '' ? 0 : 1;
    const [problem, ...others] = problemsOf(
      `${imports}/** A. */\n@DataType()\nclass A {\n${comment}${'\n'.repeat(lines)}  @Property({ optional: true })\n  a!: string;\n}`,
    );
    expect(others).toEqual([]);
    expect(problem?.text).toContain(message);
    expect(problem).toMatchObject(
      message.includes('20000') ? { line: 5, column: 0 } : { line: 5 + lines, column: 3 },
    );
  });

  test('each parameter that nothing is said of', () => {
    const text = `${imports}const rules = { maxLength: 9 } as const;
class A {
  /**
   * Does it.
   * @param other - Is none.
   */
  @Transaction()
  act(ctx: Context, @Param('one') first: string, @Param('two', rules) second: string, @Param('three', said) third: string) {}
}`;
    expect(problemsOf(text).map((each) => each.text)).toEqual([
      "A.act, first has no description: write @param in the comment above the transaction, or @Param(…, '…')",
      "A.act, second has no description: write @param in the comment above the transaction, or @Param(…, '…')",
    ]);
  });
});

test('the source map leads back to what was written', () => {
  const text = `${imports}/** A. */\n@DataType() class A { boom() { throw new Error('no'); } }\n`;
  const result = documentSource('/dapp/src/index.ts', text);
  if ('problems' in result) throw new Error('it has none');
  const [, , line = ''] = result.text.split('\n');
  const [, , written = ''] = text.split('\n');
  const column = line.indexOf('throw');
  expect(column).toBeGreaterThan(written.indexOf('throw'));
  const map = new SourceMap(JSON.parse(result.map()) as ConstructorParameters<typeof SourceMap>[0]);
  expect(map.findEntry(2, column)).toMatchObject({
    originalLine: 2,
    originalColumn: written.indexOf('throw'),
    originalSource: '/dapp/src/index.ts',
  });
});

test('a source that is none is left to the compiler', () => {
  expect(() => documentSource('/dapp/src/index.ts', `${imports}class { @Property( /** `)).not.toThrow();
});
