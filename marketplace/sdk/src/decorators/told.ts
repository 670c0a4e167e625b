/**
 * What a decorator is told beside what it must be: a description for whoever reads the graph, rules, or both. Without a
 * description, that of the comment above is put in when the DApp is built.
 */
export type Told<Rules extends object> =
  | readonly []
  | readonly [description: string]
  | readonly [rules: Rules]
  | readonly [description: string, rules: Rules];

/**
 * Takes what was told apart. What a build puts in from a comment stands before what is written, and what is written wins: the last
 * text is the description, the last of each rule counts.
 */
export function understood<Rules extends object>(
  told: readonly (string | Rules)[],
): { readonly description: string | undefined; readonly rules: Rules } {
  const texts = told.filter((one) => typeof one === 'string');
  const rules = told.filter((one) => typeof one !== 'string');
  return { description: texts.at(-1), rules: Object.assign({}, ...rules) as Rules };
}
