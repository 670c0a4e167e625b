import { defaultDataFolder } from './data-folder.js';

/** Queries that answer something for the role that asks. */
const queries = {
  patient:
    '{ me { role patient { id entries(first: 3) { nodes { category date institution { name } } } } } }',
  'hospital-a': '{ institutions(first: 5) { nodes { id name kind } } }',
} as const;

/** A command line that asks the graph something, with a token of its own: to be pasted into a shell. */
export function firstQuery(url: string, data: string, role: keyof typeof queries): string {
  const folder = data === defaultDataFolder ? '' : ` --data '${data}'`;
  const body = JSON.stringify({ query: queries[role] });
  return [
    `  curl -s ${url} \\`,
    `    -H "authorization: Bearer $(npx medigraph token --as ${role}${folder})" \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '${body}'`,
  ].join('\n');
}
