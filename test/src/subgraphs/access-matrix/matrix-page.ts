/** The matrix as a page of the documentation. */
import { type Operation } from './operations.js';

/** What a cell says. */
export const shown = 'yes';
export const nothing = '–';

const kinds = {
  query: 'Queries',
  reference: 'References from other subgraphs',
  mutation: 'Mutations',
  subscription: 'Subscriptions',
} as const;

/** The page; rows in the order of the operations. */
export function matrixPage(
  callers: readonly string[],
  operations: readonly Operation[],
  matrix: ReadonlyMap<string, ReadonlyMap<string, string>>,
): string {
  const sections = (['query', 'reference', 'mutation'] as const).map((kind) => {
    const rows = operations
      .filter((operation) => operation.kind === kind)
      .map(({ name }) => [
        `\`${name}\``,
        ...callers.map((caller) => cellOf(matrix.get(name)?.get(caller) ?? '')),
      ]);
    return `## ${kinds[kind]}\n\n${table(['', ...callers], rows)}`;
  });
  const streams = operations.filter(({ kind }) => kind === 'subscription').map(({ name }) => `\`${name}\``);
  return `# The access matrix

Who is let in, on every way into the graph: each root field and each reference to an entity, asked by each kind of caller about one
patient. That patient lets hospital-a store; insurer-a has a consent to one entry, a policy and a claim; hospital-b has broken the
glass; the regulator keeps keys for emergencies; a device of hospital-b may write. Written by \`test/src/subgraphs/access-matrix\`, which fails when an answer differs
or a way in has no row.

\`${shown}\`: answered. \`${nothing}\`: as if nothing were there. A code: refused with it.

${sections.join('\n\n')}

## ${kinds.subscription}

${streams.join(', ')}: whom an event is told is asked of the same policy when it is delivered, in \`test/src/system/access.test.ts\`
and \`test/src/subgraphs/access-story.test.ts\`.
`;
}

const cellOf = (outcome: string): string => (/^[A-Z_]+$/.test(outcome) ? `\`${outcome}\`` : outcome);

/** As Prettier writes it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
