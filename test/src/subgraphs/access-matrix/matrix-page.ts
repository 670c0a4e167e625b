/** The matrix as a page of the documentation. */
/** A row: an operation of the graph, or a request for a file. */
export interface Row {
  readonly name: string;
  readonly kind: keyof typeof kinds;
}

/** What a cell says. */
export const shown = 'yes';
export const nothing = '–';

const kinds = {
  query: 'Queries',
  reference: 'References from other subgraphs',
  mutation: 'Mutations',
  subscription: 'Subscriptions',
  file: 'Files over HTTP',
} as const;

/** The page; rows in the order of the operations. */
export function matrixPage(
  callers: readonly string[],
  rows: readonly Row[],
  matrix: ReadonlyMap<string, ReadonlyMap<string, string>>,
): string {
  const sections = (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => {
    const cells = rows
      .filter((row) => row.kind === kind)
      .map(({ name }) => [
        `\`${name}\``,
        ...callers.map((caller) => cellOf(matrix.get(name)?.get(caller) ?? '')),
      ]);
    return `## ${kinds[kind]}\n\n${table(['', ...callers], cells)}`;
  });
  return `# The access matrix

Who is let in, on every way into the graph: each root field, each reference to an entity and each request for a file, by each kind of caller, about
one patient. That patient lets hospital-a store; insurer-a has a consent to one entry and a file, a policy and a claim; hospital-b has broken the
glass and is the patient's guardian for recoveries; practitioner works there and has a consent to the entry and the file; researcher has one to observations; the regulator
keeps keys for emergencies; delegate acts in the patient's name; application holds a token of the patient's for \`patient/Observation.rs\`; expired consent is insurer-c, whose
consent has run out; a device of hospital-b may write; insurer-b, operator and another patient are strangers, and so is the
back end of a DApp that the patient has not installed. Written by \`test/src/subgraphs/access-matrix\`, which fails when an answer differs
or a way in has no row.

\`${shown}\`: answered; of a subscription, an event about the patient arrived. \`${nothing}\`: as if nothing were there. A code: refused with it.

${sections.join('\n\n')}
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
