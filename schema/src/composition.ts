/** From subgraphs to the supergraph. */
import { compositionHasErrors, composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

/** Where a subgraph is until the router is told: the name is what counts, the host never resolves. */
export const placeholderUrl = (name: string): string => `http://${name}.subgraph.invalid/graphql`;

/**
 * The supergraph of these subgraphs; the same text for the same subgraphs.
 * @throws Error naming every problem of composition.
 */
export function compose(subgraphs: ReadonlyMap<string, string>): string {
  const result = composeServices(
    [...subgraphs].map(([name, sdl]) => ({ name, url: placeholderUrl(name), typeDefs: parse(sdl) })),
  );
  if (compositionHasErrors(result))
    throw new Error(
      `The subgraphs do not compose:\n${result.errors.map(({ message }) => `- ${message}`).join('\n')}`,
    );
  return `${result.supergraphSdl.trim()}\n`;
}
