/** From subgraphs to the supergraph. */
import {
  compositionHasErrors,
  composeServices,
  type CompositionSuccess,
} from '@theguild/federation-composition';
import { parse } from 'graphql';
import { readdir, readFile } from 'node:fs/promises';

const extension = '.graphql';

/** Where a subgraph is until the router is told: the name is what counts, the host never resolves. */
export const placeholderUrl = (name: string): string => `http://${name}.subgraph.invalid/graphql`;

/**
 * The supergraph of these subgraphs; the same text for the same subgraphs.
 * @throws Error naming every problem of composition.
 */
export const compose = (subgraphs: ReadonlyMap<string, string>): string =>
  `${composed(subgraphs).supergraphSdl.trim()}\n`;

/**
 * The schema that clients see of these subgraphs, without anything of federation (SDL).
 * @throws Error naming every problem of composition.
 */
export const clientSchema = (subgraphs: ReadonlyMap<string, string>): string => composed(subgraphs).publicSdl;

function composed(subgraphs: ReadonlyMap<string, string>): CompositionSuccess {
  const result = composeServices(
    [...subgraphs].map(([name, sdl]) => ({ name, url: placeholderUrl(name), typeDefs: parse(sdl) })),
  );
  if (compositionHasErrors(result))
    throw new Error(
      `The subgraphs do not compose:\n${result.errors.map(({ message }) => `- ${message}`).join('\n')}`,
    );
  return result;
}

/** Subgraph name to SDL, of the subgraphs that the supergraph of the core is composed of. */
export async function coreSubgraphs(): Promise<ReadonlyMap<string, string>> {
  const folder = new URL('../subgraphs/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  const read = names.map(async (name): Promise<[string, string]> => [
    name.slice(0, -extension.length),
    await readFile(new URL(name, folder), 'utf8'),
  ]);
  return new Map(await Promise.all(read));
}
